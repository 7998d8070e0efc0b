//! Training on points as they are given: cross-entropy.

use super::{Shard, Slopes};
use crate::harden::trainee::{Trainee, Weights};
use crate::harden::{HardenError, loss};
use crate::target::LabelTarget as _;

/// Loss and gradients at `points`, one per sample of the shard.
pub(crate) fn slopes(
    trainee: &Trainee,
    weights: &Weights,
    shard: &Shard<'_>,
    points: &[f32],
) -> Result<Slopes, HardenError> {
    let classes = trainee.target.classes();
    let tape = trainee.record(weights, points)?;
    let mut above = vec![0.0; shard.labels.len() * classes];
    let rows = trainee.logits(&tape)?.data.chunks_exact(classes).zip(above.chunks_exact_mut(classes));
    let loss = rows
        .zip(&shard.labels)
        .map(|((logits, above), label)| loss::cross_entropy(logits, *label, shard.scale, above))
        .sum();
    Ok(Slopes { loss, by_weights: trainee.by_weights(&tape, above)? })
}
