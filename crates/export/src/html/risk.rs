//! The loss exceedance curve against the appetite, the scenarios behind it, and what it all stands on.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::{chart, columns, list, shown};
use crate::{
    summary::{amount, grouped, percent},
    v1::{Document, LossPoint, Risk},
};

pub(super) fn section(document: &Document) -> Option<Markup> {
    let risk = document.risk.as_ref()?;
    let money = |value| amount(value, &risk.currency);
    let total = &risk.total;
    Some(html! {
        p {
            "Expected loss a year " strong { (money(total.mean)) } " (" (percent(total.mean_interval.level)) " interval of the mean "
            (money(total.mean_interval.low)) " to " (money(total.mean_interval.high)) "); one year in twenty is worse than "
            strong { (money(total.value_at_risk_95)) } " and then costs " (money(total.tail_mean_95)) " on average. "
            (grouped(total.trials as f64)) " simulated years, seed " (total.seed) "."
        }
        @if risk.appetite.is_empty() {
            p.note { "No risk appetite is declared, so nothing says whether this is too much." }
        } @else if risk.exceeded.is_empty() {
            p { "Every declared point of the risk appetite holds." }
        } @else {
            p { strong { "The risk appetite is exceeded" } " at "
                @for (index, point) in risk.exceeded.iter().enumerate() {
                    @if index > 0 { "; " } "more than " (money(point.loss)) " with at most " (percent(point.probability))
                } "." }
        }
        @let losses = format!("loss in a year ({})", risk.currency);
        (chart::lines("Loss exceedance", &losses, "probability of losing more", &curves(risk)))
        div.scroll {
            table.sortable {
                caption { "Scenarios" }
                thead {
                    (columns(&[
                        "scenario", "system", "events a year#", "loss per event, 5 % to 95 %#", "loss a year#",
                        "inputs",
                    ]))
                }
                tbody {
                    @for scenario in &risk.scenarios {
                        tr {
                            th scope="row" { (shown(&scenario.title)) }
                            td { (shown(&scenario.system)) }
                            td.number { (format!("{:.3}", scenario.frequency)) }
                            td.number { (money(scenario.loss_low)) " to " (money(scenario.loss_high)) }
                            td.number { (money(scenario.annual_loss)) }
                            td { (list(&scenario.basis)) }
                        }
                    }
                }
            }
        }
    })
}

/// The curve today, the curve after the plan, and the points of the appetite.
pub(super) fn curves(risk: &Risk) -> Vec<chart::Series<'static>> {
    let points = |points: &[LossPoint]| points.iter().map(|point| (point.loss, point.probability)).collect();
    let mut series = vec![chart::Series { name: "today", points: points(&risk.total.points), joined: true }];
    if let Some(after) = &risk.after_plan {
        series.push(chart::Series { name: "after the plan", points: points(&after.points), joined: true });
    }
    if !risk.appetite.is_empty() {
        // The third look is the appetite's whether or not there is a plan.
        if series.len() == 1 {
            series.push(chart::Series { name: "no plan", points: Vec::new(), joined: true });
        }
        series.push(chart::Series {
            name: "accepted at most",
            points: points(&risk.appetite),
            joined: false,
        });
    }
    series
}

/// Every input that is marked as assumed, once, wherever it is used.
pub(super) fn assumptions(document: &Document) -> Option<Markup> {
    let mut all: BTreeSet<&String> = BTreeSet::new();
    if let Some(risk) = &document.risk {
        all.extend(&risk.assumptions);
        all.extend(
            risk.scenarios.iter().flat_map(|scenario| &scenario.basis).filter(|basis| is_assumed(basis)),
        );
    }
    if let Some(threats) = &document.threats {
        all.extend(
            threats.instances.iter().flat_map(|threat| &threat.basis).filter(|basis| is_assumed(basis)),
        );
    }
    if let Some(plan) = &document.plan {
        all.extend(plan.steps.iter().flat_map(|step| &step.basis).filter(|basis| is_assumed(basis)));
    }
    (!all.is_empty()).then(|| html! { ul { @for one in all { li { (shown(one)) } } } })
}

fn is_assumed(basis: &str) -> bool {
    basis.contains("assum")
}
