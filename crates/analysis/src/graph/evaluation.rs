//! Frequencies and likelihoods of all instances under one set of controls: see the formula in [`crate::graph`].

use std::collections::BTreeSet;

use super::assumptions::{FURTHER_CAUSE, MOST_CASCADE, RESIDUAL};
use super::{Edge, ThreatGraph};

/// Rounds after which the iteration ends in any case; the change shrinks by a fifth or more each round.
const MOST_ROUNDS: usize = 100;
/// Largest change of a probability that still counts as none.
const TOLERANCE: f64 = 1e-9;
/// The same where candidates are only ranked.
const ROUGH_TOLERANCE: f64 = 1e-6;
/// Causes of one event that are counted: the sixth weighs less than a thousandth of the first.
pub(crate) const CAUSES: usize = 6;

/// Every instance under one set of controls, by position of the instance.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// Share of attempts and cascades that the controls let through.
    pub through: Vec<f64>,
    /// Expected events a year without cascades.
    pub frequency: Vec<f64>,
    /// Probability of the event within a year, cascades included.
    pub likelihood: Vec<f64>,
    /// Expected events a year, cascades included.
    pub rate: Vec<f64>,
    /// Probability that a cascade brings the event about.
    inbound: Vec<f64>,
}

impl Evaluation {
    /// Probability of the event within a year, without cascades.
    pub fn own(&self, instance: usize) -> f64 {
        -(-self.frequency[instance]).exp_m1()
    }

    fn refresh(&mut self, instance: usize) -> f64 {
        let next = 1.0 - (1.0 - self.own(instance)) * (1.0 - self.inbound[instance]);
        let change = (next - self.likelihood[instance]).abs();
        self.likelihood[instance] = next;
        self.rate[instance] = self.frequency[instance] - (-self.inbound[instance]).ln_1p();
        change
    }
}

/// What an evaluation reads of an edge: large estates have millions, and each is read in every round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cause {
    prior: f64,
    from: usize,
    /// Whether further threats must have happened.
    waits: bool,
}

impl Cause {
    pub(super) fn of(edge: &Edge<'_>) -> Self {
        Self { prior: edge.prior, from: edge.from, waits: edge.needs.is_some() }
    }
}

impl ThreatGraph<'_> {
    /// Evaluates all instances under the given weights of the placements.
    pub(crate) fn evaluate_with(&self, weights: &[f64]) -> Evaluation {
        self.evaluate_attempted(weights, |index| self.instances[index].attempts)
    }

    /// The same with other attempts a year.
    pub(crate) fn evaluate_attempted(&self, weights: &[f64], attempts: impl Fn(usize) -> f64) -> Evaluation {
        let count = self.instances.len();
        let mut evaluation = Evaluation {
            through: vec![1.0; count],
            frequency: vec![0.0; count],
            likelihood: vec![0.0; count],
            rate: vec![0.0; count],
            inbound: vec![0.0; count],
        };
        self.settle(&mut evaluation, weights, (0..count).collect(), TOLERANCE, attempts);
        evaluation
    }

    /// Roughly the same, from an evaluation under other weights, when only these instances are touched by the
    /// difference: good enough to rank candidates.
    pub(crate) fn estimate(
        &self,
        evaluation: &Evaluation,
        weights: &[f64],
        touched: &BTreeSet<usize>,
    ) -> Evaluation {
        let mut evaluation = evaluation.clone();
        let attempts = |index: usize| self.instances[index].attempts;
        self.settle(&mut evaluation, weights, touched.iter().copied().collect(), ROUGH_TOLERANCE, attempts);
        evaluation
    }

    /// Iterates to the fixed point, looking only at instances whose causes have changed. Each round reads the round
    /// before, so the order of instances does not matter.
    fn settle(
        &self,
        evaluation: &mut Evaluation,
        weights: &[f64],
        touched: Vec<usize>,
        tolerance: f64,
        attempts: impl Fn(usize) -> f64,
    ) {
        for index in &touched {
            let through = self.through(*index, weights);
            evaluation.through[*index] = through;
            evaluation.frequency[*index] = attempts(*index) * self.instances[*index].success * through;
        }
        let mut marked = vec![false; self.instances.len()];
        let mut open = touched;
        for _ in 0..MOST_ROUNDS {
            let inbound: Vec<f64> = open.iter().map(|index| self.inbound(*index, evaluation)).collect();
            let mut next = Vec::new();
            for (index, inbound) in open.iter().zip(inbound) {
                evaluation.inbound[*index] = inbound;
                if evaluation.refresh(*index) > tolerance {
                    for target in &self.outbound[*index] {
                        if !std::mem::replace(&mut marked[*target], true) {
                            next.push(*target);
                        }
                    }
                }
            }
            for index in &next {
                marked[*index] = false;
            }
            open = next;
            if open.is_empty() {
                break;
            }
        }
    }

    /// Product of what each control lets through, never less than the residual.
    pub(crate) fn through(&self, index: usize, weights: &[f64]) -> f64 {
        let mut through = 1.0;
        for (control, placements) in &self.instances[index].controls {
            let weight = placements.iter().map(|placement| weights[*placement]).fold(0.0, f64::max);
            through *= 1.0 - self.effectiveness(*control) * weight;
        }
        through.max(RESIDUAL)
    }

    /// Probability that a cascade brings the event about: the strongest cause in full, each further one a quarter
    /// of the one before.
    fn inbound(&self, index: usize, evaluation: &Evaluation) -> f64 {
        let mut strongest = [0.0; CAUSES];
        let through = evaluation.through[index];
        let edges = self.inbound[index]..self.inbound[index + 1];
        for (at, cause) in edges.clone().zip(&self.causes[edges]) {
            let passage = if cause.waits {
                self.passage(evaluation, &self.edges[at])
            } else {
                (cause.prior * through).min(MOST_CASCADE)
            };
            let mut cause = passage * evaluation.likelihood[cause.from];
            if cause > strongest[CAUSES - 1] {
                for slot in &mut strongest {
                    if cause > *slot {
                        std::mem::swap(slot, &mut cause);
                    }
                }
            }
        }
        let mut none = 1.0;
        let mut weight = 1.0;
        for cause in strongest {
            none *= 1.0 - weight * cause;
            weight *= FURTHER_CAUSE;
        }
        1.0 - none
    }
}
