//! DeepFool: steps to the nearest boundary of the linearised model until the class changes.

use super::loss::likeliest_wrong;
use super::pack::{GROUP, Pack};
use super::plane::{length, smallest_change};
use super::{Attack, Modality, Norm, SampleResult, Terms, groups};
use crate::samples::Samples;
use crate::target::{AccessLevel, GradientTarget, TargetError};

/// Entry of the list: Euclidean distance.
pub const L2: Attack = Attack {
    name: "deep-fool-l2",
    title: "steps to the nearest boundary of the linearised model, then drawn in towards the sample",
    paper: "Moosavi-Dezfooli, Fawzi, Frossard, DeepFool, CVPR 2016, arXiv:1511.04599",
    access: AccessLevel::Gradients,
    norm: Norm::L2,
    minimal: true,
    modality: Modality::Any,
    techniques: &["AML.T0043.000@2026.09"],
    parameters: &[("classes", "9"), ("halvings", "6"), ("overshoot", "0.02"), ("steps", "50")],
    run: |access, samples, terms| Some(run(access.gradients()?, samples, terms, &Fooling::usual(Norm::L2))),
};

/// Entry of the list: largest change.
pub const LINF: Attack = Attack {
    name: "deep-fool-linf",
    norm: Norm::Linf,
    run: |access, samples, terms| Some(run(access.gradients()?, samples, terms, &Fooling::usual(Norm::Linf))),
    ..L2
};

/// How to walk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fooling {
    /// Distance to keep small: maximum norm, else Euclidean.
    pub norm: Norm,
    /// Steps at most.
    pub steps: u32,
    /// Likeliest wrong classes whose boundaries are looked at, each for a query in each step.
    pub classes: usize,
    /// Share by which the whole change is stretched to get across.
    pub overshoot: f32,
    /// Halvings of the segment from sample to example at the end.
    pub halvings: u32,
}

impl Fooling {
    /// 50 steps, 9 classes, .02 across, 6 halvings.
    pub const fn usual(norm: Norm) -> Self {
        Self { norm, steps: 50, classes: 9, overshoot: 0.02, halvings: 6 }
    }
}

/// Walks until the class changes; success means that any adversarial point was found, its distance is what counts.
///
/// Unlike the paper's, steps know the box: an element at its bound leaves its share to the others.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn GradientTarget,
    samples: &Samples,
    terms: &Terms,
    fooling: &Fooling,
) -> Result<Vec<SampleResult>, TargetError> {
    let (bounds, norm, classes) = (target.bounds(), fooling.norm, target.classes());
    // A sample asks about several classes at once, so fewer samples fill a batch.
    groups(target, samples.len(), GROUP, |range| {
        let mut pack = Pack::new(target, samples, terms, &range);
        let width = pack.width();
        let (mut active, scores) = pack.right()?;
        let aims: Vec<Vec<usize>> = (0..scores.len())
            .map(|index| likeliest_wrong(&scores[index], pack.label(index), fooling.classes))
            .collect();
        let mut points: Vec<Vec<f32>> =
            (0..scores.len()).map(|index| pack.original(index).to_vec()).collect();
        let (mut change, mut least) = (Vec::new(), Vec::new());
        for step in 0..=fooling.steps {
            // The class is looked at first, so that a walk that is over costs one query, not one per class.
            if step > 0 {
                pack.admit(&mut active, 1);
                let asked: Vec<f32> = active.iter().flat_map(|index| &points[*index]).copied().collect();
                let Some(scores) = pack.scores(&active, &asked)? else { break };
                for (index, scores) in active.iter().zip(scores.chunks_exact(classes)) {
                    if pack.wrong(*index, scores) {
                        pack.succeed(*index, &points[*index]);
                    }
                }
                pack.unbroken(&mut active);
            }
            if step == fooling.steps {
                break;
            }
            pack.admit(&mut active, fooling.classes.min(classes.saturating_sub(1)) as u32);
            if active.is_empty() {
                break;
            }
            let rows: Vec<(usize, usize)> =
                active.iter().flat_map(|index| aims[*index].iter().map(|aim| (*index, *aim))).collect();
            let owners: Vec<usize> = rows.iter().map(|(index, _)| *index).collect();
            let asked: Vec<f32> = owners.iter().flat_map(|index| &points[*index]).copied().collect();
            let labels: Vec<usize> = owners.iter().map(|index| pack.label(*index)).collect();
            let cotangent = |row: usize, _: &[f32], gradient: &mut [f32]| {
                gradient[rows[row].1] = 1.0;
                gradient[labels[row]] = -1.0;
            };
            let Some(answer) = pack.gradients(&owners, &asked, &cotangent)? else { break };
            let mut row = 0;
            for index in &active {
                let (original, label) = (pack.original(*index), pack.label(*index));
                let point = &mut points[*index];
                let mut best = f32::INFINITY;
                for aim in &aims[*index] {
                    let logits = &answer.logits[row * classes..][..classes];
                    let slopes = &answer.inputs[row * width..][..width];
                    row += 1;
                    // A hair more than the gap, so that a linear model is crossed at once.
                    let gap = logits[label] - logits[*aim];
                    smallest_change(norm, point, slopes, gap.max(0.0) * 1.0001 + 1e-6, bounds, &mut change);
                    let reached: f32 = change.iter().zip(slopes).map(|(a, b)| a * b).sum();
                    let size = length(norm, &change) * (gap / reached.max(f32::MIN_POSITIVE)).max(1.0);
                    if size < best {
                        best = size;
                        std::mem::swap(&mut change, &mut least);
                    }
                }
                if best.is_finite() {
                    for ((x, step), original) in point.iter_mut().zip(&least).zip(original) {
                        let whole = *x + step - original;
                        *x = bounds.clamp(original + (1.0 + fooling.overshoot) * whole);
                    }
                }
            }
        }
        pack.draw_in(
            fooling.halvings,
            if norm == Norm::Linf { |result| result.linf } else { |result| result.l2 },
        )?;
        Ok(pack.results)
    })
}
