//! What a usual gradient attack would see: the softmax cross-entropy in 32 bits, whose gradient dies when the model is
//! sure of itself. A model with scaled logits passes such attacks and is no more robust for it.

use rand::RngExt as _;

use super::{Look, MARGIN, Probe, not_run, share, verdict};
use crate::evasion::{Ball, Norm, generator};
use crate::target::{TargetError, winner};

/// Steps of the walk.
const STEPS: u32 = 20;

/// Gradient of the cross-entropy by the logits as frameworks compute it: probabilities minus one at the label.
fn cross_entropy(logits: &[f32], label: usize, gradient: &mut [f32]) {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - top).exp()).sum();
    for (class, (logit, gradient)) in logits.iter().zip(gradient.iter_mut()).enumerate() {
        *gradient = (logit - top).exp() / sum - f32::from(u8::from(class == label));
    }
}

/// The naive attack must leave about as much as the worst case over all attacks.
pub(super) fn suffice(probe: &Probe<'_>) -> Look {
    if probe.all.target.gradients().is_none() {
        return not_run("the target gives no gradients");
    }
    if probe.all.scope.norm != Norm::Linf {
        return not_run("is looked at in the L-infinity norm only");
    }
    if probe.rows.is_empty() {
        return not_run("no sample is read right");
    }
    let naive = walk(probe)?;
    let worst = probe.worst();
    let detail = format!(
        "gradients of the usual cross-entropy in 32 bits leave {naive:.3}, the worst case over all attacks is {worst:.3}"
    );
    Ok((verdict(naive <= worst + 2.0 * MARGIN), detail))
}

/// Share of the probe that holds against a plain projected walk along the naive gradient.
fn walk(probe: &Probe<'_>) -> Result<f64, TargetError> {
    let Some(target) = probe.all.target.gradients() else { return Ok(1.0) };
    let (samples, scope) = (&probe.samples, probe.all.scope);
    let (width, eps, bounds) = (samples.width(), scope.eps, target.bounds());
    let ball = Ball { norm: Norm::Linf, eps, bounds };
    let mut held = vec![true; samples.len()];
    let mut points: Vec<f32> = Vec::with_capacity(samples.inputs.len());
    for row in 0..samples.len() {
        let mut random = generator(scope.seed, "naive-gradients", row);
        points.extend(samples.row(row).iter().map(|x| bounds.clamp(x + random.random_range(-eps..=eps))));
    }
    let climb = |row: usize, logits: &[f32], gradient: &mut [f32]| {
        cross_entropy(logits, usize::try_from(samples.labels[row]).unwrap_or(0), gradient);
    };
    for _ in 0..=STEPS {
        let answer = target.gradients(&points, &climb)?;
        let rows = answer.logits.chunks_exact(target.classes()).zip(answer.inputs.chunks_exact(width));
        for (row, (logits, gradient)) in rows.enumerate() {
            held[row] &= i64::from(winner(logits)) == samples.labels[row];
            let point = &mut points[row * width..][..width];
            ball.climb(point, gradient, 2.5 * eps / STEPS as f32);
            ball.project(samples.row(row), point);
        }
    }
    Ok(share(&held, true))
}

/// Answers that are one and zero to the last bit leave a usual gradient attack nothing to follow.
pub(super) fn saturated(probe: &Probe<'_>) -> Look {
    let Some(target) = probe.all.target.gradients() else { return not_run("the target gives no gradients") };
    let samples = &probe.samples;
    if samples.is_empty() {
        return not_run("no sample is read right");
    }
    let nothing = |_: usize, _: &[f32], gradient: &mut [f32]| gradient.fill(0.0);
    let logits = target.gradients(&samples.inputs, &nothing)?.logits;
    let mut gradient = vec![0.0; target.classes()];
    let dead: Vec<bool> = logits
        .chunks_exact(target.classes())
        .zip(&samples.labels)
        .map(|(logits, label)| {
            let label = usize::try_from(*label).unwrap_or(0);
            cross_entropy(logits, label, &mut gradient);
            gradient.get(label).copied() == Some(0.0)
        })
        .collect();
    let dead = share(&dead, true);
    let detail = format!(
        "on {dead:.3} of the samples the softmax is exactly one in 32 bits, so that its gradient is zero"
    );
    Ok((verdict(dead <= 0.1), detail))
}
