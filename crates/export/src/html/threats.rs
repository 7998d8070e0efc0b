//! Ranked paths over the seven lanes, and the threats they are made of.

use std::collections::BTreeSet;

use maud::{Markup, html};
use vauban_domain::words::{NO_DECLARED_LOSS, amount, counted, percent};

use super::{columns, list, shown, text};
use crate::v1::{AttackPath, Document, StepEvidence, Support, Threat};

/// Structural threats are many; the likeliest are shown and the rest counted.
const SHOWN: usize = 100;

pub(super) fn section(document: &Document) -> Option<Markup> {
    let threats = document.threats.as_ref()?;
    let currency = document.risk.as_ref().map_or("", |risk| risk.currency.as_str());
    let known: BTreeSet<&str> =
        document.findings().iter().map(|finding| finding.fingerprint.as_str()).collect();
    let observed = threats.instances.iter().filter(|threat| threat.support == Support::Observed).count();
    Some(html! {
        p {
            (counted(threats.instances.len(), "threat")) " at assets, " (observed)
            " of them with something seen that speaks for them; "
            (counted(threats.paths.len(), "path")) " from an entry to a loss."
        }
        @if let Some(svg) = &threats.lanes_svg {
            figure {
                // As an image a drawing from outside can run nothing and load nothing.
                img.lanes src={ "data:image/svg+xml," (percent_encoded(svg)) }
                    alt="the ranked paths drawn over the seven MAESTRO layers; the same paths follow in words";
                figcaption { "The ranked paths over the seven MAESTRO layers" }
            }
        }
        @if !threats.paths.is_empty() {
            h3 { "Paths" }
            ol { @for path in &threats.paths { li { (one_path(path, currency, &known)) } } }
        }
        @if !threats.instances.is_empty() {
            h3 { "Threats" }
            div.scroll {
                table.sortable {
                    thead {
                        (columns(&[
                            "threat", "layer", "asset", "stands on", "within a year#", "attempts a year#",
                            "inputs",
                        ]))
                    }
                    tbody { @for threat in threats.instances.iter().take(SHOWN) { (one_threat(threat, &known)) } }
                }
            }
            @if threats.instances.len() > SHOWN {
                p.note { (threats.instances.len() - SHOWN) " less likely ones are in the JSON document." }
            }
        }
    })
}

fn one_path(path: &AttackPath, currency: &str, known: &BTreeSet<&str>) -> Markup {
    html! {
        p {
            strong {
                @if path.expected_loss > 0.0 { (amount(path.expected_loss, currency)) " a year" } @else { (NO_DECLARED_LOSS) }
            }
            ", probability " (percent(path.probability)) " a year"
            @if let Some(system) = &path.system { ", loss at " (text(system)) }
        }
        p { (text(&path.narrative)) }
        div.scroll {
            table {
                caption { "Steps" }
                thead {
                    (columns(&[
                        "layer", "at", "threat", "technique", "by way of", "probability#", "stands on", "done before",
                        "stopped by",
                    ]))
                }
                tbody {
                    @for step in &path.steps {
                        tr {
                            td { (text(&step.layer)) } td { (text(&step.asset)) } td { (text(&step.threat)) }
                            td { (step.technique.as_deref().map(shown).unwrap_or_default()) }
                            td { (text(&step.via)) } td.number { (percent(step.probability)) }
                            td { (standing(&step.evidence, known)) }
                            td {
                                @for study in &step.case_studies {
                                    p { (text(&study.id)) " " (text(&study.name))
                                        @if study.incident { " (incident)" } @else { " (exercise)" } }
                                }
                            }
                            td { (text(&step.stopped_by.join(", "))) }
                        }
                    }
                }
            }
        }
    }
}

/// What speaks for a step, finding by finding.
fn standing(evidence: &StepEvidence, known: &BTreeSet<&str>) -> Markup {
    html! {
        @if evidence.is_empty() { "structural" }
        @for fingerprint in &evidence.findings { p { "found " (reference(fingerprint, known)) } }
        @for measurement in &evidence.measurements { p { "measured " code { (text(measurement)) } } }
        @for fingerprint in &evidence.alerts { p { "alert " (reference(fingerprint, known)) } }
    }
}

/// A fingerprint, as a link where the finding is in the report.
fn reference(fingerprint: &str, known: &BTreeSet<&str>) -> Markup {
    html! {
        @if known.contains(fingerprint) { a href={ "#f-" (fingerprint) } { code { (fingerprint) } } }
        @else { code { (text(fingerprint)) } }
    }
}

fn one_threat(threat: &Threat, known: &BTreeSet<&str>) -> Markup {
    html! {
        tr {
            th scope="row" { (text(&threat.kind)) " " (text(&threat.name)) }
            td { (text(&threat.layer)) }
            td { (text(&threat.asset)) }
            td {
                (threat.support.as_str())
                @for fingerprint in &threat.findings { br; (reference(fingerprint, known)) }
                @if !threat.factors.is_empty() { br; "made worse by " (text(&threat.factors.join(", "))) }
            }
            td.number { (percent(threat.likelihood)) }
            td.number { (format!("{:.3}", threat.frequency)) }
            td { (list(&threat.basis)) }
        }
    }
}

/// Everything but letters, digits and a few signs escaped, as a data address wants it.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~ /:,".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
