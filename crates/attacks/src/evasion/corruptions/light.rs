//! Light and weather: brightness, contrast, colour, fog.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::Canvas;

/// More light.
pub(super) fn brightness(canvas: &mut Canvas<'_>) {
    let more = [0.05, 0.1, 0.15, 0.2, 0.3][canvas.level];
    canvas.values.iter_mut().for_each(|x| *x += more);
}

/// Values nearer to the mean of their channel.
pub(super) fn contrast(canvas: &mut Canvas<'_>) {
    let share = [0.75, 0.5, 0.4, 0.3, 0.15][canvas.level];
    canvas.planes(|plane, _, _| {
        let mean = plane.iter().sum::<f32>() / plane.len().max(1) as f32;
        plane.iter_mut().for_each(|x| *x = mean + share * (*x - mean));
    });
}

/// Colours nearer to, or further from, their grey; channels are red, green, blue.
pub(super) fn saturate(canvas: &mut Canvas<'_>) {
    let factor = [0.3, 0.1, 1.5, 2.0, 3.0][canvas.level];
    let picture = canvas.picture;
    for row in 0..picture.height {
        for column in 0..picture.width {
            let at = [0, 1, 2].map(|channel| picture.at(channel, row, column));
            let [red, green, blue] = at.map(|at| canvas.values[at]);
            let grey = 0.299 * red + 0.587 * green + 0.114 * blue;
            at.into_iter().for_each(|at| canvas.values[at] = grey + factor * (canvas.values[at] - grey));
        }
    }
}

/// A cloud before the picture, lighter and darker in places of every size.
pub(super) fn fog(canvas: &mut Canvas<'_>) {
    let (strength, decay) = [(0.2, 3.0), (0.5, 3.0), (0.75, 2.5), (1.0, 2.0), (1.5, 1.75)][canvas.level];
    let picture = canvas.picture;
    let cloud = cloud(picture.height, picture.width, decay, canvas.random);
    let highest = canvas.values.iter().copied().fold(0.0, f32::max);
    for channel in 0..picture.channels {
        for row in 0..picture.height {
            for column in 0..picture.width {
                let at = picture.at(channel, row, column);
                let fogged = canvas.values[at] + strength * cloud[row * picture.width + column];
                canvas.values[at] = fogged * highest / (highest + strength);
            }
        }
    }
}

/// Values from 0 to 1: noise at each doubling of fineness, each `decay` times weaker, between its points linear.
fn cloud(height: usize, width: usize, decay: f32, random: &mut Pcg64) -> Vec<f32> {
    let mut sum = vec![0.0_f32; height * width];
    let (mut cells, mut weight) = (1, 1.0);
    while cells <= height.max(width) && weight > 1e-3 {
        let points = cells + 1;
        let grid: Vec<f32> = (0..points * points).map(|_| random.random()).collect();
        let place = |at: usize, extent: usize| {
            let place = at as f32 / extent as f32 * cells as f32;
            (place.floor() as usize, place - place.floor())
        };
        for row in 0..height {
            let (top, down) = place(row, height);
            for column in 0..width {
                let (left, right) = place(column, width);
                let along = |row: usize| {
                    grid[row * points + left] * (1.0 - right) + grid[row * points + left + 1] * right
                };
                sum[row * width + column] += weight * (along(top) * (1.0 - down) + along(top + 1) * down);
            }
        }
        cells *= 2;
        weight /= decay;
    }
    let (low, high) =
        sum.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| (low.min(*x), high.max(*x)));
    let range = (high - low).max(f32::MIN_POSITIVE);
    sum.iter_mut().for_each(|x| *x = (*x - low) / range);
    sum
}
