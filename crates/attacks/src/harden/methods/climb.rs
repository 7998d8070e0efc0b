//! The inner problem: points of a ball around samples, moved along the sign of a gradient.

use rand::RngExt as _;

use super::Shard;
use crate::evasion::generator;
use crate::harden::trainee::{Trainee, Weights};
use crate::network::KernelError;
use crate::target::{Bounds, LabelTarget as _};

/// The ball and the walk in it.
pub(crate) struct Ball {
    pub(crate) eps: f32,
    pub(crate) step: f32,
    pub(crate) steps: u32,
    pub(crate) bounds: Bounds,
}

/// A random point of the ball around each sample, inside the bounds.
pub(crate) fn scatter(shard: &Shard<'_>, ball: &Ball, width: usize) -> Vec<f32> {
    let mut points = Vec::with_capacity(shard.inputs.len());
    for (row, stream) in shard.inputs.chunks_exact(width).zip(&shard.streams) {
        let mut random = generator(shard.seed, shard.name, *stream);
        points.extend(row.iter().map(|x| ball.bounds.clamp(x + random.random_range(-ball.eps..=ball.eps))));
    }
    points
}

/// Moves `points` around `centre`; `direct` writes the gradient to climb by the logits of a row.
pub(crate) fn climb(
    trainee: &Trainee,
    weights: &Weights,
    centre: &[f32],
    mut points: Vec<f32>,
    ball: &Ball,
    direct: impl Fn(usize, &[f32], &mut [f32]),
) -> Result<Vec<f32>, KernelError> {
    let (classes, width) = (trainee.target.classes(), trainee.target.width().max(1));
    let count = points.len() / width;
    for _ in 0..ball.steps {
        let tape = trainee.record(weights, &points)?;
        let mut above = vec![0.0; count * classes];
        let logits = trainee.logits(&tape)?.data.chunks_exact(classes);
        for (row, (logits, above)) in logits.zip(above.chunks_exact_mut(classes)).enumerate() {
            direct(row, logits, above);
        }
        let gradient = trainee.by_input(&tape, above)?;
        for ((x, centre), gradient) in points.iter_mut().zip(centre).zip(&gradient) {
            // `signum` of 0 is 1; a flat place must not move.
            let side = f32::from(i8::from(*gradient > 0.0) - i8::from(*gradient < 0.0));
            let moved = *x + ball.step * side;
            *x = ball.bounds.clamp(moved.max(centre - ball.eps).min(centre + ball.eps));
        }
    }
    Ok(points)
}
