//! Training with Gaussian noise, as randomised smoothing needs it (Cohen et al., ICML 2019).

use super::{Shard, Slopes, standard};
use crate::evasion::{generator, normal};
use crate::harden::HardenError;
use crate::harden::trainee::{Trainee, Weights};
use crate::target::LabelTarget as _;

/// Loss and gradients at noisy samples; they may leave the bounds, as they do when a smoothed model is asked.
pub(crate) fn slopes(
    trainee: &Trainee,
    weights: &Weights,
    shard: &Shard<'_>,
    sigma: f32,
) -> Result<Slopes, HardenError> {
    let mut points = shard.inputs.clone();
    for (row, stream) in points.chunks_exact_mut(trainee.target.width().max(1)).zip(&shard.streams) {
        let mut random = generator(shard.seed, shard.name, *stream);
        row.iter_mut().for_each(|x| *x += sigma * normal(&mut random).0);
    }
    standard::slopes(trainee, weights, shard, &points)
}
