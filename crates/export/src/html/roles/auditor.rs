//! For auditors: what was looked at and how, requirements with their evidence, and what stays unknown.

use maud::{Markup, html};
use vauban_domain::words::grouped;

use super::super::{
    Section, assets, columns, compliance, coverage, date, page, risk, rules, schedule, text, unknown,
};
use crate::{
    exporter::{ExportError, Exporter},
    v1::{Document, Verdict},
};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "report-auditor",
    extension: "html",
    media_type: "text/html",
    summary: "a report for auditors: scope, method, requirements with evidence, what stays unknown",
    write,
};

#[allow(clippy::unnecessary_wraps, reason = "the signature of every exporter")]
fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let sections: [Section; 10] = [
        ("method", "Scope and method", Some(method(document))),
        ("requirements", "Requirements and their evidence", compliance::section(document)),
        ("coverage", "Coverage of ATLAS techniques", coverage::section(document)),
        ("claims", "What people say", Some(claims(document))),
        ("accepted", "Findings that the owner lives with", accepted(document)),
        ("assets", "Assets by layer", assets::section(document)),
        ("schedule", "When to look again", schedule::section(document)),
        ("unknown", "What was not looked at", Some(unknown::section(document))),
        ("assumptions", "Assumptions", risk::assumptions(document)),
        ("rules", "Appendix: rules in force", rules::section(document)),
    ];
    let answer = "Every statement below names its evidence and the evidence its date. Whatever nobody looked at is called unknown and counts for nothing.";
    let header = super::header(document, "auditors", answer);
    Ok(page(document, "auditors", header, &sections))
}

fn method(document: &Document) -> Markup {
    let review = &document.review;
    let looks =
        |verdict| document.outcomes().iter().filter(|outcome| outcome.verdict == verdict).count() as f64;
    html! {
        table {
            tbody {
                tr { th scope="row" { "review" } td { code { (text(&review.id)) } ", trigger " (review.trigger) ", taken " (text(&review.taken_at)) } }
                tr { th scope="row" { "editions" } td { "ATLAS " (text(&review.atlas_edition)) ", MAESTRO " (text(&review.maestro_edition)) ", Vauban " (text(&review.tool_version)) } }
                tr { th scope="row" { "the same again" } td { "seed " (review.seed) "; the same input, time and seed give the same bytes" } }
                tr { th scope="row" { "assets" } td { (grouped(document.assets().len() as f64)) } }
                tr {
                    th scope="row" { "looks" }
                    td {
                        (grouped(looks(Verdict::Found))) " found something, " (grouped(looks(Verdict::Clean))) " clean, "
                        (grouped(looks(Verdict::NotApplicable))) " not applicable, " (grouped(looks(Verdict::Skipped))) " skipped, "
                        (grouped(looks(Verdict::Failed))) " failed"
                    }
                }
                tr { th scope="row" { "measurements" } td { (document.results().len()) " attacks and probes, " (document.exercises().len()) " exercises" } }
            }
        }
    }
}

fn claims(document: &Document) -> Markup {
    let claims = &document.review.declaration.claims;
    html! {
        @if claims.is_empty() { p { "Nobody claims a control." } }
        @else {
            div.scroll {
                table.sortable {
                    thead { (columns(&["control", "for", "who says so", "when", "in whose words"])) }
                    tbody {
                        @for claim in claims {
                            tr {
                                th scope="row" { (text(&claim.control)) }
                                td { (text(&claim.applies_to.join(", "))) }
                                td { (text(&claim.owner)) }
                                td { (date(&claim.date)) }
                                td { (text(&claim.statement)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn accepted(document: &Document) -> Option<Markup> {
    let accepted: Vec<_> = document
        .findings()
        .iter()
        .filter_map(|finding| Some((finding, finding.acceptance.as_ref()?)))
        .collect();
    (!accepted.is_empty()).then(|| {
        html! {
            div.scroll {
                table.sortable {
                    thead { (columns(&["finding", "severity", "asset", "until", "why"])) }
                    tbody {
                        @for (finding, acceptance) in accepted {
                            tr {
                                th scope="row" { (text(&finding.message)) br; code { (finding.fingerprint) } }
                                td { (finding.severity) }
                                td { (text(&finding.asset)) }
                                td { (text(&acceptance.until)) }
                                td { (text(&acceptance.reason)) }
                            }
                        }
                    }
                }
            }
        }
    })
}
