//! Where controls do most: cut, cover and budget, each with how near to the best it is.

use maud::{Markup, html};
use vauban_domain::words::{amount, counted};

use super::{chart, columns, list, text};
use crate::v1::{Document, PlacedControl, Placement};

pub(super) fn section(document: &Document) -> Option<Markup> {
    let placement = document.placement.as_ref()?;
    let currency = document.review.declaration.currency.as_str();
    let nothing = placement.cut.is_none() && placement.cover.is_none() && placement.budget.is_none();
    Some(html! {
        @if nothing { p { "There is no way from an attacker to a loss and no threat to place a control against." } }
        (cut(placement, currency))
        (cover(placement, currency))
        (budget(placement, currency))
        (shared_failures(placement, currency))
    })
}

fn cut(placement: &Placement, currency: &str) -> Markup {
    html! {
        @if let Some(cut) = &placement.cut {
            h3 { "The cheapest controls on every way from attackers to what matters most" }
            p { "Cost " (amount(cut.cost, currency)) "; " (gap(cut.cost, cut.lower_bound, currency)) }
            (controls(&cut.controls, currency))
            @if !cut.open_ways.is_empty() {
                p { strong { (counted(cut.open_ways.len(), "way")) " that no control of the library stands on" } }
                ul { @for way in &cut.open_ways { li { (text(&way.join(" \u{2192} "))) } } }
            }
        }
    }
}

fn cover(placement: &Placement, currency: &str) -> Markup {
    html! {
        @if let Some(cover) = &placement.cover {
            h3 { "The cheapest controls that touch every threat" }
            p {
                (counted(cover.threats as usize, "threat")) " touched at a cost of " (amount(cover.cost, currency)) "; "
                (gap(cover.cost, cover.lower_bound, currency))
                @if !cover.untouched.is_empty() {
                    " " (counted(cover.untouched.len(), "threat")) " are touched by no control of the library."
                }
            }
            (controls(&cover.controls, currency))
        }
    }
}

/// What a budget buys, and the curve of what every budget would.
pub(super) fn budget(placement: &Placement, currency: &str) -> Markup {
    html! {
        @if let Some(plan) = &placement.budget {
            h3 { "The best use of " @if plan.declared { "the declared budget" } @else { "what everything that pays would cost" } }
            p {
                (amount(plan.budget, currency)) " removes " (amount(plan.removed, currency))
                " of expected loss a year; no choice removes more than " (amount(plan.upper_bound, currency)) "."
            }
            (controls(&plan.controls, currency))
            (chart::lines(
                "What each budget removes",
                &format!("first-year cost ({currency})"),
                &format!("expected loss removed a year ({currency})"),
                &[chart::Series {
                    name: "best choice",
                    points: plan.curve.iter().map(|point| (point.spent, point.removed)).collect(),
                    joined: true,
                }],
            ))
        }
    }
}

/// What falls together.
pub(super) fn shared_failures(placement: &Placement, currency: &str) -> Markup {
    html! {
        @if !placement.shared_failures.is_empty() {
            h3 { "Controls that fall together" }
            div.scroll {
                table.sortable {
                    thead { (columns(&["shared", "controls", "threats left open#", "loss added a year#"])) }
                    tbody {
                        @for failure in &placement.shared_failures {
                            tr {
                                th scope="row" { (text(&failure.shared)) }
                                td { (list(&failure.controls)) }
                                td.number { (failure.threats.len()) }
                                td.number { @match failure.added_loss { Some(loss) => { (amount(loss, currency)) }, None => { "no loss declared" } } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn controls(controls: &[PlacedControl], currency: &str) -> Markup {
    html! {
        @if !controls.is_empty() {
            div.scroll {
                table.sortable {
                    thead { (columns(&["control", "at", "first-year cost#", "who"])) }
                    tbody {
                        @for control in controls {
                            tr {
                                th scope="row" { (text(&control.name)) br; span.note { (text(&control.control)) } }
                                td { (list(&control.assets)) }
                                td.number { (amount(control.cost, currency)) }
                                td {
                                    @if control.owner.is_empty() { "nobody named" } @else { (text(&control.owner)) }
                                    @if !control.vendor.is_empty() { br; "run by " (text(&control.vendor)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// How near an answer is to the best there can be.
fn gap(cost: f64, lower_bound: f64, currency: &str) -> String {
    if cost - lower_bound <= 1e-6 * cost.abs().max(1.0) {
        "nothing is cheaper.".to_owned()
    } else {
        format!("nothing is cheaper than {}.", amount(lower_bound, currency))
    }
}
