//! Blurs: weighted means over a neighbourhood, edges mirrored by their own value.

use rand::RngExt as _;

use super::Canvas;
use crate::evasion::picture::Picture;

/// A weight, and how far down and right of the pixel it is taken.
type Tap = (f32, f32, f32);

/// A bell of this width, which grows with the picture.
pub(super) fn gaussian(canvas: &mut Canvas<'_>) {
    let sigma = [0.4, 0.6, 0.7, 0.8, 1.0][canvas.level] * canvas.scale();
    smooth(canvas, sigma);
}

/// A disk, as a lens out of focus.
pub(super) fn defocus(canvas: &mut Canvas<'_>) {
    let (radius, soft) = [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1.0, 0.3), (1.5, 0.3)][canvas.level];
    let scale = canvas.scale();
    let radius: f32 = radius * scale;
    let reach = radius.ceil().min(MOST_REACH) as i32;
    let mut taps: Vec<Tap> = Vec::new();
    for down in -reach..=reach {
        for right in -reach..=reach {
            let (down, right) = (down as f32, right as f32);
            // Pixels that the rim cuts count in part.
            let weight = (radius + 0.5 - down.hypot(right)).clamp(0.0, 1.0);
            if weight > 0.0 {
                taps.push((weight, down, right));
            }
        }
    }
    apply(canvas, &taps);
    smooth(canvas, soft * scale);
}

/// A smear along a line at a random slope.
pub(super) fn motion(canvas: &mut Canvas<'_>) {
    let (radius, sigma) = [(6.0, 1.0), (6.0, 1.5), (6.0, 2.0), (8.0, 2.0), (9.0, 2.5)][canvas.level];
    let scale = canvas.scale();
    let angle = (canvas.random.random::<f32>() - 0.5) * std::f32::consts::FRAC_PI_2;
    let reach = (radius * scale).ceil().min(MOST_REACH) as i32;
    let taps: Vec<Tap> = (0..=reach)
        .map(|step| step as f32)
        .map(|step| (bell(step, sigma * scale), (step * angle.sin()).round(), (step * angle.cos()).round()))
        .collect();
    apply(canvas, &taps);
}

/// Pixels a blur reaches at most, so that large pictures take bounded time.
const MOST_REACH: f32 = 64.0;

fn bell(distance: f32, sigma: f32) -> f32 {
    (-0.5 * (distance / sigma).powi(2)).exp()
}

/// A Gaussian blur, first along columns and then along rows.
pub(super) fn smooth(canvas: &mut Canvas<'_>, sigma: f32) {
    let reach = (3.0 * sigma).ceil().min(MOST_REACH) as i32;
    let line = (-reach..=reach).map(|step| step as f32);
    apply(canvas, &line.clone().map(|step| (bell(step, sigma), step, 0.0)).collect::<Vec<Tap>>());
    apply(canvas, &line.map(|step| (bell(step, sigma), 0.0, step)).collect::<Vec<Tap>>());
}

fn apply(canvas: &mut Canvas<'_>, taps: &[Tap]) {
    canvas.planes(|plane, picture, _| *plane = weigh(plane, picture, taps));
}

fn weigh(plane: &[f32], picture: Picture, taps: &[Tap]) -> Vec<f32> {
    let total: f32 = taps.iter().map(|(weight, ..)| weight).sum();
    let inside =
        |at: usize, step: f32, extent: usize| (at as f32 + step).clamp(0.0, extent as f32 - 1.0) as usize;
    let mut out = Vec::with_capacity(plane.len());
    for row in 0..picture.height {
        for column in 0..picture.width {
            let sum: f32 = taps
                .iter()
                .map(|(weight, down, right)| {
                    let (row, column) =
                        (inside(row, *down, picture.height), inside(column, *right, picture.width));
                    weight * plane[row * picture.width + column]
                })
                .sum();
            out.push(sum / total);
        }
    }
    out
}
