//! Projected gradient descent in the balls of three norms.

use super::ball::Ball;
use super::loss::Loss;
use super::pack::{GROUP, Pack, gather};
use super::{Attack, Modality, Norm, SampleResult, Terms, generator, groups};
use crate::samples::Samples;
use crate::target::{AccessLevel, GradientTarget, TargetError};

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
        Some(run(access.gradients()?, samples, terms, &Steps::usual(Norm::Linf, terms.eps), ATTACK.name))
    },
};

/// Entry of the list: the same in the Euclidean ball.
pub const L2: Attack = Attack {
    name: "pgd-l2",
    title: "40 steps along the gradient, projected on the Euclidean ball, from two random starts",
    norm: Norm::L2,
    run: |access, samples, terms| {
        Some(run(access.gradients()?, samples, terms, &Steps::usual(Norm::L2, terms.eps), L2.name))
    },
    ..ATTACK
};

/// Entry of the list: the same in the ball of the 1-norm, by sparse steps.
pub const L1: Attack = Attack {
    name: "pgd-l1",
    title: "40 sparse steps along the steepest elements, projected on 1-norm ball and box, from two random starts",
    paper: "Tramer, Boneh, Adversarial Training and Robustness for Multiple Perturbations, NeurIPS 2019; Croce, Hein, \
            Mind the Box, ICML 2021",
    norm: Norm::L1,
    parameters: &[("restarts", "2"), ("share-moved", "0.05"), ("step", "eps/10"), ("steps", "40")],
    run: |access, samples, terms| {
        Some(run(access.gradients()?, samples, terms, &Steps::usual(Norm::L1, terms.eps), L1.name))
    },
    ..ATTACK
};

/// How to walk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// Norm of the ball and of the step.
    pub norm: Norm,
    /// Length of a step.
    pub step: f32,
    /// Steps per start.
    pub steps: u32,
    /// Starts.
    pub restarts: u32,
    /// Whether to start at a random point of the ball instead of the sample.
    pub random_start: bool,
}

impl Steps {
    /// 40 steps of a tenth of `eps`, two random starts.
    pub const fn usual(norm: Norm, eps: f32) -> Self {
        Self { norm, step: eps / 10.0, steps: 40, restarts: 2, random_start: true }
    }
}

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
    let ball = Ball { norm: steps.norm, eps: terms.eps, bounds: target.bounds() };
    groups(target, samples.len(), GROUP, |range| {
        let mut pack = Pack::new(target, samples, terms, &range);
        let (mut active, _) = pack.right()?;
        let mut random: Vec<_> = range.map(|sample| generator(terms.seed, name, sample)).collect();
        for _ in 0..steps.restarts {
            once(&mut pack, steps, &ball, active.clone(), &mut random)?;
            pack.unbroken(&mut active);
        }
        Ok(pack.results)
    })
}

/// One start: all steps for the samples in `active`.
fn once(
    pack: &mut Pack<'_>,
    steps: &Steps,
    ball: &Ball,
    mut active: Vec<usize>,
    random: &mut [rand_pcg::Pcg64],
) -> Result<(), TargetError> {
    let (width, classes) = (pack.width(), pack.target.classes());
    let mut points = vec![0.0; pack.results.len() * width];
    for index in &active {
        let point = &mut points[index * width..][..width];
        if steps.random_start {
            point.copy_from_slice(&ball.random(pack.original(*index), &mut random[*index]));
        } else {
            point.copy_from_slice(pack.original(*index));
        }
    }
    for _ in 0..steps.steps {
        pack.admit(&mut active, 1);
        if active.is_empty() {
            return Ok(());
        }
        let labels: Vec<usize> = active.iter().map(|index| pack.label(*index)).collect();
        let climb = |row: usize, logits: &[f32], gradient: &mut [f32]| {
            Loss::CrossEntropy.gradient(logits, labels[row], 0, gradient);
        };
        let Some(answer) = pack.gradients(&active, &gather(&active, &points, width), &climb)? else {
            return Ok(());
        };
        let rows = answer.logits.chunks_exact(classes).zip(answer.inputs.chunks_exact(width));
        for (index, (logits, gradient)) in active.iter().zip(rows) {
            let original = pack.original(*index);
            let point = &mut points[index * width..][..width];
            if pack.wrong(*index, logits) && ball.holds(original, point) {
                pack.succeed(*index, point);
            } else {
                ball.climb(point, gradient, steps.step);
                ball.project(original, point);
            }
        }
        pack.unbroken(&mut active);
    }
    pack.admit(&mut active, 1);
    let last = gather(&active, &points, width);
    let Some(scores) = pack.scores(&active, &last)? else { return Ok(()) };
    for (index, (scores, point)) in
        active.iter().zip(scores.chunks_exact(classes).zip(last.chunks_exact(width)))
    {
        if pack.wrong(*index, scores) && ball.holds(pack.original(*index), point) {
            pack.succeed(*index, point);
        }
    }
    Ok(())
}
