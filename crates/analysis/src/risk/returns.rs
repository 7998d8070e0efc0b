//! What each step of a plan gives back, with the probability that it pays, and what waiting with it costs.
//!
//! Every simulated year is lived twice by the same luck in the same world: once without and once with the step, given
//! the steps before it. The events are the same and cost the same; one of them is stopped when its own uniform number is not
//! below the share of events that the controls leave (thinning of a Poisson process), so that a control never adds a loss
//! and the difference is the control's alone.

use rayon::prelude::*;
use vauban_domain::{CostOfDelay, Interval, ReturnOnControl};

use super::poisson::{MOST_UNIFORMS, Poisson};
use super::random::Stream;
use super::simulation::MOST_EVENTS;
use super::uncertainty::{Draw, count, draws, middle};
use crate::graph::ThreatGraph;
use crate::plan::Planned;

/// Simulated years of each draw.
const YEARS: u64 = 100;
/// Months and quarters of a year.
const MONTHS: f64 = 12.0;
const QUARTERS: f64 = 4.0;

/// Fills in what every step of `planned` gives back and what waiting with it costs; returns what waiting with the whole plan
/// costs. Nothing is filled in without declared losses, steps or simulated years.
pub fn returns(
    graph: &ThreatGraph<'_>,
    planned: &mut Planned<'_>,
    trials: u64,
    seed: u64,
) -> Option<CostOfDelay> {
    let count = count(graph, trials);
    let Planned { plan, states, .. } = planned;
    if count == 0 || states.is_empty() {
        return None;
    }
    let all: Vec<&[f64]> =
        std::iter::once(graph.weights.as_slice()).chain(states.iter().map(Vec::as_slice)).collect();
    let draws = draws(graph, &all, count, seed);
    let expected: Vec<Vec<f64>> =
        draws.iter().map(|draw| (0..all.len()).map(|state| draw.expected(graph, state)).collect()).collect();
    let lived = live(graph, &draws, all.len(), seed);
    for (position, step) in plan.steps.iter_mut().enumerate() {
        let removed: Vec<f64> =
            expected.iter().map(|states| states[position] - states[position + 1]).collect();
        let in_years: Vec<f64> = lived.iter().map(|year| year[position] - year[position + 1]).collect();
        step.return_on_control = pays(step.cost, &removed, &in_years, count);
        step.cost_of_delay = delay(step.risk_removed, removed);
    }
    let before = plan.steps.first().map_or(0.0, |step| step.risk_left + step.risk_removed);
    let after = plan.steps.last().map_or(0.0, |step| step.risk_left);
    let removed = expected.iter().filter_map(|states| Some(states.first()? - states.last()?)).collect();
    delay(before - after, removed)
}

fn pays(cost: f64, removed: &[f64], in_years: &[f64], draws: u64) -> Option<ReturnOnControl> {
    let net = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value - cost).collect() };
    let share = |values: &[f64]| {
        values.iter().filter(|value| **value > cost).count() as f64 / values.len().max(1) as f64
    };
    Some(ReturnOnControl {
        net_benefit: removed.iter().sum::<f64>() / removed.len().max(1) as f64 - cost,
        range: middle(net(in_years))?,
        probability: share(in_years),
        expected_range: middle(net(removed))?,
        expected_probability: share(removed),
        draws: u32::try_from(draws).unwrap_or(u32::MAX),
        years: in_years.len() as u64,
    })
}

/// What is lost while nothing is done: the expected loss that would have been removed in that time.
fn delay(a_year: f64, removed: Vec<f64>) -> Option<CostOfDelay> {
    let range = middle(removed)?;
    let part = |parts: f64| Interval { low: range.low / parts, high: range.high / parts, level: range.level };
    Some(CostOfDelay {
        month: a_year / MONTHS,
        month_range: part(MONTHS),
        quarter: a_year / QUARTERS,
        quarter_range: part(QUARTERS),
    })
}

/// Total loss of every year of every draw, in every state.
fn live(graph: &ThreatGraph<'_>, draws: &[Draw], states: usize, seed: u64) -> Vec<Vec<f64>> {
    let streams: Vec<[Stream; 3]> = graph
        .losses
        .iter()
        .map(|loss| {
            ["events", "losses", "stopped"].map(|what| {
                Stream::new(seed, &format!("{}/{}/with and without/{what}", loss.system.name, loss.impact))
            })
        })
        .collect();
    draws
        .par_iter()
        .enumerate()
        .flat_map_iter(|(number, draw)| {
            let first = number as u64 * YEARS;
            let mut years = vec![vec![0.0; states]; YEARS as usize];
            for (loss, (kind, [counts, sizes, marks])) in graph.losses.iter().zip(&streams).enumerate() {
                let most = draw.frequency[0][loss];
                if most <= 0.0 {
                    continue;
                }
                let left: Vec<f64> = draw.frequency.iter().map(|state| state[loss] / most).collect();
                let poisson = Poisson::new(most);
                for (year, at) in years.iter_mut().zip(first..) {
                    let events = poisson.count(|k| counts.uniform(at * MOST_UNIFORMS + k));
                    for event in 0..u64::from(events) {
                        let address = at * MOST_EVENTS + event;
                        let size = kind.loss.quantile(sizes.uniform(address)) * draw.size[loss];
                        let mark = marks.uniform(address);
                        for (total, left) in year.iter_mut().zip(&left) {
                            if mark < *left {
                                *total += size;
                            }
                        }
                    }
                }
            }
            years
        })
        .collect()
}
