//! Which inputs drive the expected annual loss: each at its low and its high end, every other one as it is.

use std::collections::BTreeMap;

use rayon::prelude::*;
use vauban_domain::{Driver, DriverKind, words::amount};

use crate::graph::assumptions::{ATTEMPTS_AFTER_ALERT, ATTEMPTS_AFTER_ALERT_RANGE, weight};
use crate::graph::exposure::phrase;
use crate::graph::{Evaluation, Instance, ThreatGraph};

/// Inputs shown.
const DRIVERS: usize = 12;

/// The inputs with the largest swing, largest first; none without declared losses.
pub(super) fn drivers(graph: &ThreatGraph<'_>) -> Vec<Driver> {
    if graph.losses.is_empty() {
        return Vec::new();
    }
    let mut drivers = attempts(graph);
    drivers.extend(alarms(graph));
    drivers.extend(magnitudes(graph));
    drivers.extend(controls(graph));
    drivers.extend(evidence(graph));
    drivers.retain(|driver| driver.swing() > 0.0);
    drivers.sort_by(|one, other| {
        other
            .swing()
            .total_cmp(&one.swing())
            .then_with(|| (one.kind, &one.input).cmp(&(other.kind, &other.input)))
    });
    drivers.truncate(DRIVERS);
    drivers
}

/// Expected annual loss under these weights, incidents counted anew against what the graph now gives.
fn expected(graph: &ThreatGraph<'_>, weights: &[f64]) -> f64 {
    loss_of(graph, &graph.evaluate_with(weights))
}

fn loss_of(graph: &ThreatGraph<'_>, evaluation: &Evaluation) -> f64 {
    let frequencies = graph.frequencies(evaluation);
    let each = frequencies.iter().zip(&graph.losses);
    each.map(|(prior, loss)| loss.experience.posterior(*prior) * loss.loss.mean()).sum()
}

/// The same with other attempts a year.
fn with_attempts(graph: &ThreatGraph<'_>, attempts: impl Fn(&Instance<'_>) -> Option<f64>) -> f64 {
    let attempts = |index: usize| {
        let instance = &graph.instances[index];
        attempts(instance).unwrap_or(instance.attempts)
    };
    loss_of(graph, &graph.evaluate_attempted(&graph.weights, attempts))
}

/// Attempts a year, by row of the table of priors that some instance counts with.
fn attempts(graph: &ThreatGraph<'_>) -> Vec<Driver> {
    let mut rows = BTreeMap::new();
    for instance in graph.instances.iter() {
        if let Some(prior) = instance.prior {
            rows.entry((prior.maturity, prior.exposure)).or_insert(prior);
        }
    }
    let rows: Vec<_> = rows.into_iter().collect();
    rows.par_iter()
        .map(|(key, prior)| {
            let at = |value: f64| {
                with_attempts(graph, |instance| {
                    let own = instance.prior.map(|prior| (prior.maturity, prior.exposure)) == Some(*key);
                    // An alarm keeps attempts from falling below what it shows.
                    own.then(|| if instance.alarmed { value.max(ATTEMPTS_AFTER_ALERT) } else { value })
                })
            };
            Driver {
                kind: DriverKind::Frequency,
                input: format!(
                    "attempts with {} techniques on what is {}",
                    prior.maturity.as_str(),
                    phrase(prior.exposure)
                ),
                low: prior.low,
                base: prior.mode,
                high: prior.high,
                unit: "attempts a year".to_owned(),
                loss_at_low: at(prior.low),
                loss_at_high: at(prior.high),
                basis: "assumed: expert prior of the library, weak; ATLAS says whether a technique was seen, not how often"
                    .to_owned(),
            }
        })
        .collect()
}

fn alarms(graph: &ThreatGraph<'_>) -> Option<Driver> {
    graph.instances.iter().any(|instance| instance.alarmed).then(|| {
        let (low, high) = ATTEMPTS_AFTER_ALERT_RANGE;
        let at = |value: f64| {
            with_attempts(graph, |instance| {
                let prior = instance.prior.map_or(0.0, |prior| prior.mode);
                instance.alarmed.then(|| value.max(prior))
            })
        };
        Driver {
            kind: DriverKind::Frequency,
            input: "attempts where a detection raised the alarm".to_owned(),
            low,
            base: ATTEMPTS_AFTER_ALERT,
            high,
            unit: "attempts a year".to_owned(),
            loss_at_low: at(low),
            loss_at_high: at(high),
            basis: "observed: the alarm; assumed: from once a quarter to once a week".to_owned(),
        }
    })
}

/// Loss per event: every event costs the low end, or the high one.
fn magnitudes(graph: &ThreatGraph<'_>) -> Vec<Driver> {
    let frequencies = graph.frequencies(&graph.evaluate());
    let annual: Vec<(f64, f64)> = graph
        .losses
        .iter()
        .zip(&frequencies)
        .map(|(loss, prior)| (loss.experience.posterior(*prior), loss.loss.mean()))
        .collect();
    let total: f64 = annual.iter().map(|(frequency, mean)| frequency * mean).sum();
    let currency = &graph.facts.declaration.currency;
    graph
        .losses
        .iter()
        .zip(&annual)
        .map(|(loss, (frequency, mean))| {
            let (low, high) = (loss.loss.quantile(0.05), loss.loss.quantile(0.95));
            let at = |value: f64| (total + frequency * (value - mean)).max(0.0);
            let recorded = match loss.record.events {
                0 => String::new(),
                events => format!(", moved by {events} recorded"),
            };
            Driver {
                kind: DriverKind::Magnitude,
                input: format!("{} loss of {} per event", loss.impact, loss.system.name),
                low,
                base: *mean,
                high,
                unit: currency.clone(),
                loss_at_low: at(low),
                loss_at_high: at(high),
                basis: format!(
                    "declared: {} to {}{recorded} ({})",
                    amount(loss.range.low, currency),
                    amount(loss.range.high, ""),
                    loss.system.locator
                ),
            }
        })
        .collect()
}

/// Effectiveness of every control that counts today.
fn controls(graph: &ThreatGraph<'_>) -> Vec<Driver> {
    let mut in_force: BTreeMap<usize, f64> = BTreeMap::new();
    for (placement, weight) in graph.placements.iter().zip(&graph.weights) {
        if *weight > 0.0 {
            let most = in_force.entry(placement.control).or_default();
            *most = most.max(*weight);
        }
    }
    let in_force: Vec<(usize, f64)> = in_force.into_iter().collect();
    in_force
        .par_iter()
        .filter_map(|(index, most)| {
            let control = &graph.knowledge.controls[*index];
            let base = graph.effectiveness(*index);
            if base <= 0.0 {
                return None;
            }
            let (low, high) =
                (control.effectiveness.low.clamp(0.0, base), control.effectiveness.high.clamp(base, 1.0));
            let at = |value: f64| {
                let mut weights = graph.weights.clone();
                for (weight, placement) in weights.iter_mut().zip(graph.placements.iter()) {
                    if placement.control == *index {
                        *weight *= value / base;
                    }
                }
                expected(graph, &weights)
            };
            let rung = if *most > weight(vauban_domain::Rung::Configured) {
                "exercised"
            } else if *most > weight(vauban_domain::Rung::Claimed) {
                "configured"
            } else {
                "claimed"
            };
            Some(Driver {
                kind: DriverKind::Control,
                input: format!("effectiveness of {}", control.id),
                low,
                base,
                high,
                unit: "share of attempts stopped".to_owned(),
                loss_at_low: at(low),
                loss_at_high: at(high),
                basis: format!(
                    "assumed: range of the library or the owner; at best {rung}, so it counts for {:.0} %",
                    most * 100.0
                ),
            })
        })
        .collect()
}

/// How fast evidence ages: half and twice the half-life.
fn evidence(graph: &ThreatGraph<'_>) -> Option<Driver> {
    let days = graph.facts.half_life_days();
    let at = |days: u32| {
        let mut declaration = graph.facts.declaration.clone();
        declaration.cadence.half_life_days = days;
        let facts = crate::Facts { declaration: &declaration, ..graph.facts };
        let rebuilt = ThreatGraph::new(&facts, graph.knowledge);
        expected(&rebuilt, &rebuilt.weights)
    };
    let (low, high) = ((days / 2).max(1), days.saturating_mul(2));
    Some(Driver {
        kind: DriverKind::Evidence,
        input: "half-life of evidence".to_owned(),
        low: f64::from(low),
        base: f64::from(days),
        high: f64::from(high),
        unit: "days".to_owned(),
        loss_at_low: at(low),
        loss_at_high: at(high),
        basis: format!("declared: {days} days; assumed: half and twice of it"),
    })
}
