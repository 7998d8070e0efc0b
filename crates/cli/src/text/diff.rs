//! Two reviews side by side.

use std::fmt::Write;

use vauban_store::{DiffFinding, ReviewDiff};

use super::section;

/// `vauban diff`.
pub(crate) fn diff(diff: &ReviewDiff) -> String {
    let mut text = String::new();
    let mut findings = |heading: &str, found: &[DiffFinding]| {
        if found.is_empty() {
            return;
        }
        section(&mut text, &format!("{} {heading}", found.len()));
        for finding in found {
            let _ = writeln!(
                text,
                "  {:8} {} {}: {} · {}",
                finding.severity, finding.rule, finding.asset, finding.message, finding.fingerprint
            );
        }
    };
    findings("new findings", &diff.new);
    findings("fixed findings", &diff.fixed);
    findings("findings that nobody looked for this time", &diff.unchecked);
    findings("accepted findings", &diff.accepted);
    findings("findings still open", &diff.still_open);
    for (heading, assets) in [("assets added", &diff.assets_added), ("assets removed", &diff.assets_removed)]
    {
        if !assets.is_empty() {
            section(&mut text, &format!("{} {heading}", assets.len()));
            for asset in assets {
                let _ = writeln!(text, "  {asset}");
            }
        }
    }
    if !diff.assets_changed.is_empty() {
        section(&mut text, &format!("{} assets with new bytes", diff.assets_changed.len()));
        for change in &diff.assets_changed {
            let _ = writeln!(text, "  {}", change.asset);
        }
    }
    if text.is_empty() {
        text.push_str("no difference\n");
    }
    text
}
