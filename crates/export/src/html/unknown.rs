//! What nobody looked at: unknown is never told as clean.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{columns, list, text};
use crate::v1::{Document, Verdict};

/// Assets named per reason; the rest is counted.
const NAMED: usize = 8;

pub(super) fn section(document: &Document) -> Markup {
    let mut groups: BTreeMap<(Verdict, &str, &str), Vec<&str>> = BTreeMap::new();
    for outcome in document.outcomes() {
        if matches!(outcome.verdict, Verdict::Skipped | Verdict::Failed) {
            let reason = outcome.reason.as_deref().unwrap_or("no reason given");
            groups.entry((outcome.verdict, &outcome.rule, reason)).or_default().push(&outcome.asset);
        }
    }
    let absent: Vec<&str> = [
        ("assets", document.assets.is_none()),
        ("relations", document.relations.is_none()),
        ("findings", document.findings.is_none()),
        ("outcomes", document.outcomes.is_none()),
        ("measurements", document.measurements.is_none()),
        ("coverage", document.coverage.is_none()),
        ("threats", document.threats.is_none()),
        ("risk", document.risk.is_none()),
        ("plan", document.plan.is_none()),
        ("cascades", document.cascades.is_none()),
        ("actions", document.actions.is_none()),
        ("schedule", document.schedule.is_none()),
        ("vendors", document.vendors.is_none()),
        ("placement", document.placement.is_none()),
        ("compliance", document.compliance.is_none()),
    ]
    .into_iter()
    .filter_map(|(part, absent)| absent.then_some(part))
    .collect();
    let limits = &document.review.limits;
    html! {
        @if groups.is_empty() && limits.is_empty() && absent.is_empty() {
            p { "No look was skipped or failed, and no bound was hit." }
        }
        @if !absent.is_empty() { p { "Not part of this document: " (absent.join(", ")) "." } }
        @if !groups.is_empty() {
            div.scroll {
                table.sortable {
                    caption { "Looks that did not happen" }
                    thead { (columns(&["how", "rule", "why", "assets"])) }
                    tbody {
                        @for ((verdict, rule, reason), assets) in &groups {
                            tr {
                                td { (verdict.as_str()) }
                                td { (text(rule)) }
                                td { (text(reason)) }
                                td {
                                    (text(&assets.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ")))
                                    @if assets.len() > NAMED { " and " (assets.len() - NAMED) " more" }
                                }
                            }
                        }
                    }
                }
            }
        }
        @if !limits.is_empty() {
            div.scroll {
                table {
                    caption { "Places that were left out" }
                    thead { (columns(&["where", "what was not done, and why"])) }
                    tbody { @for limit in limits { tr { td { code { (text(&limit.place)) } } td { (text(&limit.what)) } } } }
                }
            }
        }
        @if let Some(unchecked) = document.review.unchecked.as_ref().filter(|list| !list.is_empty()) {
            h3 { "Findings of the review before that nobody looked for this time" }
            (list(unchecked))
        }
    }
}
