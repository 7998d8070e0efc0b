//! A universal perturbation: one change that is added to every sample.

use super::ball::Ball;
use super::driver::unless_stopped;
use super::loss::Loss;
use super::pack::{GROUP, Pack};
use super::{Attack, Modality, Norm, SampleResult, Terms, generator, groups};
use crate::samples::Samples;
use crate::target::{AccessLevel, GradientTarget, TargetError, winner};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "universal-linf",
    title: "one change for all samples, learned on every other sample, judged on all",
    paper: "Moosavi-Dezfooli et al., Universal Adversarial Perturbations, CVPR 2017, arXiv:1610.08401; by gradients as in \
            Shafahi et al., Universal Adversarial Training, AAAI 2020, arXiv:1811.11304",
    access: AccessLevel::Gradients,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0043.000@2026.09"],
    parameters: &[("learned-on", "every other sample"), ("step", "eps/10"), ("steps", "40")],
    run: |access, samples, terms| Some(run(access.gradients()?, samples, terms, 40)),
};

/// Learns one change of the maximum norm eps in `steps` steps along the sign of the mean gradient, then judges it on all
/// samples. Of the changes met, the one that fooled most of the samples learned on is kept.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn GradientTarget,
    samples: &Samples,
    terms: &Terms,
    steps: u32,
) -> Result<Vec<SampleResult>, TargetError> {
    let ball = Ball { norm: Norm::Linf, eps: terms.eps, bounds: target.bounds() };
    // What is learned on needs two queries to be judged.
    let afford = terms.queries.saturating_sub(2).min(steps);
    let (change, spent, stopped) = learn(target, samples, terms, &ball, afford)?;
    groups(target, samples.len(), GROUP, |range| {
        let mut pack = Pack::new(target, samples, terms, &range);
        for index in (0..range.len()).filter(|index| learned_on(range.start + index)) {
            pack.results[index].queries = spent;
            pack.results[index].cut_short = stopped || afford < steps;
        }
        let (mut active, _) = pack.right()?;
        pack.admit(&mut active, 1);
        let mut points = Vec::with_capacity(active.len() * pack.width());
        for index in &active {
            points.extend(moved(pack.original(*index), &change, &ball));
        }
        let Some(scores) = pack.scores(&active, &points)? else { return Ok(pack.results) };
        let rows = scores.chunks_exact(target.classes()).zip(points.chunks_exact(pack.width().max(1)));
        for (index, (scores, point)) in active.iter().zip(rows) {
            if pack.wrong(*index, scores) {
                pack.succeed(*index, point);
            }
        }
        Ok(pack.results)
    })
}

/// Whether the change is learned on this sample.
fn learned_on(sample: usize) -> bool {
    sample.is_multiple_of(2)
}

fn moved(original: &[f32], change: &[f32], ball: &Ball) -> Vec<f32> {
    let mut point: Vec<f32> = original.iter().zip(change).map(|(x, change)| x + change).collect();
    ball.project(original, &mut point);
    point
}

/// The change, the queries each sample learned on has paid, and whether the target stopped answering.
fn learn(
    target: &dyn GradientTarget,
    samples: &Samples,
    terms: &Terms,
    ball: &Ball,
    steps: u32,
) -> Result<(Vec<f32>, u32, bool), TargetError> {
    let (width, classes) = (samples.width(), target.classes());
    let rows: Vec<usize> = (0..samples.len()).filter(|sample| learned_on(*sample)).collect();
    let labels: Vec<usize> =
        rows.iter().map(|row| usize::try_from(samples.labels[*row]).unwrap_or(0)).collect();
    let zeros = vec![0.0; width];
    let mut change =
        Ball { bounds: FREE, ..*ball }.random(&zeros, &mut generator(terms.seed, ATTACK.name, 0));
    let (mut best, mut most) = (change.clone(), 0);
    for spent in 0..steps {
        let points: Vec<f32> = rows.iter().flat_map(|row| moved(samples.row(*row), &change, ball)).collect();
        let cotangent = |row: usize, logits: &[f32], gradient: &mut [f32]| {
            // A sample that is wrong already pulls no more, so that the rest decides.
            if winner(logits) as usize == labels[row] {
                Loss::CrossEntropy.gradient(logits, labels[row], 0, gradient);
            }
        };
        let Some(answer) = unless_stopped(target.gradients(&points, &cotangent))? else {
            return Ok((best, spent, true));
        };
        let wrong = answer.logits.chunks_exact(classes).zip(&labels);
        let fooled = wrong.filter(|(logits, label)| winner(logits) as usize != **label).count();
        if fooled >= most {
            most = fooled;
            best.clone_from(&change);
        }
        let mut mean = vec![0.0_f32; width];
        for gradient in answer.inputs.chunks_exact(width.max(1)) {
            mean.iter_mut()
                .zip(gradient)
                .filter(|(_, part)| part.is_finite())
                .for_each(|(sum, part)| *sum += part);
        }
        ball.climb(&mut change, &mean, terms.eps / 10.0);
        change.iter_mut().for_each(|x| *x = x.max(-terms.eps).min(terms.eps));
    }
    Ok((best, steps, false))
}

/// The change itself is no input, so no box holds for it.
const FREE: crate::target::Bounds = crate::target::Bounds { low: f32::MIN, high: f32::MAX };
