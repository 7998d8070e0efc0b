//! The loss exceedance curve against the appetite, the scenarios behind it, and what it all stands on.

use std::collections::BTreeSet;

use maud::{Markup, html};
use vauban_domain::words::{amount, grouped, percent};

use super::{chart, columns, list, text, tornado};
use crate::{
    summary::span,
    v1::{Document, ForecastScore, LossPoint, Risk},
};

pub(super) fn section(document: &Document) -> Option<Markup> {
    let risk = document.risk.as_ref()?;
    if !risk.is_known() {
        return Some(html! { p { (text(Risk::UNKNOWN)) } });
    }
    let money = |value| amount(value, &risk.currency);
    let total = &risk.total;
    Some(html! {
        p {
            "Expected loss a year " strong { (money(total.mean)) }
            @if let Some(range) = &total.expected_range {
                ", " strong { (money(range.low)) " to " (money(range.high)) }
                " by what is not known of the inputs (" (percent(range.level)) " interval, " (risk.draws) " draws)"
            }
            "; the simulation alone is off by less (" (percent(total.mean_interval.level)) " interval of the mean "
            (money(total.mean_interval.low)) " to " (money(total.mean_interval.high)) "). One year in twenty is worse than "
            strong { (money(total.value_at_risk_95)) } " and then costs " (money(total.tail_mean_95)) " on average (CVaR 95). "
            (grouped(total.trials as f64)) " simulated years, seed " (total.seed) "."
        }
        @if let Some(delay) = &risk.cost_of_delay {
            p { "Waiting with the plan costs " strong { (money(delay.month)) } " by a month (" (span(&delay.month_range, &risk.currency))
                ") and " strong { (money(delay.quarter)) } " by a quarter (" (span(&delay.quarter_range, &risk.currency)) ") in expected loss." }
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
        (verdicts(risk))
        @let losses = format!("loss in a year ({})", risk.currency);
        (chart::over_powers_of_ten("Loss exceedance", &losses, "probability of losing more", &curves(risk)))
        (tornado::tornado(&risk.drivers, total.mean, &risk.currency))
        @if let Some(score) = &risk.forecasts.score { (forecast_score(score)) }
        div.scroll {
            table.sortable {
                caption { "Scenarios" }
                thead {
                    (columns(&[
                        "scenario", "system", "events a year#", "loss per event, 5 % to 95 %#", "loss a year#",
                        "by what is not known#",
                        "inputs",
                    ]))
                }
                tbody {
                    @for scenario in &risk.scenarios {
                        tr {
                            th scope="row" { (text(&scenario.title)) }
                            td { (text(&scenario.system)) }
                            td.number { (format!("{:.3}", scenario.frequency)) }
                            td.number { (money(scenario.loss_low)) " to " (money(scenario.loss_high)) }
                            td.number { (money(scenario.annual_loss)) }
                            td.number { @if let Some(range) = &scenario.expected_range { (span(range, &risk.currency)) } @else { "not drawn" } }
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

/// The appetite point by point, with how sure each verdict is.
fn verdicts(risk: &Risk) -> Markup {
    html! {
        @if !risk.verdicts.is_empty() {
            div.scroll { table {
                caption { "Risk appetite, point by point" }
                thead { (columns(&[
                    "more than#", "accepted#", "simulated#", "by what is not known#", "verdict", "holds in draws#",
                ])) }
                tbody { @for verdict in &risk.verdicts { tr {
                    td.number { (amount(verdict.loss, &risk.currency)) }
                    td.number { (percent(verdict.accepted)) }
                    td.number { (percent(verdict.probability)) }
                    td.number { @if let Some(range) = &verdict.range { (percent(range.low)) " to " (percent(range.high)) } @else { "not drawn" } }
                    td { (if verdict.held { "held" } else { "exceeded" }) }
                    td.number { @if let Some(share) = verdict.confidence { (percent(share)) } @else { "not drawn" } }
                } } }
            } }
        }
    }
}

/// How the forecasts of earlier reviews fared.
fn forecast_score(score: &ForecastScore) -> Markup {
    html! {
        h3 { "How earlier forecasts fared" }
        @match (score.brier, score.base_rate_brier) {
            (Some(brier), Some(base)) => p {
                (score.count) " forecasts came due, " (score.happened) " came true: Brier score " strong { (format!("{brier:.3}")) }
                ", always saying the base rate " (format!("{base:.3}"))
                @if let Some(skill) = score.skill { ", skill " (format!("{skill:.2}")) }
                "; " (score.pending) " are not over."
            },
            _ => p { "No forecast with a record of incidents has come due; " (score.pending) " are not over." },
        }
        @if !score.calibration.is_empty() {
            table {
                thead { (columns(&["forecast#", "how many#", "mean forecast#", "came true#", "95 % interval#"])) }
                tbody { @for row in &score.calibration { tr {
                    td.number { (percent(row.low)) " to " (percent(row.high)) }
                    td.number { (row.count) }
                    td.number { (percent(row.forecast)) }
                    td.number { (percent(row.observed)) }
                    td.number { (percent(row.range.low)) " to " (percent(row.range.high)) }
                } } }
            }
        }
        @if !score.unscored.is_empty() { (list(&score.unscored)) }
    }
}

/// Every input that is marked as assumed, once, wherever it is used.
pub(super) fn assumptions(document: &Document) -> Option<Markup> {
    let mut all: BTreeSet<&String> = BTreeSet::new();
    if let Some(risk) = &document.risk {
        all.extend(&risk.assumptions);
        all.extend(risk.drivers.iter().map(|driver| &driver.basis).filter(|basis| is_assumed(basis)));
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
    (!all.is_empty()).then(|| html! { ul { @for one in all { li { (text(one)) } } } })
}

fn is_assumed(basis: &str) -> bool {
    basis.contains("assum")
}
