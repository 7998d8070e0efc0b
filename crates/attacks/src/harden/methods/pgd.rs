//! Adversarial training by projected gradient descent (Madry et al., ICLR 2018).

use super::{Ball, Shard, Slopes, climb, scatter, standard};
use crate::harden::trainee::{Trainee, Weights};
use crate::harden::{HardenError, loss};
use crate::target::LabelTarget as _;

/// Loss and gradients at the examples that the present weights allow.
pub(crate) fn slopes(
    trainee: &Trainee,
    weights: &Weights,
    shard: &Shard<'_>,
    ball: &Ball,
) -> Result<Slopes, HardenError> {
    let start = scatter(shard, ball, trainee.target.width().max(1));
    let points = climb(trainee, weights, &shard.inputs, start, ball, |row, logits, above| {
        loss::climb(logits, shard.labels[row], above);
    })?;
    standard::slopes(trainee, weights, shard, &points)
}
