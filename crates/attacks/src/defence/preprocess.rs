//! Changes made to an input before the model sees it.

use rand_pcg::Pcg64;

use crate::evasion::normal;
use crate::target::Bounds;

/// What is done to each row. Pictures are planes of `side.0` rows by `side.1` columns, one after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Preprocess {
    /// Rounds every element to `2^bits` levels between the bounds (Xu et al., Feature Squeezing, NDSS 2018).
    Bits(u32),
    /// Median of a square window of this odd width, edges repeated (the same paper).
    Median(usize),
    /// Discrete cosine transform of blocks of 8x8, coefficients rounded to multiples of this share of the range: what
    /// JPEG does to one channel, with one step for all frequencies.
    BlockCosine(f32),
    /// Gaussian noise of this standard deviation as a share of the range, drawn anew for every query.
    Noise(f32),
}

impl Preprocess {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bits(_) => "bit-depth",
            Self::Median(_) => "median",
            Self::BlockCosine(_) => "block-cosine",
            Self::Noise(_) => "input-noise",
        }
    }

    /// Its number, for the record.
    pub fn setting(self) -> String {
        match self {
            Self::Bits(bits) => format!("{bits} bits"),
            Self::Median(width) => format!("{width}x{width}"),
            Self::BlockCosine(step) => format!("step {step}"),
            Self::Noise(sigma) => format!("sigma {sigma}"),
        }
    }

    /// Whether it draws random numbers.
    pub const fn is_random(self) -> bool {
        matches!(self, Self::Noise(_))
    }

    /// Changes one row.
    pub(crate) fn apply(self, row: &mut [f32], side: (usize, usize), bounds: Bounds, random: &mut Pcg64) {
        let range = bounds.high - bounds.low;
        let plane = (side.0 * side.1).max(1);
        match self {
            Self::Bits(bits) => {
                let levels = ((1_u32 << bits.clamp(1, 16)) - 1) as f32;
                for x in row.iter_mut() {
                    *x = bounds.low + ((*x - bounds.low) / range * levels).round() / levels * range;
                }
            }
            Self::Median(width) => {
                row.chunks_exact_mut(plane).for_each(|plane| median(plane, side, width.clamp(1, 15) | 1));
            }
            Self::BlockCosine(step) => {
                row.chunks_exact_mut(plane).for_each(|plane| cosine(plane, side, (step * range).max(1e-6)));
                row.iter_mut().for_each(|x| *x = bounds.clamp(*x));
            }
            Self::Noise(sigma) => {
                row.iter_mut().for_each(|x| *x = bounds.clamp(*x + sigma * range * normal(random).0));
            }
        }
    }
}

fn median(plane: &mut [f32], (height, width): (usize, usize), window: usize) {
    let (source, half) = (plane.to_vec(), window / 2);
    let mut seen = Vec::with_capacity(window * window);
    for row in 0..height {
        for column in 0..width {
            seen.clear();
            for y in 0..window {
                for x in 0..window {
                    let y = (row + y).saturating_sub(half).min(height - 1);
                    let x = (column + x).saturating_sub(half).min(width - 1);
                    seen.push(source[y * width + x]);
                }
            }
            seen.sort_by(f32::total_cmp);
            plane[row * width + column] = seen[seen.len() / 2];
        }
    }
}

/// The transform of one run of at most eight elements, orthonormal; `back` undoes it.
fn transform(run: &[f32], back: bool) -> Vec<f32> {
    let n = run.len();
    let weight = |frequency: usize| {
        if frequency == 0 { (1.0 / n as f32).sqrt() } else { (2.0 / n as f32).sqrt() }
    };
    let wave = |place: usize, frequency: usize| {
        (std::f32::consts::PI * (2 * place + 1) as f32 * frequency as f32 / (2 * n) as f32).cos()
    };
    (0..n)
        .map(|to| {
            let part = |from: usize| {
                let (place, frequency) = if back { (to, from) } else { (from, to) };
                run[from] * weight(frequency) * wave(place, frequency)
            };
            (0..n).map(part).sum()
        })
        .collect()
}

fn cosine(plane: &mut [f32], (height, width): (usize, usize), step: f32) {
    for top in (0..height).step_by(8) {
        for left in (0..width).step_by(8) {
            let (rows, columns) = (8.min(height - top), 8.min(width - left));
            let mut block: Vec<f32> =
                (0..rows).flat_map(|row| plane[(top + row) * width + left..][..columns].to_vec()).collect();
            both_ways(&mut block, rows, columns, false);
            block.iter_mut().for_each(|x| *x = (*x / step).round() * step);
            both_ways(&mut block, rows, columns, true);
            for (row, run) in block.chunks_exact(columns).enumerate() {
                plane[(top + row) * width + left..][..columns].copy_from_slice(run);
            }
        }
    }
}

fn both_ways(block: &mut [f32], rows: usize, columns: usize, back: bool) {
    for run in block.chunks_exact_mut(columns) {
        run.copy_from_slice(&transform(run, back));
    }
    for column in 0..columns {
        let run: Vec<f32> = (0..rows).map(|row| block[row * columns + column]).collect();
        for (row, value) in transform(&run, back).into_iter().enumerate() {
            block[row * columns + column] = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evasion::generator;

    fn applied(what: Preprocess, row: &[f32], side: (usize, usize)) -> Vec<f32> {
        let mut row = row.to_vec();
        what.apply(&mut row, side, Bounds::default(), &mut generator(1, "test", 0));
        row
    }

    #[test]
    fn bits_median_and_cosine_do_what_paper_and_pencil_say() {
        assert_eq!(applied(Preprocess::Bits(1), &[0.2, 0.6], (1, 2)), [0.0, 1.0]);
        let speck = [0.1, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1, 0.1];
        assert_eq!(applied(Preprocess::Median(3), &speck, (3, 3)), [0.1; 9]);
        let ramp: Vec<f32> = (0..100).map(|x| x as f32 / 100.0).collect();
        let fine = applied(Preprocess::BlockCosine(1e-4), &ramp, (10, 10));
        assert!(fine.iter().zip(&ramp).all(|(a, b)| (a - b).abs() < 1e-3), "{fine:?}");
        let coarse = applied(Preprocess::BlockCosine(50.0), &ramp, (10, 10));
        assert_eq!(coarse, [0.0; 100]);
    }
}
