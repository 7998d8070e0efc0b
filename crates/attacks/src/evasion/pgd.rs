//! Projected gradient descent in the L-infinity ball.

use rand::RngExt as _;

use super::driver::unless_stopped;
use super::{Attack, Modality, Norm, SampleResult, Terms, generator, groups, loss};
use crate::samples::Samples;
use crate::target::{AccessLevel, GradientTarget, TargetError, winner};

/// Entry of the list: 40 steps of a tenth of eps, two random starts.
pub const ATTACK: Attack = Attack {
    name: "pgd-linf",
    title: "40 steps along the sign of the gradient, projected, from two random starts",
    paper: "Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks, ICLR 2018",
    access: AccessLevel::Gradients,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0043.000@2026.09"],
    parameters: &[("restarts", "2"), ("step", "eps/10"), ("steps", "40")],
    run: |access, samples, terms| {
        let steps = Steps { step: terms.eps / 10.0, steps: 40, restarts: 2, random_start: true };
        Some(run(access.gradients()?, samples, terms, &steps, ATTACK.name))
    },
};

/// How to walk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// Change of an element per step.
    pub step: f32,
    /// Steps per start.
    pub steps: u32,
    /// Starts.
    pub restarts: u32,
    /// Whether to start at a random point of the ball instead of the sample.
    pub random_start: bool,
}

/// Samples that walk together: one forward and backward pass for all.
const GROUP: usize = 128;

/// Climbs the cross-entropy; a sample is done at the first point the model gets wrong.
///
/// A query is one forward and backward pass, whose logits also tell whether the point before the step succeeds.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn GradientTarget,
    samples: &Samples,
    terms: &Terms,
    steps: &Steps,
    name: &str,
) -> Result<Vec<SampleResult>, TargetError> {
    groups(target, samples.len(), GROUP, |range| {
        let mut walk = Walk {
            target,
            samples,
            terms,
            steps,
            start: range.start,
            results: vec![SampleResult::untouched(); range.len()],
        };
        let mut active: Vec<usize> = (0..range.len()).collect();
        walk.check(&mut active, true)?;
        let mut random: Vec<_> = range.map(|sample| generator(terms.seed, name, sample)).collect();
        for _ in 0..steps.restarts {
            walk.once(&active, &mut random)?;
            active.retain(|index| !walk.results[*index].success && !walk.results[*index].cut_short);
        }
        Ok(walk.results)
    })
}

struct Walk<'a> {
    target: &'a dyn GradientTarget,
    samples: &'a Samples,
    terms: &'a Terms,
    steps: &'a Steps,
    start: usize,
    results: Vec<SampleResult>,
}

impl Walk<'_> {
    fn label(&self, index: usize) -> usize {
        usize::try_from(self.samples.labels[self.start + index]).unwrap_or(usize::MAX)
    }

    /// Drops samples whose budget is spent, together with their points.
    fn admit(&mut self, active: &mut Vec<usize>, points: &mut Vec<f32>) {
        let spent = |results: &[SampleResult], index: usize| results[index].queries >= self.terms.queries;
        if active.iter().any(|index| spent(&self.results, *index)) {
            let keep: Vec<bool> = active.iter().map(|index| !spent(&self.results, *index)).collect();
            for (index, keep) in active.iter().zip(&keep) {
                self.results[*index].cut_short |= !keep;
            }
            retain(active, points, self.samples.width(), &keep);
        }
    }

    /// Asks for the labels of the samples themselves and drops those the model gets wrong.
    fn check(&mut self, active: &mut Vec<usize>, clean: bool) -> Result<(), TargetError> {
        let mut points: Vec<f32> =
            active.iter().flat_map(|index| self.samples.row(self.start + index)).copied().collect();
        self.judge(active, &mut points, clean)
    }

    /// Asks for the labels of `points` and drops the samples that the model gets wrong there.
    fn judge(
        &mut self,
        active: &mut Vec<usize>,
        points: &mut Vec<f32>,
        clean: bool,
    ) -> Result<(), TargetError> {
        self.admit(active, points);
        if active.is_empty() {
            return Ok(());
        }
        let Some(labels) = unless_stopped(self.target.labels(points))? else {
            active.iter().for_each(|index| self.results[*index].cut_short = true);
            active.clear();
            return Ok(());
        };
        let keep: Vec<bool> =
            active.iter().zip(&labels).map(|(index, label)| self.label(*index) == *label as usize).collect();
        for (position, index) in active.iter().enumerate() {
            self.results[*index].queries += 1;
            if !keep[position] {
                let width = self.samples.width();
                let (original, point) =
                    (self.samples.row(self.start + index), &points[position * width..][..width]);
                if clean {
                    self.results[*index].was_wrong()
                } else {
                    self.results[*index].succeed(original, point)
                }
            }
        }
        retain(active, points, self.samples.width(), &keep);
        Ok(())
    }

    /// One start: all steps for the samples in `active`.
    fn once(&mut self, active: &[usize], random: &mut [rand_pcg::Pcg64]) -> Result<(), TargetError> {
        let (width, eps, bounds) = (self.samples.width(), self.terms.eps, self.target.bounds());
        let mut active = active.to_vec();
        let mut points = Vec::with_capacity(active.len() * width);
        for index in &active {
            let random = &mut random[*index];
            points.extend(self.samples.row(self.start + index).iter().map(|x| {
                let shift = if self.steps.random_start { random.random_range(-eps..=eps) } else { 0.0 };
                bounds.clamp(x + shift)
            }));
        }
        for step in 0..self.steps.steps {
            self.admit(&mut active, &mut points);
            if active.is_empty() {
                return Ok(());
            }
            let labels: Vec<usize> = active.iter().map(|index| self.label(*index)).collect();
            let climb = |row: usize, logits: &[f32], gradient: &mut [f32]| {
                loss::cross_entropy(logits, labels[row], gradient);
            };
            let Some(answer) = unless_stopped(self.target.gradients(&points, &climb))? else {
                active.iter().for_each(|index| self.results[*index].cut_short = true);
                return Ok(());
            };
            let mut keep = vec![true; active.len()];
            let rows = answer.logits.chunks_exact(self.target.classes());
            for (position, (logits, gradient)) in rows.zip(answer.inputs.chunks_exact(width)).enumerate() {
                let index = active[position];
                let original = self.samples.row(self.start + index);
                let point = &mut points[position * width..][..width];
                let result = &mut self.results[index];
                result.queries += 1;
                if winner(logits) as usize != labels[position] && (step > 0 || self.steps.random_start) {
                    result.succeed(original, point);
                    keep[position] = false;
                    continue;
                }
                if gradient.iter().all(|gradient| *gradient == 0.0) {
                    result.zero_gradients += 1;
                }
                for ((x, original), gradient) in point.iter_mut().zip(original).zip(gradient) {
                    let moved = *x + self.steps.step * sign(*gradient);
                    *x = bounds.clamp(moved.max(original - eps).min(original + eps));
                }
            }
            retain(&mut active, &mut points, width, &keep);
        }
        self.judge(&mut active, &mut points, false)
    }
}

/// The sign, with 0 for 0 and NaN.
fn sign(value: f32) -> f32 {
    f32::from(i8::from(value > 0.0) - i8::from(value < 0.0))
}

/// Keeps the marked entries of `active` and their rows of `points`.
fn retain(active: &mut Vec<usize>, points: &mut Vec<f32>, width: usize, keep: &[bool]) {
    if keep.iter().all(|keep| *keep) {
        return;
    }
    let mut kept = 0;
    for (position, _) in keep.iter().enumerate().filter(|(_, keep)| **keep) {
        points.copy_within(position * width..(position + 1) * width, kept * width);
        active[kept] = active[position];
        kept += 1;
    }
    active.truncate(kept);
    points.truncate(kept * width);
}
