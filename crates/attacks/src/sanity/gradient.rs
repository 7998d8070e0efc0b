//! Looks at the gradient itself.

use super::{Look, Probe, not_run, share, verdict};
use crate::evasion::{generator, sign};
use crate::samples::Samples;
use crate::target::{GradientTarget, TargetError, winner};
use rand::RngExt as _;

/// Samples compared with finite differences.
const COMPARED: usize = 12;

/// Step of the differences, as a share of the range of inputs: large enough for 32 bits, small against kinks.
const STEP: f32 = 2e-3;

/// Whether gradients are those of the model: slopes along random directions against central differences of the margin.
///
/// `Ok(Err(..))` says why they are not.
///
/// # Errors
/// When the target fails.
pub(crate) fn agrees(
    target: &dyn GradientTarget,
    samples: &Samples,
) -> Result<Result<(), String>, TargetError> {
    let pairs = slopes(target, &samples.first(COMPARED))?;
    let worst = pairs.iter().map(|pair| pair.apart()).fold(0.0, f32::max);
    let off = pairs.iter().filter(|pair| pair.apart() > 0.2).count();
    // A kink between the two points of a difference moves a few slopes; a wrong gradient moves most.
    Ok(if 2 * off > pairs.len() {
        Err(format!(
            "{off} of {} slopes differ from finite differences, by up to {:.0} % of the larger",
            pairs.len(),
            100.0 * worst
        ))
    } else {
        Ok(())
    })
}

/// The slope along a direction, as the gradient says and as a difference says.
struct Slope {
    gradient: f32,
    difference: f32,
    /// What rounding alone can make of the difference.
    noise: f32,
}

impl Slope {
    /// How far the two are apart, as a share of the larger; 0 when rounding explains it.
    fn apart(&self) -> f32 {
        let apart = (self.gradient - self.difference).abs();
        if apart <= self.noise { 0.0 } else { apart / self.gradient.abs().max(self.difference.abs()) }
    }
}

/// One slope per sample, along a random direction of signs.
fn slopes(target: &dyn GradientTarget, samples: &Samples) -> Result<Vec<Slope>, TargetError> {
    let (width, classes, bounds) = (target.width(), target.classes(), target.bounds());
    let step = STEP * (bounds.high - bounds.low);
    let (mut above, mut below, mut directions) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..samples.len() {
        let mut random = generator(0, "finite-differences", row);
        for x in samples.row(row) {
            let sign = if random.random::<bool>() { 1.0 } else { -1.0 };
            directions.push(sign);
            above.push(x + step * sign);
            below.push(x - step * sign);
        }
    }
    let rivals: Vec<(usize, usize)> = {
        let nothing = |_: usize, _: &[f32], gradient: &mut [f32]| gradient.fill(0.0);
        let logits = target.gradients(&samples.inputs, &nothing)?.logits;
        logits.chunks_exact(classes).map(rivals).collect()
    };
    let margin = |row: usize, _: &[f32], gradient: &mut [f32]| {
        gradient.fill(0.0);
        let (top, next) = rivals[row];
        gradient[top] += 1.0;
        gradient[next] -= 1.0;
    };
    let here = target.gradients(&samples.inputs, &margin)?.inputs;
    let (above, below) =
        (target.gradients(&above, &margin)?.logits, target.gradients(&below, &margin)?.logits);
    let value = |logits: &[f32], row: usize| {
        let logits = &logits[row * classes..][..classes];
        f64::from(logits[rivals[row].0]) - f64::from(logits[rivals[row].1])
    };
    let largest = |logits: &[f32], row: usize| {
        logits[row * classes..][..classes].iter().fold(0.0_f32, |most, logit| most.max(logit.abs()))
    };
    Ok((0..samples.len())
        .map(|row| {
            let own = here[row * width..][..width].iter().zip(&directions[row * width..][..width]);
            Slope {
                gradient: own.map(|(slope, sign)| f64::from(slope * sign)).sum::<f64>() as f32,
                difference: ((value(&above, row) - value(&below, row)) / (2.0 * f64::from(step))) as f32,
                noise: 64.0 * f32::EPSILON * largest(&above, row).max(1.0) / step,
            }
        })
        .collect())
}

/// The two likeliest classes.
fn rivals(logits: &[f32]) -> (usize, usize) {
    let top = winner(logits) as usize;
    let next =
        (0..logits.len()).filter(|class| *class != top).max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
    (top, next.unwrap_or(top))
}

/// The gradient is the model's.
pub(super) fn differences(probe: &Probe<'_>) -> Look {
    let Some(target) = probe.all.target.gradients() else { return not_run("the target gives no gradients") };
    if probe.rows.is_empty() {
        return not_run("no sample is read right");
    }
    let pairs = slopes(target, &probe.samples.first(COMPARED))?;
    let mut apart: Vec<f32> = pairs.iter().map(Slope::apart).collect();
    apart.sort_by(f32::total_cmp);
    let median = apart.get(apart.len() / 2).copied().unwrap_or(0.0);
    let detail = format!(
        "slopes differ from finite differences by {:.1} % in the median, {:.1} % at most",
        100.0 * median,
        100.0 * apart.last().copied().unwrap_or(0.0)
    );
    Ok((verdict(median <= 0.2), detail))
}

/// Exact zeros are where a gradient attack stands still.
pub(super) fn zero(probe: &Probe<'_>) -> Look {
    let Some(target) = probe.all.target.gradients() else { return not_run("the target gives no gradients") };
    if probe.rows.is_empty() {
        return not_run("no sample is read right");
    }
    let gradients = loss_gradients(target, &probe.samples)?;
    let zero: Vec<bool> =
        gradients.chunks_exact(target.width()).map(|row| row.iter().all(|slope| *slope == 0.0)).collect();
    let zero = share(&zero, true);
    let detail = format!("the gradient is exactly zero on {zero:.3} of the samples");
    Ok((verdict(zero <= 0.1), detail))
}

fn loss_gradients(target: &dyn GradientTarget, samples: &Samples) -> Result<Vec<f32>, TargetError> {
    let climb = |row: usize, logits: &[f32], gradient: &mut [f32]| {
        crate::evasion::cross_entropy(logits, usize::try_from(samples.labels[row]).unwrap_or(0), gradient);
    };
    Ok(target.gradients(&samples.inputs, &climb)?.inputs)
}

/// A small step along the gradient must make the model less sure, on nearly all samples; where it does not, gradients are
/// shattered: true at a point and useless beside it.
pub(super) fn step_helps(probe: &Probe<'_>) -> Look {
    let Some(target) = probe.all.target.gradients() else { return not_run("the target gives no gradients") };
    let samples = &probe.samples;
    if samples.is_empty() {
        return not_run("no sample is read right");
    }
    let (width, classes, bounds) = (target.width(), target.classes(), target.bounds());
    let gradients = loss_gradients(target, samples)?;
    let step = 0.005 * probe.range();
    let moved: Vec<f32> = samples
        .inputs
        .iter()
        .zip(&gradients)
        .map(|(x, slope)| bounds.clamp(x + step * sign(*slope)))
        .collect();
    let nothing = |_: usize, _: &[f32], gradient: &mut [f32]| gradient.fill(0.0);
    let before = target.gradients(&samples.inputs, &nothing)?.logits;
    let after = target.gradients(&moved, &nothing)?.logits;
    let mut lower = Vec::new();
    for row in 0..samples.len() {
        if gradients[row * width..][..width].iter().all(|slope| *slope == 0.0) {
            continue;
        }
        let label = usize::try_from(samples.labels[row]).unwrap_or(0);
        let margin = |logits: &[f32]| crate::evasion::margin(&logits[row * classes..][..classes], label);
        lower.push(margin(&after) <= margin(&before));
    }
    if lower.is_empty() {
        return not_run("every gradient is exactly zero");
    }
    let helped = share(&lower, true);
    let detail = format!(
        "a step of .5 % of the range along the gradient lowers the margin on {helped:.3} of the samples"
    );
    Ok((verdict(helped >= 0.8), detail))
}
