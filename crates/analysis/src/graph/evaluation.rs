//! Frequencies and likelihoods of all instances under one set of controls: see the formula in [`crate::graph`].

use super::ThreatGraph;
use super::assumptions::{FURTHER_CAUSE, MOST_CASCADE, RESIDUAL};

/// Rounds after which the iteration ends in any case; the change shrinks by a fifth or more each round.
const MOST_ROUNDS: usize = 100;
/// Largest change of a probability that still counts as none.
const TOLERANCE: f64 = 1e-9;
/// Causes of one event that are counted: the sixth weighs less than a thousandth of the first.
const CAUSES: usize = 6;

/// Every instance under one set of controls, by position of the instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Share of attempts and cascades that the controls let through.
    pub through: Vec<f64>,
    /// Expected events a year without cascades.
    pub frequency: Vec<f64>,
    /// Probability of the event within a year, cascades included.
    pub likelihood: Vec<f64>,
    /// Expected events a year, cascades included.
    pub rate: Vec<f64>,
}

impl ThreatGraph<'_> {
    /// Evaluates all instances under the given weights of the placements.
    pub(crate) fn evaluate_with(&self, weights: &[f64]) -> Evaluation {
        let through: Vec<f64> = (0..self.instances.len()).map(|index| self.through(index, weights)).collect();
        let frequency: Vec<f64> = self
            .instances
            .iter()
            .zip(&through)
            .map(|(instance, through)| instance.attempts * instance.success * through)
            .collect();
        let own: Vec<f64> = frequency.iter().map(|frequency| -(-frequency).exp_m1()).collect();
        let mut likelihood = own.clone();
        let mut inbound = vec![0.0; own.len()];
        for _ in 0..MOST_ROUNDS {
            let mut change: f64 = 0.0;
            for (index, slot) in inbound.iter_mut().enumerate() {
                *slot = self.inbound(index, &likelihood, through[index]);
            }
            for (index, slot) in likelihood.iter_mut().enumerate() {
                let next = 1.0 - (1.0 - own[index]) * (1.0 - inbound[index]);
                change = change.max((next - *slot).abs());
                *slot = next;
            }
            if change < TOLERANCE {
                break;
            }
        }
        let rate = frequency.iter().zip(&inbound).map(|(own, inbound)| own - (-inbound).ln_1p()).collect();
        Evaluation { through, frequency, likelihood, rate }
    }

    /// Product of what each control lets through, never less than the residual.
    fn through(&self, index: usize, weights: &[f64]) -> f64 {
        let mut through = 1.0;
        for (control, placements) in &self.instances[index].controls {
            let weight = placements.iter().map(|placement| weights[*placement]).fold(0.0, f64::max);
            through *= 1.0 - self.effectiveness(*control) * weight;
        }
        through.max(RESIDUAL)
    }

    /// Probability that a cascade brings the event about: the strongest cause in full, each further one a quarter
    /// of the one before.
    fn inbound(&self, index: usize, likelihood: &[f64], through: f64) -> f64 {
        let mut strongest = [0.0; CAUSES];
        for edge in &self.edges[self.inbound[index]..self.inbound[index + 1]] {
            let mut cause = (edge.prior * through).min(MOST_CASCADE) * likelihood[edge.from];
            for slot in &mut strongest {
                if cause > *slot {
                    std::mem::swap(slot, &mut cause);
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
