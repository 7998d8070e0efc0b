//! TRADES (Zhang et al., ICML 2019): cross-entropy on samples, and divergence of answers inside the ball.

use super::{Ball, Shard, Slopes, climb};
use crate::evasion::{generator, normal};
use crate::harden::trainee::{Trainee, Weights};
use crate::harden::{HardenError, loss};
use crate::target::LabelTarget as _;

/// Loss and gradients; `beta` weighs the divergence.
pub(crate) fn slopes(
    trainee: &Trainee,
    weights: &Weights,
    shard: &Shard<'_>,
    ball: &Ball,
    beta: f32,
) -> Result<Slopes, HardenError> {
    let (classes, width) = (trainee.target.classes(), trainee.target.width().max(1));
    let clean_tape = trainee.record(weights, &shard.inputs)?;
    let clean = &trainee.logits(&clean_tape)?.data;

    // The divergence is flat at the sample itself: the walk starts a little beside it.
    let mut start = shard.inputs.clone();
    for (row, stream) in start.chunks_exact_mut(width).zip(&shard.streams) {
        let mut random = generator(shard.seed, shard.name, *stream);
        row.iter_mut().for_each(|x| *x = ball.bounds.clamp(*x + 0.001 * normal(&mut random).0));
    }
    let points = climb(trainee, weights, &shard.inputs, start, ball, |row, near, above| {
        let mut unused = vec![0.0; classes];
        loss::divergence(&clean[row * classes..][..classes], near, 1.0, &mut unused, above);
    })?;

    let near_tape = trainee.record(weights, &points)?;
    let near = &trainee.logits(&near_tape)?.data;
    let (mut by_clean, mut by_near) =
        (vec![0.0; shard.labels.len() * classes], vec![0.0; shard.labels.len() * classes]);
    let mut total = 0.0;
    for (row, label) in shard.labels.iter().enumerate() {
        let place = row * classes..(row + 1) * classes;
        let (clean, near) = (&clean[place.clone()], &near[place.clone()]);
        let (by_clean, by_near) = (&mut by_clean[place.clone()], &mut by_near[place]);
        total += loss::cross_entropy(clean, *label, shard.scale, by_clean);
        total += f64::from(beta) * loss::divergence(clean, near, beta * shard.scale, by_clean, by_near);
    }
    let mut by_weights = trainee.by_weights(&clean_tape, by_clean)?;
    for (sum, part) in by_weights.iter_mut().zip(trainee.by_weights(&near_tape, by_near)?) {
        sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    Ok(Slopes { loss: total, by_weights })
}
