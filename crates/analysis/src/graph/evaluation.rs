//! Frequencies and likelihoods of all instances under one set of controls: see the formula in [`crate::graph`].

use std::collections::{BTreeSet, VecDeque};

use super::assumptions::{FURTHER_CAUSE, MOST_CASCADE, RESIDUAL};
use super::{Edge, ThreatGraph};

/// Visits to each instance, on average, after which the iteration ends in any case; the change shrinks by a fifth or more
/// from one to the next.
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

/// What an evaluation reads of the edges: large estates have hundreds of thousands, and each is read many times.
///
/// Only the strongest few causes of an instance count, so they stand in the order of what they brought about in some other
/// evaluation, the reference. While no likelihood is above its reference by more than some factor, a cause brings about at
/// most that factor times its bound, and so do all that stand after it: reading ends where those are too weak to count.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Causes {
    /// By target, then falling bound.
    list: Vec<Cause>,
    /// Likelihood of each instance in the reference.
    reference: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Cause {
    /// Prior of the cascade.
    prior: f64,
    /// Prior times the likelihood of the source in the reference.
    bound: f64,
    from: u32,
    /// Position of the edge where further threats must have happened, else [`FREE`].
    waits: u32,
}

/// A cause that waits for nothing else.
const FREE: u32 = u32::MAX;

impl Causes {
    /// Orders the edges of a graph, those into instance `i` from `inbound[i]` to `inbound[i + 1]`, by the likelihoods of an
    /// evaluation.
    pub(super) fn ordered(edges: &[Edge<'_>], inbound: &[usize], reference: Vec<f64>) -> Self {
        let cause = |(edge, at): (u32, &Edge<'_>)| Cause {
            prior: at.prior,
            bound: at.prior * reference[at.from],
            from: at.from as u32,
            waits: if at.needs.is_some() { edge } else { FREE },
        };
        let mut list: Vec<Cause> = (0..).zip(edges).map(cause).collect();
        for here in inbound.windows(2) {
            list[here[0]..here[1]].sort_by(|one, other| {
                other.bound.total_cmp(&one.bound).then_with(|| one.from.cmp(&other.from))
            });
        }
        Self { list, reference }
    }

    /// How far this likelihood is above the reference of its instance, as a factor.
    fn above(&self, instance: usize, likelihood: f64) -> f64 {
        if likelihood <= 0.0 { 0.0 } else { likelihood / self.reference[instance] }
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

    /// Iterates to the fixed point, looking only at instances whose causes have changed since they were last looked at. An
    /// instance reads what those before it have just become, which takes half the visits of reading the round before.
    fn settle(
        &self,
        evaluation: &mut Evaluation,
        weights: &[f64],
        touched: Vec<usize>,
        tolerance: f64,
        attempts: impl Fn(usize) -> f64,
    ) {
        let mut waiting = vec![false; self.instances.len()];
        for index in &touched {
            let through = self.through(*index, weights);
            evaluation.through[*index] = through;
            evaluation.frequency[*index] = attempts(*index) * self.instances[*index].success * through;
            waiting[*index] = true;
        }
        let mut queue = VecDeque::from(touched);
        let likelihoods = evaluation.likelihood.iter().enumerate();
        let mut above =
            likelihoods.map(|(index, likelihood)| self.causes.above(index, *likelihood)).fold(0.0, f64::max);
        for _ in 0..MOST_ROUNDS.saturating_mul(self.instances.len()) {
            let Some(index) = queue.pop_front() else { break };
            waiting[index] = false;
            evaluation.inbound[index] = self.inbound(index, evaluation, above);
            let change = evaluation.refresh(index);
            above = above.max(self.causes.above(index, evaluation.likelihood[index]));
            if change > tolerance {
                for target in &self.outbound[index] {
                    if !std::mem::replace(&mut waiting[*target], true) {
                        queue.push_back(*target);
                    }
                }
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
    /// of the one before. No likelihood is more than `above` times its reference.
    fn inbound(&self, index: usize, evaluation: &Evaluation, above: f64) -> f64 {
        let mut strongest = [0.0; CAUSES];
        let through = evaluation.through[index];
        // A little more than what holds exactly, for what rounding takes.
        let most = through * above * (1.0 + 1e-9);
        for cause in &self.causes.list[self.inbound[index]..self.inbound[index + 1]] {
            if cause.bound * most <= strongest[CAUSES - 1] {
                break;
            }
            let passage = match cause.waits {
                FREE => (cause.prior * through).min(MOST_CASCADE),
                edge => self.passage(evaluation, &self.edges[edge as usize]),
            };
            let mut cause = passage * evaluation.likelihood[cause.from as usize];
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
