//! How the requirements of frameworks stand, with the evidence for and against each.

use maud::{Markup, html};

use super::{columns, date, shown, text};
use crate::v1::{Document, FrameworkAssessment, RequirementAssessment, RequirementStatus};

/// Evidence named per requirement; the rest is counted.
const NAMED: usize = 6;

pub(super) fn section(document: &Document) -> Option<Markup> {
    let frameworks = document.compliance.as_deref()?;
    Some(html! {
        (counts(frameworks))
        @for framework in frameworks {
            h3 { (name(framework)) }
            div.scroll {
                table.sortable {
                    thead { (columns(&["requirement", "for", "status", "why", "evidence"])) }
                    tbody { @for requirement in &framework.requirements { (row(requirement)) } }
                }
            }
        }
    })
}

/// One line per framework: how many requirements stand how.
pub(super) fn counts(frameworks: &[FrameworkAssessment]) -> Markup {
    let of = |framework: &FrameworkAssessment, status| {
        framework.requirements.iter().filter(|requirement| requirement.status == status).count()
    };
    html! {
        @if frameworks.is_empty() { p { "No framework was assessed: none is declared and none is called for." } }
        @else {
            div.scroll {
                table {
                    caption { "Unknown means that nobody has looked; it is not counted as met" }
                    thead {
                        tr {
                            th scope="col" { "framework" }
                            @for status in RequirementStatus::ALL { th.number scope="col" { (status) } }
                        }
                    }
                    tbody {
                        @for framework in frameworks {
                            tr {
                                th scope="row" { (name(framework)) }
                                @for status in RequirementStatus::ALL { td.number { (of(framework, *status)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The framework with its edition, unless its name says that already.
fn name(framework: &FrameworkAssessment) -> String {
    if framework.name.contains(&framework.edition) {
        return shown(&framework.name);
    }
    shown(&format!("{} {}", framework.name, framework.edition))
}

fn row(requirement: &RequirementAssessment) -> Markup {
    html! {
        tr {
            th scope="row" { (text(&requirement.id)) br; span.note { (text(&requirement.name)) } }
            td { (text(requirement.system.as_deref().unwrap_or("the organisation"))) }
            td {
                (requirement.status)
                @if let Some(from) = &requirement.applies_from {
                    br; span.note { "applies from " (date(from)) }
                }
            }
            td { (text(&requirement.reason)) }
            td {
                @for evidence in requirement.evidence.iter().take(NAMED) {
                    @if evidence.supports { "for: " } @else { "against: " }
                    (text(&evidence.what)) " (" (text(&evidence.kind)) " " code { (text(&evidence.id)) } ", "
                    (date(&evidence.as_of)) ")" br;
                }
                @if requirement.evidence.len() > NAMED { "and " (requirement.evidence.len() - NAMED) " more" }
            }
        }
    }
}
