//! The list of stored reviews.

use vauban_store::ReviewRow;

use super::table;

/// `vauban report --list`.
pub(crate) fn reviews(rows: &[ReviewRow]) -> String {
    table(
        ["review", "taken", "trigger", "assets", "findings", "ATLAS"],
        rows.iter().map(|row| {
            [
                row.id.clone(),
                row.taken_at.to_string(),
                row.trigger.to_string(),
                row.assets.to_string(),
                row.findings.to_string(),
                row.atlas_edition.clone(),
            ]
        }),
    )
}
