//! Certified training by interval bound propagation (Gowal et al., 2018, arXiv:1810.12715).
//!
//! The loss mixes the clean cross-entropy with that of the worst logits the bounds allow. Ball and weight of the
//! latter grow linearly over the first half of the steps; the last layer is bounded like the others (the paper's
//! elision of it is not done, so bounds are a little wider).

use super::{Shard, Slopes, standard};
use crate::harden::interval;
use crate::harden::trainee::{Trainee, Weights};
use crate::harden::{HardenError, loss};
use crate::target::LabelTarget as _;

/// Share of the steps over which the ball grows.
const RAMP: f64 = 0.5;

/// Loss and gradients.
pub(crate) fn slopes(
    trainee: &Trainee,
    weights: &Weights,
    shard: &Shard<'_>,
    eps: f32,
) -> Result<Slopes, HardenError> {
    let classes = trainee.target.classes();
    let grown = (shard.done / RAMP).min(1.0) as f32;
    let worst_share = 0.5 * grown;
    let clean = Shard { scale: shard.scale * (1.0 - worst_share), ..part(shard) };
    let mut slopes = standard::slopes(trainee, weights, &clean, &shard.inputs)?;
    slopes.loss *= f64::from(1.0 - worst_share);

    let pass = interval::Pass::new(trainee, weights, &shard.inputs, eps * grown, shard.bounds)?;
    let (lower, upper) = pass.logits()?;
    let rows = shard.labels.len();
    let (mut by_lower, mut by_upper) = (vec![0.0; lower.len()], vec![0.0; upper.len()]);
    for (row, label) in shard.labels.iter().enumerate().take(rows) {
        let place = row * classes..(row + 1) * classes;
        let mut worst = upper[place.clone()].to_vec();
        worst[*label] = lower[place.start + label];
        let mut gradient = vec![0.0; classes];
        slopes.loss += f64::from(worst_share)
            * loss::cross_entropy(&worst, *label, worst_share * shard.scale, &mut gradient);
        for (class, gradient) in gradient.into_iter().enumerate() {
            if class == *label {
                by_lower[place.start + class] = gradient;
            } else {
                by_upper[place.start + class] = gradient;
            }
        }
    }
    for (sum, part) in slopes.by_weights.iter_mut().zip(pass.by_weights(by_lower, by_upper)?) {
        sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    Ok(slopes)
}

fn part<'a>(shard: &Shard<'a>) -> Shard<'a> {
    Shard { inputs: Vec::new(), labels: shard.labels.clone(), streams: Vec::new(), ..*shard }
}
