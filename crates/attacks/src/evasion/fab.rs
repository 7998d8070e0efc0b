//! Fast adaptive boundary attack: along the boundary of the linearised model, always pulled back to the sample.

use super::loss::likeliest_wrong;
use super::pack::{GROUP, Pack};
use super::plane::{length, smallest_change};
use super::{Attack, Modality, Norm, SampleResult, Terms, groups};
use crate::samples::Samples;
use crate::target::{AccessLevel, GradientTarget, TargetError};

/// Entry of the list: Euclidean distance.
pub const L2: Attack = Attack {
    name: "fab-t-l2",
    title: "projections on the linearised boundary to each of the 9 likeliest wrong classes, biased to the sample",
    paper: "Croce, Hein, Minimally Distorted Adversarial Examples with a Fast Adaptive Boundary Attack, ICML 2020, \
            arXiv:1907.02044",
    access: AccessLevel::Gradients,
    norm: Norm::L2,
    minimal: true,
    modality: Modality::Any,
    techniques: &["AML.T0043.000@2026.09"],
    parameters: &[("classes", "9"), ("halvings", "6"), ("steps", "20 per class")],
    run: |access, samples, terms| Some(run(access.gradients()?, samples, terms, &Walk::usual(Norm::L2))),
};

/// Entry of the list: largest change.
pub const LINF: Attack = Attack {
    name: "fab-t-linf",
    norm: Norm::Linf,
    run: |access, samples, terms| Some(run(access.gradients()?, samples, terms, &Walk::usual(Norm::Linf))),
    ..L2
};

/// How far a step goes beyond the boundary.
const OVERSHOOT: f32 = 1.05;
/// Largest weight of the projection of the sample itself.
const BIAS: f32 = 0.1;
/// Share of the way from the sample that is kept after a success.
const BACK: f32 = 0.9;

/// How to walk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Walk {
    /// Distance to keep small: maximum norm, else Euclidean.
    pub norm: Norm,
    /// Steps for each class.
    pub steps: u32,
    /// Likeliest wrong classes aimed at, one after the other.
    pub classes: usize,
    /// Halvings of the segment from sample to example at the end.
    pub halvings: u32,
}

impl Walk {
    /// 20 steps for each of 9 classes, 6 halvings.
    pub const fn usual(norm: Norm) -> Self {
        Self { norm, steps: 20, classes: 9, halvings: 6 }
    }
}

/// Walks towards each class; success means that any adversarial point was found, its distance is what counts.
///
/// One query per step: where the paper asks again after its step back, this keeps the plane it has.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn GradientTarget,
    samples: &Samples,
    terms: &Terms,
    walk: &Walk,
) -> Result<Vec<SampleResult>, TargetError> {
    let (bounds, norm, classes) = (target.bounds(), walk.norm, target.classes());
    let distance: fn(&SampleResult) -> f32 =
        if norm == Norm::Linf { |result| result.linf } else { |result| result.l2 };
    groups(target, samples.len(), GROUP, |range| {
        let mut pack = Pack::new(target, samples, terms, &range);
        let width = pack.width();
        let (right, scores) = pack.right()?;
        let aims: Vec<Vec<usize>> = (0..scores.len())
            .map(|index| likeliest_wrong(&scores[index], pack.label(index), walk.classes))
            .collect();
        let (mut here, mut home) = (Vec::new(), Vec::new());
        for rank in 0..aims.iter().map(Vec::len).max().unwrap_or(0) {
            let mut active: Vec<usize> =
                right.iter().copied().filter(|index| rank < aims[*index].len()).collect();
            let mut points: Vec<Vec<f32>> =
                (0..scores.len()).map(|index| pack.original(index).to_vec()).collect();
            for _ in 0..walk.steps {
                pack.admit(&mut active, 1);
                if active.is_empty() {
                    break;
                }
                let asked: Vec<f32> = active.iter().flat_map(|index| &points[*index]).copied().collect();
                let pairs: Vec<(usize, usize)> =
                    active.iter().map(|index| (pack.label(*index), aims[*index][rank])).collect();
                let cotangent = |row: usize, _: &[f32], gradient: &mut [f32]| {
                    gradient[pairs[row].1] = 1.0;
                    gradient[pairs[row].0] = -1.0;
                };
                let Some(answer) = pack.gradients(&active, &asked, &cotangent)? else { break };
                let rows = answer.logits.chunks_exact(classes).zip(answer.inputs.chunks_exact(width));
                for ((index, (label, aim)), (logits, slopes)) in active.iter().zip(&pairs).zip(rows) {
                    let original = pack.original(*index);
                    let point = &mut points[*index];
                    // How far the aim is behind the label, at the point and, by the plane, at the sample.
                    let mut gap = logits[*label] - logits[*aim];
                    let along = |from: &[f32], to: &[f32]| -> f32 {
                        slopes
                            .iter()
                            .zip(to.iter().zip(from))
                            .map(|(slope, (to, from))| slope * (to - from))
                            .sum()
                    };
                    let gap_home = gap + along(original, point);
                    if pack.wrong(*index, logits) {
                        pack.keep_closer(*index, point, distance);
                        let before = point.clone();
                        for (x, original) in point.iter_mut().zip(original) {
                            *x = original + BACK * (*x - original);
                        }
                        gap -= along(&before, point);
                    }
                    smallest_change(norm, point, slopes, gap, bounds, &mut here);
                    smallest_change(norm, original, slopes, gap_home, bounds, &mut home);
                    let (near, far) = (length(norm, &here), length(norm, &home));
                    let bias = if near + far > 0.0 { (near / (near + far)).min(BIAS) } else { 0.0 };
                    let changes = here.iter().zip(&home);
                    for ((x, original), (here, home)) in point.iter_mut().zip(original).zip(changes) {
                        let walked = *x + OVERSHOOT * here;
                        let biased = original + OVERSHOOT * home;
                        *x = bounds.clamp((1.0 - bias) * walked + bias * biased);
                    }
                }
            }
        }
        pack.draw_in(walk.halvings, distance)?;
        Ok(pack.results)
    })
}
