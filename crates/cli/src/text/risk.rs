//! Money at risk.

use std::fmt::Write;

use vauban_domain::day;
use vauban_export::v1::{Document, Driver, ForecastScore, Interval, LossCurve, Risk};

use super::amounts::{money, share};
use super::{absent, section, section_in, short, table};

/// Width of the longer side of a tornado.
const BAR: f64 = 48.0;

/// `vauban risk`.
pub(crate) fn risk(document: &Document) -> String {
    let Some(risk) = &document.risk else { return absent("risk") };
    let mut text = if risk.is_known() { amounts(document, risk) } else { format!("{}\n", Risk::UNKNOWN) };
    section(&mut text, "what this stands on");
    for line in risk.scenarios.iter().flat_map(|scenario| &scenario.basis).chain(&risk.assumptions) {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// Scenarios, totals, the curve, what drives it and how forecasts fared.
fn amounts(document: &Document, risk: &Risk) -> String {
    let mut text = String::new();
    section(&mut text, &format!("loss scenarios, amounts in {}", risk.currency));
    text.push_str(&table(
        [
            "scenario",
            "events a year",
            "loss per event",
            "annual loss",
            "by what is not known",
            "5 % to 95 % of years",
        ],
        risk.scenarios.iter().map(|scenario| {
            [
                scenario.title.clone(),
                format!("{:.2}", scenario.frequency),
                format!("{} to {}", money(scenario.loss_low), money(scenario.loss_high)),
                money(scenario.annual_loss),
                scenario.expected_range.as_ref().map_or_else(|| "not drawn".to_owned(), range),
                range(&scenario.annual_range),
            ]
        }),
    ));
    text.push_str(&summary(document));
    quantiles(&mut text, &risk.total);
    section(&mut text, "chance that a year's loss is higher");
    for point in risk.total.points.iter().step_by(risk.total.points.len().div_ceil(15).max(1)) {
        let bar = "#".repeat((point.probability * 40.0).round() as usize);
        let _ = writeln!(text, "  {:>10}  {:>6}  {bar}", money(point.loss), share(point.probability));
    }
    tornado(&mut text, risk);
    forecasts(&mut text, risk);
    text
}

/// Totals against the appetite.
pub(super) fn summary(document: &Document) -> String {
    let Some(risk) = &document.risk else { return String::new() };
    let mut text = String::from("\n");
    section_in(&mut text, "risk");
    if !risk.is_known() {
        let _ = writeln!(text, "{}", Risk::UNKNOWN);
        return text;
    }
    let _ = writeln!(text, "now:        {}", line(&risk.total, &risk.currency));
    if let Some(after) = &risk.after_plan {
        let _ = writeln!(text, "after plan: {}", line(after, &risk.currency));
    }
    if let Some(delay) = &risk.cost_of_delay {
        let _ = writeln!(
            text,
            "waiting:    the plan a month later costs {} {} (90 % {}), a quarter later {} (90 % {})",
            money(delay.month),
            risk.currency,
            range(&delay.month_range),
            money(delay.quarter),
            range(&delay.quarter_range)
        );
    }
    for (index, point) in risk.appetite.iter().enumerate() {
        let held = if risk.exceeded.contains(point) { "exceeded" } else { "held" };
        let sure = risk.verdicts.get(index).map_or_else(String::new, |verdict| {
            let mut words = format!(" ({}", share(verdict.probability));
            if let (Some(range), Some(confidence)) = (&verdict.range, verdict.confidence) {
                let _ = write!(
                    words,
                    ", 90 % {} to {} by what is not known; held in {} of {} draws",
                    share(range.low),
                    share(range.high),
                    share(confidence),
                    risk.draws
                );
            }
            words + ")"
        });
        let _ = writeln!(
            text,
            "appetite:   at most {} a year of losing more than {} {}: {held}{sure}",
            share(point.probability),
            money(point.loss),
            risk.currency
        );
    }
    text
}

fn line(curve: &LossCurve, currency: &str) -> String {
    let known = curve.expected_range.as_ref().map_or_else(
        || "inputs not drawn".to_owned(),
        |known| format!("90 % {} by what is not known", range(known)),
    );
    format!(
        "mean annual loss {} {currency} ({known}; 95 % {} by the simulation); one year in twenty above {}, then {} on average",
        money(curve.mean),
        range(&curve.mean_interval),
        money(curve.value_at_risk_95),
        money(curve.tail_mean_95)
    )
}

/// `1.2 k to 34 k`.
fn range(interval: &Interval) -> String {
    format!("{} to {}", money(interval.low), money(interval.high))
}

fn quantiles(text: &mut String, curve: &LossCurve) {
    if curve.quantiles.is_empty() {
        return;
    }
    section(text, "a year's loss");
    for point in &curve.quantiles {
        let _ = writeln!(
            text,
            "  one year in {:<4} above {:>8}",
            (1.0 / point.probability.max(1e-6)).round(),
            money(point.loss)
        );
    }
    let _ = writeln!(text, "  mean of the worst twentieth (CVaR 95) {}", money(curve.tail_mean_95));
}

/// Bars around what the review counts with: `-` where the input is at its low end, `#` at its high end.
fn tornado(text: &mut String, risk: &Risk) {
    if risk.drivers.is_empty() {
        return;
    }
    section(text, "what drives the expected annual loss: - input at its low end, # at its high end");
    let base = risk.total.mean;
    let reach = |driver: &Driver| (driver.loss_at_low - base).abs().max((driver.loss_at_high - base).abs());
    let most = risk.drivers.iter().map(reach).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    text.push_str(&table(
        ["input", "low, used, high", "loss at low", "at high", ""],
        risk.drivers.iter().map(|driver| {
            let length = |end: f64| ((end - base).abs() / most * BAR).round().clamp(0.0, BAR) as usize;
            [
                short(&driver.input, 60),
                format!("{}, {}, {}", number(driver.low), number(driver.base), number(driver.high)),
                money(driver.loss_at_low),
                money(driver.loss_at_high),
                format!(
                    "{}|{}",
                    "-".repeat(length(driver.loss_at_low)),
                    "#".repeat(length(driver.loss_at_high))
                ),
            ]
        }),
    ));
}

fn number(value: f64) -> String {
    if value.abs() >= 100.0 {
        return money(value);
    }
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn forecasts(text: &mut String, risk: &Risk) {
    if !risk.forecasts.made.is_empty() {
        section(text, "forecast until the next review is due, scored then by the incidents on record");
        text.push_str(&table(
            ["system", "impact", "at least one event", "until"],
            risk.forecasts.made.iter().map(|forecast| {
                [
                    short(&forecast.system, 40),
                    short(&forecast.impact, 20),
                    share(forecast.probability),
                    day(&forecast.until).to_owned(),
                ]
            }),
        ));
    }
    if let Some(score) = &risk.forecasts.score {
        scored(text, score);
    }
}

fn scored(text: &mut String, score: &ForecastScore) {
    section(text, "how earlier forecasts fared");
    match (score.brier, score.base_rate_brier) {
        (Some(brier), Some(base)) => {
            let _ = writeln!(
                text,
                "  {} came due, {} came true: Brier score {brier:.3} (0 is best), always saying the base rate {base:.3}{}; {} \
                 not over",
                score.count,
                score.happened,
                score.skill.map_or_else(String::new, |skill| format!(", skill {skill:.2}")),
                score.pending
            );
        }
        _ => {
            let _ =
                writeln!(text, "  none with a record of incidents has come due; {} not over", score.pending);
        }
    }
    if !score.calibration.is_empty() {
        text.push_str(&table(
            ["forecast", "how many", "mean forecast", "came true", "95 % interval"],
            score.calibration.iter().map(|row| {
                [
                    format!("{} to {}", share(row.low), share(row.high)),
                    row.count.to_string(),
                    share(row.forecast),
                    share(row.observed),
                    format!("{} to {}", share(row.range.low), share(row.range.high)),
                ]
            }),
        ));
    }
    for line in &score.unscored {
        let _ = writeln!(text, "  {}", short(line, 200));
    }
}
