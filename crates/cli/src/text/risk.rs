//! Money at risk.

use std::fmt::Write;

use vauban_export::v1::{Document, LossCurve};

use super::amounts::{money, share};
use super::{absent, section, section_in, table};

/// `vauban risk`.
pub(crate) fn risk(document: &Document) -> String {
    let Some(risk) = &document.risk else { return absent("risk") };
    let mut text = String::new();
    section(&mut text, &format!("loss scenarios, amounts in {}", risk.currency));
    text.push_str(&table(
        ["scenario", "events a year", "loss per event", "annual loss", "5 % to 95 % of years"],
        risk.scenarios.iter().map(|scenario| {
            [
                scenario.title.clone(),
                format!("{:.2}", scenario.frequency),
                format!("{} to {}", money(scenario.loss_low), money(scenario.loss_high)),
                money(scenario.annual_loss),
                format!("{} to {}", money(scenario.annual_range.low), money(scenario.annual_range.high)),
            ]
        }),
    ));
    text.push_str(&summary(document));
    section(&mut text, "chance that a year's loss is higher");
    for point in risk.total.points.iter().step_by(risk.total.points.len().div_ceil(15).max(1)) {
        let bar = "#".repeat((point.probability * 40.0).round() as usize);
        let _ = writeln!(text, "  {:>10}  {:>6}  {bar}", money(point.loss), share(point.probability));
    }
    section(&mut text, "what this stands on");
    for line in risk.scenarios.iter().flat_map(|scenario| &scenario.basis).chain(&risk.assumptions) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// Totals against the appetite.
pub(super) fn summary(document: &Document) -> String {
    let Some(risk) = &document.risk else { return String::new() };
    let mut text = String::from("\n");
    section_in(&mut text, "risk");
    let _ = writeln!(text, "now:        {}", line(&risk.total, &risk.currency));
    if let Some(after) = &risk.after_plan {
        let _ = writeln!(text, "after plan: {}", line(after, &risk.currency));
    }
    for point in &risk.appetite {
        let held = if risk.exceeded.contains(point) { "exceeded" } else { "held" };
        let _ = writeln!(
            text,
            "appetite:   at most {} a year of losing more than {} {}: {held}",
            share(point.probability),
            money(point.loss),
            risk.currency
        );
    }
    text
}

fn line(curve: &LossCurve, currency: &str) -> String {
    format!(
        "mean annual loss {} {currency} (95 % interval of the mean {} to {}); one year in twenty above {}, then {} on average",
        money(curve.mean),
        money(curve.mean_interval.low),
        money(curve.mean_interval.high),
        money(curve.value_at_risk_95),
        money(curve.tail_mean_95)
    )
}
