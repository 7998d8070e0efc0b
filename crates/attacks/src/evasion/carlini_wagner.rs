//! Carlini and Wagner's attack in Euclidean distance: Adam on distance plus margin, in a space without bounds.

use super::loss::{best_other, margin};
use super::pack::{GROUP, Pack};
use super::{Attack, Modality, Norm, SampleResult, Terms, groups};
use crate::samples::Samples;
use crate::target::{AccessLevel, GradientTarget, TargetError};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "carlini-wagner-l2",
    title: "Adam on distance plus weighted margin, 60 steps for each of 5 weights found by bisection",
    paper: "Carlini, Wagner, Towards Evaluating the Robustness of Neural Networks, IEEE S&P 2017, arXiv:1608.04644",
    access: AccessLevel::Gradients,
    norm: Norm::L2,
    minimal: true,
    modality: Modality::Any,
    techniques: &["AML.T0043.000@2026.09"],
    parameters: &[("halvings", "6"), ("rate", "0.1"), ("steps", "60"), ("weight", "0.1"), ("weights", "5")],
    run: |access, samples, terms| Some(run(access.gradients()?, samples, terms, &Descent::default())),
};

/// How to descend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Descent {
    /// Weights of the margin tried, one after the other.
    pub weights: u32,
    /// First weight.
    pub weight: f32,
    /// Steps for each weight.
    pub steps: u32,
    /// Rate of Adam.
    pub rate: f32,
    /// Halvings of the segment from sample to example at the end.
    pub halvings: u32,
}

impl Default for Descent {
    fn default() -> Self {
        Self { weights: 5, weight: 0.1, steps: 60, rate: 0.1, halvings: 6 }
    }
}

/// A sample's position in the space without bounds, with Adam's moments.
struct Position {
    free: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    /// Loss when progress was last looked at.
    checked: f32,
    /// Whether this weight led to success.
    success: bool,
    weight: f32,
    low: f32,
    high: f32,
}

/// Lets the descent run; success means that any adversarial point was found, its distance is what counts.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn GradientTarget,
    samples: &Samples,
    terms: &Terms,
    descent: &Descent,
) -> Result<Vec<SampleResult>, TargetError> {
    let (bounds, classes) = (target.bounds(), target.classes());
    let (middle, half) = (f32::midpoint(bounds.low, bounds.high), (bounds.high - bounds.low) / 2.0);
    groups(target, samples.len(), GROUP, |range| {
        let mut pack = Pack::new(target, samples, terms, &range);
        let width = pack.width();
        let (right, _) = pack.right()?;
        let mut positions: Vec<Position> = (0..range.len())
            .map(|_| Position {
                free: Vec::new(),
                first: Vec::new(),
                second: Vec::new(),
                checked: f32::INFINITY,
                success: false,
                weight: descent.weight,
                low: 0.0,
                high: f32::INFINITY,
            })
            .collect();
        for _ in 0..descent.weights {
            let mut active = right.clone();
            for index in &active {
                let position = &mut positions[*index];
                // Not closer to a bound than a hundredth: farther out the slope is gone and the element is stuck.
                let flat = |x: &f32| ((x - middle) / half.max(f32::MIN_POSITIVE)).clamp(-0.99, 0.99).atanh();
                position.free = pack.original(*index).iter().map(flat).collect();
                position.first = vec![0.0; width];
                position.second = vec![0.0; width];
                (position.checked, position.success) = (f32::INFINITY, false);
            }
            for step in 1..=descent.steps {
                pack.admit(&mut active, 1);
                if active.is_empty() {
                    break;
                }
                let asked: Vec<f32> = active
                    .iter()
                    .flat_map(|index| &positions[*index].free)
                    .map(|free| bounds.clamp(middle + half * free.tanh()))
                    .collect();
                let labels: Vec<usize> = active.iter().map(|index| pack.label(*index)).collect();
                let cotangent = |row: usize, logits: &[f32], gradient: &mut [f32]| {
                    if let Some(other) = best_other(logits, labels[row]) {
                        gradient[labels[row]] = 1.0;
                        gradient[other] = -1.0;
                    }
                };
                let Some(answer) = pack.gradients(&active, &asked, &cotangent)? else { break };
                let rows = answer.logits.chunks_exact(classes).zip(answer.inputs.chunks_exact(width));
                let mut going = Vec::with_capacity(active.len());
                for ((index, point), (logits, slopes)) in
                    active.iter().zip(asked.chunks_exact(width)).zip(rows)
                {
                    let (original, position) = (pack.original(*index), &mut positions[*index]);
                    if pack.wrong(*index, logits) {
                        position.success = true;
                        pack.keep_closer(*index, point, |result| result.l2);
                    }
                    let margin = margin(logits, pack.label(*index)).max(0.0);
                    let squares: f32 = point.iter().zip(original).map(|(a, b)| (a - b) * (a - b)).sum();
                    let loss = squares + position.weight * margin;
                    position.descend(descent.rate, step, (original, point, slopes), half, margin > 0.0);
                    // Early abort: ten times per weight, no gain of a ten-thousandth ends it.
                    let look = step % (descent.steps / 10).max(1) == 0;
                    going.push(!look || loss < 0.9999 * position.checked);
                    if look {
                        position.checked = loss;
                    }
                }
                let mut going = going.into_iter();
                active.retain(|_| going.next().unwrap_or(false));
            }
            for index in &right {
                positions[*index].bisect();
            }
        }
        pack.draw_in(descent.halvings, |result| result.l2)?;
        Ok(pack.results)
    })
}

impl Position {
    /// One step of Adam down the distance plus, if the margin counts, the weighted margin.
    fn descend(
        &mut self,
        rate: f32,
        step: u32,
        (original, point, slopes): (&[f32], &[f32], &[f32]),
        half: f32,
        margin: bool,
    ) {
        let (fix_first, fix_second) =
            (1.0 - 0.9_f32.powi(step.cast_signed()), 1.0 - 0.999_f32.powi(step.cast_signed()));
        let weight = if margin { self.weight } else { 0.0 };
        for index in 0..self.free.len() {
            let squeezed = self.free[index].tanh();
            let outer = 2.0 * (point[index] - original[index]) + weight * slopes[index];
            let slope = outer * half * (1.0 - squeezed * squeezed);
            let (first, second) = (&mut self.first[index], &mut self.second[index]);
            *first = 0.9 * *first + 0.1 * slope;
            *second = 0.999 * *second + 0.001 * slope * slope;
            let moved = rate * (*first / fix_first) / ((*second / fix_second).sqrt() + 1e-8);
            if moved.is_finite() {
                self.free[index] -= moved;
            }
        }
    }

    /// The next weight: smaller after a success, larger after a failure.
    fn bisect(&mut self) {
        if self.success {
            self.high = self.high.min(self.weight);
        } else {
            self.low = self.low.max(self.weight);
        }
        self.weight =
            if self.high.is_finite() { f32::midpoint(self.low, self.high) } else { self.weight * 10.0 };
    }
}
