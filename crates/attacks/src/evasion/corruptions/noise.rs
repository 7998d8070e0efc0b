//! Noise of cameras and wires.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::Canvas;
use crate::evasion::normal;

/// Normal noise of the same strength everywhere.
pub(super) fn gaussian(canvas: &mut Canvas<'_>) {
    let strength = [0.04, 0.06, 0.08, 0.09, 0.10][canvas.level];
    canvas.values.iter_mut().for_each(|x| *x += strength * normal(canvas.random).0);
}

/// Noise of few photons: each value is a Poisson count.
pub(super) fn shot(canvas: &mut Canvas<'_>) {
    let photons = [500.0, 250.0, 100.0, 75.0, 50.0][canvas.level];
    canvas.values.iter_mut().for_each(|x| *x = poisson(canvas.random, *x * photons) / photons);
}

/// Elements that are black or white.
pub(super) fn impulse(canvas: &mut Canvas<'_>) {
    let share = [0.01, 0.02, 0.03, 0.05, 0.07][canvas.level];
    for x in &mut canvas.values {
        let draw = canvas.random.random::<f32>();
        if draw < share {
            *x = if draw < share / 2.0 { 0.0 } else { 1.0 };
        }
    }
}

/// Noise in proportion to the value.
pub(super) fn speckle(canvas: &mut Canvas<'_>) {
    let strength = [0.06, 0.1, 0.12, 0.16, 0.2][canvas.level];
    canvas.values.iter_mut().for_each(|x| *x += *x * strength * normal(canvas.random).0);
}

/// A Poisson number: by products of uniform ones when the mean is small (Knuth), else its normal approximation.
fn poisson(random: &mut Pcg64, mean: f32) -> f32 {
    if mean > 30.0 {
        return (mean + mean.sqrt() * normal(random).0).round().max(0.0);
    }
    let (floor, mut product, mut count) = ((-mean).exp(), random.random::<f32>(), 0.0);
    // The bound is never met in practice; it keeps rounding from making the loop endless.
    while product > floor && count < 200.0 {
        product *= random.random::<f32>();
        count += 1.0;
    }
    count
}
