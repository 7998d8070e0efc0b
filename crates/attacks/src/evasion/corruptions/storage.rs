//! What storing, scaling and bending does: pixels, blocks, waves.

use rand::RngExt as _;

use super::{Canvas, blur};
use crate::evasion::picture::Picture;

/// Fewer pixels: each block of the picture becomes its mean.
pub(super) fn pixelate(canvas: &mut Canvas<'_>) {
    let share = [0.95, 0.9, 0.85, 0.75, 0.65][canvas.level];
    canvas.planes(|plane, picture, _| {
        let fewer = |extent: usize| ((extent as f32 * share) as usize).max(1);
        let (height, width) = (fewer(picture.height), fewer(picture.width));
        let mut sums = vec![(0.0_f32, 0.0_f32); height * width];
        let cell = |at: usize| {
            let (row, column) = (at / picture.width, at % picture.width);
            row * height / picture.height * width + column * width / picture.width
        };
        for (at, x) in plane.iter().enumerate() {
            let (sum, count) = &mut sums[cell(at)];
            *sum += x;
            *count += 1.0;
        }
        for (at, x) in plane.iter_mut().enumerate() {
            let (sum, count) = sums[cell(at)];
            *x = sum / count;
        }
    });
}

/// Steps of the brightness table of JPEG (ITU-T T.81, annex K), row by row of frequencies, in 255ths.
const STEPS: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17,
    22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78,
    87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/// Frequencies of 8x8 blocks rounded as JPEG rounds them; each channel by itself, without change of colour space.
pub(super) fn jpeg(canvas: &mut Canvas<'_>) {
    let quality: f32 = [80.0, 65.0, 58.0, 50.0, 40.0][canvas.level];
    let scale = if quality < 50.0 { 50.0 / quality } else { 2.0 - quality / 50.0 };
    let wave = |frequency: usize, at: usize| {
        let length = if frequency == 0 { 0.125_f32.sqrt() } else { 0.5 };
        length * (std::f32::consts::PI * (at as f32 + 0.5) * frequency as f32 / 8.0).cos()
    };
    let mut waves = [[0.0_f32; 8]; 8];
    for (frequency, wave_of) in waves.iter_mut().enumerate() {
        wave_of.iter_mut().enumerate().for_each(|(at, value)| *value = wave(frequency, at));
    }
    canvas.planes(|plane, picture, _| {
        for top in (0..picture.height).step_by(8) {
            for left in (0..picture.width).step_by(8) {
                round_block(plane, picture, (top, left), &waves, scale);
            }
        }
    });
}

fn round_block(
    plane: &mut [f32],
    picture: Picture,
    (top, left): (usize, usize),
    waves: &[[f32; 8]; 8],
    scale: f32,
) {
    // Blocks over the edge repeat the last row and column.
    let place = |row: usize, column: usize| {
        (top + row).min(picture.height - 1) * picture.width + (left + column).min(picture.width - 1)
    };
    let mut block = [[0.0_f32; 8]; 8];
    for (row, line) in block.iter_mut().enumerate() {
        line.iter_mut()
            .enumerate()
            .for_each(|(column, value)| *value = plane[place(row, column)] * 255.0 - 128.0);
    }
    let mut frequencies = turn(waves, &block, |waves, frequency, at| waves[frequency][at]);
    for (value, step) in frequencies.iter_mut().flatten().zip(STEPS) {
        let step = (f32::from(step) * scale).floor().max(1.0);
        *value = (*value / step).round() * step;
    }
    let block = turn(waves, &frequencies, |waves, at, frequency| waves[frequency][at]);
    for (row, line) in block.iter().enumerate().take(picture.height - top) {
        for (column, value) in line.iter().enumerate().take(picture.width - left) {
            plane[(top + row) * picture.width + left + column] = (value + 128.0) / 255.0;
        }
    }
}

/// The block multiplied by the matrix `entry` from the left and, transposed, from the right.
fn turn(
    waves: &[[f32; 8]; 8],
    block: &[[f32; 8]; 8],
    entry: impl Fn(&[[f32; 8]; 8], usize, usize) -> f32,
) -> [[f32; 8]; 8] {
    let (mut half, mut whole) = ([[0.0_f32; 8]; 8], [[0.0_f32; 8]; 8]);
    for (to, line) in half.iter_mut().enumerate() {
        for (column, value) in line.iter_mut().enumerate() {
            *value = (0..8).map(|row| entry(waves, to, row) * block[row][column]).sum();
        }
    }
    for (row, line) in whole.iter_mut().enumerate() {
        for (to, value) in line.iter_mut().enumerate() {
            *value = (0..8).map(|column| half[row][column] * entry(waves, to, column)).sum();
        }
    }
    whole
}

/// The picture on a sheet of rubber: every pixel is taken from a place nearby, neighbours from similar places.
pub(super) fn elastic(canvas: &mut Canvas<'_>) {
    let (reach, sigma) = [(0.6, 2.0), (0.9, 2.0), (1.2, 2.0), (1.5, 1.6), (1.8, 1.6)][canvas.level];
    let (scale, picture) = (canvas.scale(), canvas.picture);
    let sheet = Picture { channels: 2, channels_last: false, ..picture };
    let count = picture.height * picture.width;
    let noise: Vec<f32> = (0..2 * count).map(|_| 2.0 * canvas.random.random::<f32>() - 1.0).collect();
    let mut field = Canvas { values: noise, picture: sheet, level: 0, random: &mut *canvas.random };
    blur::smooth(&mut field, sigma * scale);
    // Smoothing flattens the noise by an amount that depends on the picture; the largest move is set instead.
    let largest = field.values.iter().fold(f32::MIN_POSITIVE, |most, x| most.max(x.abs()));
    let field = field.values;
    canvas.planes(|plane, picture, _| {
        let edge = |at: usize, step: f32, extent: usize| {
            (at as f32 + step / largest * reach * scale).clamp(0.0, extent as f32 - 1.0)
        };
        *plane = (0..count)
            .map(|at| {
                let (row, column) = (at / picture.width, at % picture.width);
                let row = edge(row, field[at], picture.height);
                let column = edge(column, field[count + at], picture.width);
                picture.between(plane, 0, row, column, 0.0)
            })
            .collect();
    });
}
