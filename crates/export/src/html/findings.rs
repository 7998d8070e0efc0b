//! Findings, worst first, with why, what to do and the evidence.

use maud::{Markup, html};

use super::{columns, shown, text};
use crate::v1::{Document, Finding, Severity};

pub(super) fn section(document: &Document) -> Option<Markup> {
    let findings = document.findings.as_deref()?;
    let of = |severity: Severity| -> Vec<&Finding> {
        findings.iter().filter(|finding| finding.severity == severity).collect()
    };
    Some(html! {
        @if findings.is_empty() {
            p { "Nothing was found where it was looked; see " a href="#unknown" { "what was not looked at" } "." }
        } @else {
            form.filter hidden {
                label { "Search " input type="search" name="words"; }
                @for severity in Severity::ALL.iter().rev() {
                    @if !of(*severity).is_empty() {
                        label { input type="checkbox" value=(severity) checked; " " (severity) }
                    }
                }
                output aria-live="polite" {}
            }
            @for severity in Severity::ALL.iter().rev() {
                @let group = of(*severity);
                @if !group.is_empty() {
                    h3 { (severity) " (" (group.len()) ")" }
                    @for finding in group { (card(document, finding)) }
                }
            }
        }
    })
}

fn card(document: &Document, finding: &Finding) -> Markup {
    let rule = document.rule(&finding.rule);
    html! {
        article class={ "finding " (finding.severity) } data-severity=(finding.severity) id={ "f-" (finding.fingerprint) } {
            h4 {
                span class={ "badge " (finding.severity) } { (finding.severity) }
                @if let Some(status) = finding.status { span.badge.status { (status.as_str()) } }
                (text(&finding.message))
            }
            p.facts {
                span { "asset " code { (text(&finding.asset)) } }
                span {
                    "rule "
                    @if rule.is_some() { a href={ "#rule-" (finding.rule) } { (finding.rule) } }
                    @else { (text(&finding.rule)) }
                }
                span { "fingerprint " code { (finding.fingerprint) } }
            }
            @if let Some(acceptance) = &finding.acceptance {
                p { strong { "Accepted until " (acceptance.until) ": " } (text(&acceptance.reason)) }
            }
            @if let Some(rule) = rule {
                @if let Some(harm) = &rule.harm {
                    p { strong { "What happens: " } (text(&harm.sentence())) }
                }
                p { strong { "Why: " } (text(&rule.why)) }
                p { strong { "What to do: " } (text(&rule.remedy)) }
            }
            div.scroll {
                table {
                    caption { "Evidence" }
                    thead { (columns(&["where", "what", "seen"])) }
                    tbody {
                        @for evidence in &finding.evidence {
                            tr {
                                td { code { (text(&evidence.locator.to_string())) } }
                                td {
                                    (text(&evidence.key))
                                    @if !evidence.excerpt.is_empty() { pre { (shown(&evidence.excerpt)) } }
                                }
                                td { (evidence.observed_at.as_deref().unwrap_or(&document.review.taken_at)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
