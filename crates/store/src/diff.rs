//! What is different between two saved reviews.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row as _;
use vauban_domain::Timestamp;

use crate::{Store, StoreError, rows::clean};

/// A finding as the tables have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DiffFinding {
    /// Fingerprint.
    pub fingerprint: String,
    /// Id of the rule.
    pub rule: String,
    /// Id of the asset.
    pub asset: String,
    /// Severity in words.
    pub severity: String,
    /// What was wrong.
    pub message: String,
}

/// An asset whose bytes are others now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssetChange {
    /// Id of the asset.
    pub asset: String,
    /// Digest in the earlier review.
    pub before: Option<String>,
    /// Digest in the later review.
    pub after: Option<String>,
}

/// What is different between two reviews; every list is sorted by fingerprint or asset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReviewDiff {
    /// In the later one only.
    pub new: Vec<DiffFinding>,
    /// In both.
    pub still_open: Vec<DiffFinding>,
    /// In the earlier one only, and the later one looked.
    pub fixed: Vec<DiffFinding>,
    /// In the earlier one only, and nobody looked again.
    pub unchecked: Vec<DiffFinding>,
    /// In the later one, and accepted when it was taken.
    pub accepted: Vec<DiffFinding>,
    /// Ids of assets in the later one only.
    pub assets_added: Vec<String>,
    /// Ids of assets in the earlier one only.
    pub assets_removed: Vec<String>,
    /// Assets in both with other bytes.
    pub assets_changed: Vec<AssetChange>,
}

impl Store {
    /// What is different from review `before` to review `after`.
    ///
    /// # Errors
    /// [`StoreError::NoReview`] when there is no such review; others when the database fails.
    pub fn diff(&mut self, before: &str, after: &str) -> Result<ReviewDiff, StoreError> {
        self.taken_at(before)?;
        let now = self.taken_at(after)?;
        let (old, new) = (self.findings_of(before)?, self.findings_of(after)?);
        let (old_assets, new_assets) = (self.assets_of(before)?, self.assets_of(after)?);
        let looked = self.looks_of(after)?;
        let accepted: BTreeSet<String> = self
            .acceptances(now)?
            .into_iter()
            .filter(|acceptance| !acceptance.expired && acceptance.at <= now)
            .map(|acceptance| acceptance.fingerprint.to_string())
            .collect();
        let mut diff = ReviewDiff::default();
        for (fingerprint, finding) in &new {
            let list = if accepted.contains(fingerprint) {
                &mut diff.accepted
            } else if old.contains_key(fingerprint) {
                &mut diff.still_open
            } else {
                &mut diff.new
            };
            list.push(finding.clone());
        }
        for finding in old.into_iter().filter(|(key, _)| !new.contains_key(key)).map(|(_, finding)| finding) {
            let gone = !new_assets.contains_key(&finding.asset)
                || looked.contains(&(finding.rule.clone(), finding.asset.clone()));
            if gone { diff.fixed.push(finding) } else { diff.unchecked.push(finding) }
        }
        for (asset, after) in &new_assets {
            match old_assets.get(asset) {
                None => diff.assets_added.push(asset.clone()),
                Some(before) if before != after => diff.assets_changed.push(AssetChange {
                    asset: asset.clone(),
                    before: before.clone(),
                    after: after.clone(),
                }),
                Some(_) => {}
            }
        }
        diff.assets_removed =
            old_assets.into_keys().filter(|asset| !new_assets.contains_key(asset)).collect();
        Ok(diff)
    }

    fn taken_at(&mut self, review: &str) -> Result<Timestamp, StoreError> {
        let rows = self.rows("SELECT taken_at FROM reviews WHERE id = $1", review)?;
        let text: Option<String> =
            rows.first().map(|row| row.try_get(0)).transpose().map_err(|e| self.fail(&e))?;
        text.and_then(|text| Timestamp::parse(&text)).ok_or_else(|| StoreError::NoReview(review.to_owned()))
    }

    fn findings_of(&mut self, review: &str) -> Result<BTreeMap<String, DiffFinding>, StoreError> {
        let rows = self.rows(
            "SELECT fingerprint, rule, asset, severity, message FROM findings WHERE review = $1",
            review,
        )?;
        let read = |row: &sqlx::any::AnyRow| -> Result<(String, DiffFinding), sqlx::Error> {
            let finding = DiffFinding {
                fingerprint: row.try_get(0)?,
                rule: row.try_get(1)?,
                asset: row.try_get(2)?,
                severity: row.try_get(3)?,
                message: row.try_get(4)?,
            };
            Ok((finding.fingerprint.clone(), finding))
        };
        rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| self.fail(&error))
    }

    fn assets_of(&mut self, review: &str) -> Result<BTreeMap<String, Option<String>>, StoreError> {
        let rows = self.rows("SELECT id, digest FROM assets WHERE review = $1", review)?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, _>>()
            .map_err(|error| self.fail(&error))
    }

    /// Pairs of rule and asset about which `review` knows something.
    fn looks_of(&mut self, review: &str) -> Result<BTreeSet<(String, String)>, StoreError> {
        let rows = self.rows(
            "SELECT rule, asset FROM outcomes WHERE review = $1 AND verdict IN ('found', 'clean', 'not-applicable')",
            review,
        )?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, _>>()
            .map_err(|error| self.fail(&error))
    }

    fn rows(&mut self, statement: &'static str, review: &str) -> Result<Vec<sqlx::any::AnyRow>, StoreError> {
        let Self { runtime, connection, .. } = self;
        runtime
            .block_on(sqlx::query(statement).bind(clean(review)).fetch_all(connection))
            .map_err(|error| self.fail(&error))
    }
}
