//! Training on one step from a random start (Wong et al., ICLR 2020).
//!
//! It can overfit its one step within an epoch: robust accuracy against more steps falls to nothing while its own
//! rises. [`overfitted`] is asked after each epoch; the trainer then goes back to the best epoch and stops.

use super::{Ball, Shard, Slopes, pgd};
use crate::harden::HardenError;
use crate::harden::trainee::{Trainee, Weights};

/// Loss and gradients at the examples of one step.
pub(crate) fn slopes(
    trainee: &Trainee,
    weights: &Weights,
    shard: &Shard<'_>,
    ball: &Ball,
) -> Result<Slopes, HardenError> {
    pgd::slopes(trainee, weights, shard, ball)
}

/// Whether robust accuracy by many steps fell below half of the best so far.
pub(crate) fn overfitted(robust: f64, best: f64) -> bool {
    robust < 0.5 * best
}
