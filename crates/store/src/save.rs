//! Writing a review.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AnyConnection, Connection as _, Row as _};
use vauban_domain::{Digest, Locator, Review, Verdict};

use crate::{
    Store, StoreError, blob,
    connection::Dialect,
    error::classify,
    history::is_gone,
    rows::{Value, clean, insert},
};

/// What became of a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// The review is in the store now.
    New,
    /// A review of this id was there already; nothing was changed.
    AlreadyThere,
}

impl Store {
    /// Saves `review`, its JSON v1 `document` and the bytes of its evidence by digest, all or nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then the store is as it was before.
    pub fn save(
        &mut self,
        review: &Review,
        document: &[u8],
        evidence: &BTreeMap<Digest, Vec<u8>>,
    ) -> Result<Saved, StoreError> {
        let Self { runtime, connection, dialect, place } = self;
        runtime
            .block_on(async {
                let mut transaction = connection.begin_with(Self::begin(*dialect)).await?;
                let saved = write(&mut transaction, *dialect, review, document, evidence).await?;
                transaction.commit().await?;
                Ok(saved)
            })
            .map_err(|error| classify(place, &error))
    }
}

async fn write(
    connection: &mut AnyConnection,
    dialect: Dialect,
    review: &Review,
    document: &[u8],
    evidence: &BTreeMap<Digest, Vec<u8>>,
) -> Result<Saved, sqlx::Error> {
    if dialect == Dialect::Postgres {
        // One writer at a time, as in SQLite: the sequence and the states need to see the review before.
        sqlx::raw_sql("LOCK TABLE reviews IN SHARE ROW EXCLUSIVE MODE").execute(&mut *connection).await?;
    }
    let id = clean(&review.id);
    let there = sqlx::query("SELECT 1 FROM reviews WHERE id = $1")
        .bind(id.clone())
        .fetch_optional(&mut *connection)
        .await?;
    if there.is_some() {
        return Ok(Saved::AlreadyThere);
    }
    sqlx::query(
        "INSERT INTO reviews (id, sequence, subject, cause, taken_at, tool_version, atlas_edition, maestro_edition, seed)
         VALUES ($1, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM reviews), $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(clean(&review.subject))
    .bind(review.trigger.as_str())
    .bind(review.taken_at.to_string())
    .bind(clean(&review.tool_version))
    .bind(clean(&review.atlas_edition))
    .bind(clean(&review.maestro_edition))
    .bind(review.seed.cast_signed())
    .execute(&mut *connection)
    .await?;
    let digest = Digest::of(document);
    blob::keep(connection, digest, document).await?;
    for (digest, bytes) in evidence {
        blob::keep(connection, *digest, bytes).await?;
    }
    sqlx::query("INSERT INTO documents (review, digest) VALUES ($1, $2)")
        .bind(clean(&review.id))
        .bind(digest.to_string())
        .execute(&mut *connection)
        .await?;
    estate(connection, review).await?;
    results(connection, review).await?;
    states(connection, review).await?;
    Ok(Saved::New)
}

/// Assets, their attributes and relations.
async fn estate(connection: &mut AnyConnection, review: &Review) -> Result<(), sqlx::Error> {
    let id = || Value::text(&review.id);
    let assets = review.assets.iter().map(|asset| {
        vec![
            id(),
            Value::text(asset.id.as_str()),
            Value::text(asset.kind.as_str()),
            Value::text(&asset.component),
            Value::text(&asset.name),
            Value::text(asset.layer.id()),
            Value::text(asset.confidence.as_str()),
            Value::maybe_text(asset.locators.first().map(Locator::to_string)),
            Value::maybe_text(asset.digest.map(|digest| digest.to_string())),
            Value::count(asset.size),
            Value::maybe_text(asset.system.as_ref()),
        ]
    });
    const ASSETS: &[&str] = &[
        "review",
        "id",
        "kind",
        "component",
        "name",
        "layer",
        "confidence",
        "place",
        "digest",
        "size",
        "system",
    ];
    insert(connection, "assets", ASSETS, assets.collect()).await?;
    let attributes = review.assets.iter().flat_map(|asset| {
        asset.attributes.iter().map(move |(attribute, value)| {
            vec![id(), Value::text(asset.id.as_str()), Value::text(attribute), Value::text(value)]
        })
    });
    let columns = &["review", "asset", "attribute", "value"];
    insert(connection, "asset_attributes", columns, attributes.collect()).await?;
    let relations = review.relations.iter().map(|relation| {
        vec![
            id(),
            Value::text(relation.from.as_str()),
            Value::text(relation.kind.as_str()),
            Value::text(relation.to.as_str()),
            Value::text(relation.confidence.as_str()),
            Value::text(relation.locator.to_string()),
        ]
    });
    let columns = &["review", "source", "kind", "target", "confidence", "place"];
    insert(connection, "relations", columns, relations.collect()).await
}

/// Findings with their evidence, outcomes, measurements and coverage.
async fn results(connection: &mut AnyConnection, review: &Review) -> Result<(), sqlx::Error> {
    let id = || Value::text(&review.id);
    let findings = review.findings.iter().map(|finding| {
        vec![
            id(),
            Value::text(finding.fingerprint.as_str()),
            Value::text(&finding.rule),
            Value::text(finding.asset.as_str()),
            Value::text(finding.severity.as_str()),
            Value::text(&finding.message),
        ]
    });
    let columns = &["review", "fingerprint", "rule", "asset", "severity", "message"];
    insert(connection, "findings", columns, findings.collect()).await?;

    let evidence = review.findings.iter().flat_map(|finding| {
        finding.evidence.iter().enumerate().map(move |(ordinal, evidence)| {
            vec![
                id(),
                Value::text(finding.fingerprint.as_str()),
                Value::count(Some(ordinal as u64)),
                Value::text(&evidence.key),
                Value::text(&evidence.locator.path),
                Value::maybe_text(evidence.locator.member.as_ref()),
                Value::count(evidence.locator.line.map(u64::from)),
                Value::maybe_text(evidence.locator.key.as_ref()),
                Value::count(evidence.locator.offset),
                Value::text(&evidence.excerpt),
                Value::maybe_text(evidence.observed_at.map(|at| at.to_string())),
            ]
        })
    });
    const EVIDENCE: &[&str] = &[
        "review",
        "fingerprint",
        "ordinal",
        "evidence_key",
        "path",
        "member",
        "line",
        "object_key",
        "byte_offset",
        "excerpt",
        "observed_at",
    ];
    insert(connection, "evidence", EVIDENCE, evidence.collect()).await?;

    let outcomes = review.outcomes.iter().map(|outcome| {
        let reason = match &outcome.verdict {
            Verdict::NotApplicable(why) | Verdict::Skipped(why) | Verdict::Failed(why) => Some(why),
            Verdict::Found(_) | Verdict::Clean => None,
        };
        vec![
            id(),
            Value::text(&outcome.rule),
            Value::text(outcome.asset.as_str()),
            Value::text(outcome.verdict.as_str()),
            Value::maybe_text(reason),
        ]
    });
    let columns = &["review", "rule", "asset", "verdict", "reason"];
    insert(connection, "outcomes", columns, outcomes.collect()).await?;

    let measurements = review.measurements.iter().map(|measurement| {
        vec![
            id(),
            Value::text(&measurement.id),
            Value::text(measurement.asset.as_str()),
            Value::text(&measurement.attack),
            Value::text(&measurement.metric),
            Value::Real(measurement.value),
            Value::Real(measurement.interval.low),
            Value::Real(measurement.interval.high),
            Value::Real(measurement.interval.level),
            Value::count(Some(measurement.trials)),
            Value::count(Some(measurement.queries)),
        ]
    });
    const MEASUREMENTS: &[&str] =
        &["review", "id", "asset", "attack", "metric", "value", "low", "high", "level", "trials", "queries"];
    insert(connection, "measurements", MEASUREMENTS, measurements.collect()).await?;

    let coverage = review.coverage.iter().map(|coverage| {
        vec![
            id(),
            Value::text(coverage.asset.as_str()),
            Value::text(&coverage.technique),
            Value::text(coverage.prevent.rung.as_str()),
            Value::text(coverage.detect.rung.as_str()),
            Value::text(coverage.respond.rung.as_str()),
            Value::text(coverage.tested.rung.as_str()),
        ]
    });
    let columns = &["review", "asset", "technique", "prevent", "detect", "respond", "tested"];
    insert(connection, "coverage", columns, coverage.collect()).await
}

/// Brings the states of the subject's findings up to this review.
async fn states(connection: &mut AnyConnection, review: &Review) -> Result<(), sqlx::Error> {
    let (id, subject, at) = (clean(&review.id), clean(&review.subject), review.taken_at.to_string());
    let now: BTreeSet<&str> = review.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    let known = sqlx::query(
        "SELECT fingerprint, rule, asset FROM finding_states WHERE subject = $1 AND fixed_in IS NULL",
    )
    .bind(subject.clone())
    .fetch_all(&mut *connection)
    .await?;
    let seen = "UPDATE finding_states SET last_review = $1, last_seen = $2, fixed_in = NULL
                WHERE subject = $3 AND fingerprint IN (SELECT fingerprint FROM findings WHERE review = $1)";
    sqlx::query(seen)
        .bind(id.clone())
        .bind(at.clone())
        .bind(subject.clone())
        .execute(&mut *connection)
        .await?;
    for row in &known {
        let (fingerprint, rule, asset): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if !now.contains(fingerprint.as_str()) && is_gone(review, &rule, &asset) {
            sqlx::query("UPDATE finding_states SET fixed_in = $1 WHERE subject = $2 AND fingerprint = $3")
                .bind(id.clone())
                .bind(subject.clone())
                .bind(fingerprint)
                .execute(&mut *connection)
                .await?;
        }
    }
    let first = review.findings.iter().map(|finding| {
        let mut row = vec![
            Value::text(&subject),
            Value::text(finding.fingerprint.as_str()),
            Value::text(&finding.rule),
            Value::text(finding.asset.as_str()),
        ];
        row.extend([&id, &at, &id, &at].map(Value::text));
        row
    });
    const STATES: &[&str] = &[
        "subject",
        "fingerprint",
        "rule",
        "asset",
        "first_review",
        "first_seen",
        "last_review",
        "last_seen",
    ];
    insert(connection, "finding_states", STATES, first.collect()).await
}
