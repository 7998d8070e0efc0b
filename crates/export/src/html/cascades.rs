//! What threats come to together: impacts, what falls with what, layers, choke points, toxic combinations.

use maud::{Markup, html};
use vauban_domain::words::{counted, expected_loss, percent};

use super::{chart, columns, list, text};
use crate::v1::{BlastRadius, Cascades, Document, ToxicCombination};

/// Blast radii shown; every asset has one.
const SHOWN: usize = 25;

pub(super) fn section(document: &Document) -> Option<Markup> {
    let cascades = document.cascades.as_ref()?;
    Some(html! {
        (impacts(cascades))
        (combinations(cascades))
        (choke_points(cascades))
        (blast_radii(document, cascades))
        (matrix(cascades))
    })
}

/// Probability of each kind of impact on each system.
pub(super) fn impacts(cascades: &Cascades) -> Markup {
    html! {
        h3 { "Probability of each impact within a year" }
        @if cascades.impacts.is_empty() { p { "No system declares a loss, so no impact can be forecast." } }
        @else {
            div.scroll {
                table.sortable {
                    thead { (columns(&["system", "impact", "probability#", "", "events a year#"])) }
                    tbody {
                        @for impact in &cascades.impacts {
                            tr {
                                th scope="row" { (text(&impact.system)) }
                                td { (text(&impact.impact)) }
                                td.number { (percent(impact.probability)) }
                                td { (chart::interval(0.0, impact.probability, impact.probability)) }
                                td.number { (format!("{:.3}", impact.frequency)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Conditions that are worse together than apart.
pub(super) fn combinations(cascades: &Cascades) -> Markup {
    html! {
        @if !cascades.combinations.is_empty() {
            h3 { "Toxic combinations" }
            @for combination in &cascades.combinations { (one_combination(combination)) }
        }
    }
}

fn one_combination(combination: &ToxicCombination) -> Markup {
    html! {
        article class=(combination.severity) {
            h4 { span class={ "badge " (combination.severity) } { (combination.severity) } (text(&combination.title)) }
            ol { @for part in &combination.parts {
                li { strong { (text(&part.condition)) } " at " code { (text(&part.asset)) } ": " (text(&part.shown_by)) }
            } }
            @if !combination.broken_by.is_empty() {
                p { "Each of these breaks it: " (text(&combination.broken_by.join(", "))) }
            }
        }
    }
}

/// Assets that much of the harm passes through.
pub(super) fn choke_points(cascades: &Cascades) -> Markup {
    html! {
        @if !cascades.choke_points.is_empty() {
            h3 { "Choke points" }
            div.scroll {
                table.sortable {
                    thead { (columns(&["asset", "share of the loss of all paths#", "paths#", "controls"])) }
                    tbody {
                        @for point in &cascades.choke_points {
                            tr {
                                th scope="row" { (text(&point.asset)) }
                                td.number { (percent(point.share)) }
                                td.number { (point.paths.len()) }
                                td { (list(&point.controls)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn blast_radii(document: &Document, cascades: &Cascades) -> Markup {
    let currency = &document.review.declaration.currency;
    html! {
        @if !cascades.blast_radii.is_empty() {
            h3 { "What falls with a component or a vendor" }
            div.scroll {
                table.sortable {
                    thead { (columns(&["origin", "reaches#", "most probable", "systems", "expected loss#"])) }
                    tbody { @for radius in cascades.blast_radii.iter().take(SHOWN) { (radius_row(radius, currency)) } }
                }
            }
            @if cascades.blast_radii.len() > SHOWN {
                p.note { (cascades.blast_radii.len() - SHOWN) " with a smaller loss are in the JSON document." }
            }
        }
    }
}

fn radius_row(radius: &BlastRadius, currency: &str) -> Markup {
    html! {
        tr {
            th scope="row" { (text(&radius.origin)) @if radius.vendor { " (vendor)" } }
            td.number { (counted(radius.reached.len(), "asset")) }
            td { @for reached in radius.reached.iter().take(3) { (text(&reached.asset)) " " (percent(reached.probability)) br; } }
            td { (list(&radius.systems)) }
            td.number { (expected_loss(radius.expected_loss, currency)) }
        }
    }
}

fn matrix(cascades: &Cascades) -> Markup {
    html! {
        @if !cascades.matrix.is_empty() {
            h3 { "From layer to layer" }
            div.scroll {
                table.sortable {
                    thead { (columns(&["from", "to", "cascades#", "expected events a year#"])) }
                    tbody {
                        @for link in &cascades.matrix {
                            tr {
                                th scope="row" { (text(&link.from)) }
                                td { (text(&link.to)) }
                                td.number { (link.cascades) }
                                td.number { (format!("{:.3}", link.frequency)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
