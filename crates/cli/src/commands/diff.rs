//! `vauban diff`.

use anyhow::{Context, bail};
use serde_json::json;
use vauban_store::{DiffFinding, ReviewDiff};

use crate::arguments::{Common, DiffArguments, Plain};
use crate::{Ended, delivery, present, text};

/// Compares two stored reviews; the last two unless told otherwise.
pub(crate) fn run(common: &Common, arguments: &DiffArguments) -> anyhow::Result<Ended> {
    let mut store = present::store(common)?;
    let subject = super::subject_name(&arguments.subject);
    let rows = store.reviews(&subject)?;
    if rows.len() < 2 && (arguments.before.is_none() || arguments.after.is_none()) {
        bail!(
            "{} reviews of `{subject}` are stored and two are needed; make them with `vauban review`",
            rows.len()
        );
    }
    let after = arguments.after.clone().or_else(|| rows.first().map(|row| row.id.clone()));
    let after = after.context("no later review")?;
    let before = arguments
        .before
        .clone()
        .or_else(|| rows.iter().skip_while(|row| row.id != after).nth(1).map(|row| row.id.clone()))
        .with_context(|| {
            format!("no review of `{subject}` is earlier than {after}; name one with --before")
        })?;
    let diff = store.diff(&before, &after)?;
    match arguments.format {
        Plain::Text => delivery::print(text::diff(&diff).as_bytes())?,
        Plain::Json => delivery::print(&as_json(&before, &after, &diff)?)?,
    }
    Ok(Ended::Clean)
}

fn as_json(before: &str, after: &str, diff: &ReviewDiff) -> anyhow::Result<Vec<u8>> {
    let findings = |found: &[DiffFinding]| -> Vec<_> {
        found
            .iter()
            .map(|finding| {
                json!({
                    "fingerprint": finding.fingerprint.to_string(),
                    "rule": finding.rule.to_string(),
                    "asset": finding.asset.to_string(),
                    "severity": finding.severity.to_string(),
                    "message": finding.message,
                })
            })
            .collect()
    };
    let value = json!({
        "before": before,
        "after": after,
        "new": findings(&diff.new),
        "fixed": findings(&diff.fixed),
        "unchecked": findings(&diff.unchecked),
        "accepted": findings(&diff.accepted),
        "open": findings(&diff.still_open),
        "assets_added": diff.assets_added,
        "assets_removed": diff.assets_removed,
        "assets_changed": diff.assets_changed.iter().map(|change| change.asset.to_string()).collect::<Vec<_>>(),
    });
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
