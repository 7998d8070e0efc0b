//! How far the inputs are not known, as draws of all of them together.
//!
//! One draw supposes one world: how effective every control really is (PERT over the library's or the owner's three
//! numbers), how often every kind of loss really happens (gamma around what the graph then gives, updated by the
//! incidents on record), and what it really costs on average (lognormal around the owner's range, updated by the losses on
//! record). The gamma stands for everything that is not known about a frequency, attempts a year included; drawing
//! those as well would count the same doubt twice. A later state of the estate, with a control more, is drawn in the same
//! world: its frequencies are those before times what the graph says the control leaves.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use vauban_domain::Interval;

use super::gamma::{MOST_UNIFORMS, gamma};
use super::normal::quantile;
use super::pert::Pert;
use super::random::Stream;
use crate::graph::ThreatGraph;

/// Draws at most.
const MOST_DRAWS: u64 = 400;
/// Draws at least, where any years are simulated at all.
const LEAST_DRAWS: u64 = 20;
/// Simulated years of the review for each draw.
const YEARS_PER_DRAW: u64 = 500;
/// Instances and cascades looked at over all draws, so that large estates end in time.
const MOST_WORK: u64 = 4_000_000;

/// One world.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draw {
    /// Events a year of every declared loss, for every state.
    pub(super) frequency: Vec<Vec<f64>>,
    /// What every loss per event is multiplied with; 1 on average.
    pub(super) size: Vec<f64>,
}

impl Draw {
    /// Expected loss a year in a state.
    pub(super) fn expected(&self, graph: &ThreatGraph<'_>, state: usize) -> f64 {
        let each = self.frequency[state].iter().zip(&self.size).zip(&graph.losses);
        each.map(|((frequency, size), loss)| frequency * size * loss.loss.mean()).sum()
    }

    /// Expected loss a year of one declared loss in the first state.
    pub(super) fn expected_of(&self, graph: &ThreatGraph<'_>, loss: usize) -> f64 {
        self.frequency[0][loss] * self.size[loss] * graph.losses[loss].loss.mean()
    }
}

/// How many draws a review of `trials` simulated years makes.
pub(super) fn count(graph: &ThreatGraph<'_>, trials: u64) -> u64 {
    if trials == 0 || graph.losses.is_empty() {
        return 0;
    }
    let size = (graph.instances.len() + graph.edges.len()).max(1) as u64;
    (trials / YEARS_PER_DRAW).min(MOST_WORK / size).clamp(LEAST_DRAWS, MOST_DRAWS)
}

/// `count` worlds; `states` are weights of all placements, the first those that hold today.
pub(super) fn draws(graph: &ThreatGraph<'_>, states: &[&[f64]], count: u64, seed: u64) -> Vec<Draw> {
    let effectiveness = effectiveness(graph, states, seed);
    let touched: Vec<BTreeSet<usize>> =
        states.windows(2).map(|pair| touched(graph, pair[0], pair[1])).collect();
    let frequencies: Vec<Stream> =
        graph.losses.iter().map(|loss| stream(seed, "frequency", &id(loss))).collect();
    let sizes: Vec<Stream> = graph.losses.iter().map(|loss| stream(seed, "size", &id(loss))).collect();
    (0..count)
        .into_par_iter()
        .map(|draw| {
            let scaled = |weights: &[f64]| -> Vec<f64> {
                let mut weights = weights.to_vec();
                for (position, placement) in graph.placements.iter().enumerate() {
                    if let Some((pert, stream)) = effectiveness.get(&placement.control) {
                        let mode = graph.effectiveness(placement.control);
                        weights[position] *= pert.quantile(stream.uniform(draw)) / mode;
                    }
                }
                weights
            };
            let mut evaluation = None;
            let mut given: Vec<Vec<f64>> = Vec::with_capacity(states.len());
            for (state, weights) in states.iter().enumerate() {
                let weights = scaled(weights);
                let next = match evaluation.take() {
                    None => graph.evaluate_with(&weights),
                    Some(before) => graph.estimate(&before, &weights, &touched[state - 1]),
                };
                given.push(graph.frequencies(&next));
                evaluation = Some(next);
            }
            let first: Vec<f64> = graph
                .losses
                .iter()
                .zip(&frequencies)
                .zip(&given[0])
                .map(|((loss, stream), prior)| {
                    let (shape, rate) = loss.experience.gamma(*prior);
                    if *prior > 0.0 {
                        gamma(shape, rate, |k| stream.uniform(draw * MOST_UNIFORMS + k))
                    } else {
                        0.0
                    }
                })
                .collect();
            let frequency = given
                .iter()
                .map(|state| {
                    let left = state.iter().zip(&given[0]);
                    let left = left.map(|(now, before)| if *before > 0.0 { now / before } else { 0.0 });
                    first.iter().zip(left).map(|(frequency, left)| frequency * left).collect()
                })
                .collect();
            let size = graph
                .losses
                .iter()
                .zip(&sizes)
                .map(|(loss, stream)| {
                    let deviation = loss.record.deviation;
                    (deviation * quantile(stream.uniform(draw)) - deviation * deviation / 2.0).exp()
                })
                .collect();
            Draw { frequency, size }
        })
        .collect()
}

fn id(loss: &crate::graph::LossKind<'_>) -> String {
    format!("{}/{}", loss.system.name, loss.impact)
}

fn stream(seed: u64, what: &str, id: &str) -> Stream {
    Stream::new(seed, &format!("{id}/{what} not known"))
}

/// Controls with weight in any state whose effectiveness is a range.
fn effectiveness(graph: &ThreatGraph<'_>, states: &[&[f64]], seed: u64) -> BTreeMap<usize, (Pert, Stream)> {
    let mut controls = BTreeMap::new();
    for (position, placement) in graph.placements.iter().enumerate() {
        if controls.contains_key(&placement.control) || states.iter().all(|weights| weights[position] <= 0.0)
        {
            continue;
        }
        let control = &graph.knowledge.controls[placement.control];
        let range = control.effectiveness;
        let mode = graph.effectiveness(placement.control);
        if range.low < range.high
            && mode > 0.0
            && let Some(pert) = Pert::new(range.low.clamp(0.0, mode), mode, range.high.clamp(mode, 1.0))
        {
            controls.insert(placement.control, (pert, stream(seed, "effectiveness", &control.id)));
        }
    }
    controls
}

/// Instances that the difference between two states touches.
fn touched(graph: &ThreatGraph<'_>, before: &[f64], after: &[f64]) -> BTreeSet<usize> {
    graph
        .instances
        .iter()
        .enumerate()
        .filter(|(_, instance)| {
            let mut placements = instance.controls.iter().flat_map(|(_, placements)| placements);
            placements.any(|placement| before[*placement] != after[*placement])
        })
        .map(|(index, _)| index)
        .collect()
}

/// The interval that holds the middle 90 % of `values`; `None` of no values.
pub(super) fn middle(mut values: Vec<f64>) -> Option<Interval> {
    values.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| values.get(super::simulation::rank(share, values.len())).copied();
    Some(Interval { low: at(0.05)?, high: at(0.95)?, level: 0.9 })
}
