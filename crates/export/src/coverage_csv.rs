//! Coverage as a table (RFC 4180): one row for each technique, asset and aspect, blind spots first.

use std::collections::BTreeMap;

use crate::summary::bare;
use crate::{
    csv::row,
    exporter::{ExportError, Exporter},
    v1::{Coverage, Document, Rung, Score},
};

/// Coverage as CSV.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "coverage-csv",
    extension: "csv",
    media_type: "text/csv",
    summary: "coverage as a table, one row for each technique, asset and aspect, blind spots first",
    write,
};

const COLUMNS: [&str; 12] = [
    "technique",
    "asset",
    "system",
    "aspect",
    "rung",
    "aged_from",
    "evidence_of",
    "inherited_from",
    "why",
    "evidence",
    "applies_because",
    "review",
];

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(coverage) = &document.coverage else {
        return Err(ExportError::MissingPart { format: "coverage-csv", part: "coverage" });
    };
    let reasons: BTreeMap<(&str, &str), &str> = document
        .techniques
        .iter()
        .flatten()
        .map(|one| ((bare(&one.technique), one.asset.as_str()), one.reason.as_str()))
        .collect();
    let mut rows: Vec<(&Coverage, &str, &Score)> =
        coverage.iter().flat_map(|one| one.scores().map(|(aspect, score)| (one, aspect, score))).collect();
    // What cannot happen comes last: nothing is to be done about it.
    let place =
        |score: &Score| if score.rung == Rung::NotApplicable { Rung::ALL.len() } else { score.rung as usize };
    rows.sort_by_key(|(_, _, score)| place(score));
    let mut table = String::new();
    row(&mut table, &COLUMNS.map(str::to_owned));
    for (one, aspect, score) in rows {
        let basis = score.basis();
        row(
            &mut table,
            &[
                one.technique.clone(),
                one.asset.clone(),
                document.asset(&one.asset).and_then(|asset| asset.system.clone()).unwrap_or_default(),
                aspect.to_owned(),
                score.rung.to_string(),
                score.decayed_from.map(|rung| rung.to_string()).unwrap_or_default(),
                basis.map(|proof| proof.as_of.clone()).unwrap_or_default(),
                basis.and_then(|proof| proof.inherited_from.clone()).unwrap_or_default(),
                score.reason.clone(),
                score.proofs.iter().map(|proof| proof.what.as_str()).collect::<Vec<_>>().join("; "),
                reasons
                    .get(&(bare(&one.technique), one.asset.as_str()))
                    .map(|reason| (*reason).to_owned())
                    .unwrap_or_default(),
                document.review.id.clone(),
            ],
        );
    }
    Ok(table.into_bytes())
}
