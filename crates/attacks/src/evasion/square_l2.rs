//! The Square attack in the Euclidean ball: the change of one window is moved into a bump in another.

use rand::RngExt as _;

use super::square::{Climber, Proposals, climb};
use super::{Attack, Modality, Norm, SampleResult, Terms};
use crate::samples::Samples;
use crate::target::{AccessLevel, ScoreTarget, TargetError};

/// Entry of the list: as many queries as the budget grants, at most 5,000.
pub const ATTACK: Attack = Attack {
    name: "square-l2",
    title: "moves the change of one window into a bump in another, kept when it helps, at most 5000 queries",
    paper: "Andriushchenko et al., Square Attack, section 3.3, ECCV 2020, arXiv:1912.00049",
    access: AccessLevel::Scores,
    norm: Norm::L2,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0040@2026.09", "AML.T0043.001@2026.09"],
    parameters: &[("initial-share", "0.1"), ("queries", "5000")],
    run: |access, samples, terms| Some(run(access.scores()?, samples, terms, 5_000)),
};

/// Share of the image the first windows cover.
const SHARE: f64 = 0.1;

/// A window of the picture, in all channels.
#[derive(Clone, Copy)]
struct Window {
    top: usize,
    left: usize,
    height: usize,
    width: usize,
}

impl Window {
    fn holds(self, row: usize, column: usize) -> bool {
        (self.top..self.top + self.height).contains(&row)
            && (self.left..self.left + self.width).contains(&column)
    }

    /// Calls `visit` with each pixel inside, and its number in the window.
    fn pixels(self) -> impl Iterator<Item = (usize, (usize, usize))> {
        (0..self.height * self.width)
            .map(move |number| (number, (self.top + number / self.width, self.left + number % self.width)))
    }
}

/// A bump of Euclidean length 1: high in the middle of one half, as deep in the middle of the other, halves side by
/// side, or one upon the other when `upright`.
fn bump(height: usize, width: usize, upright: bool) -> Vec<f32> {
    if upright {
        let lying = bump(width, height, false);
        return (0..height * width).map(|at| lying[(at % width) * height + at / width]).collect();
    }
    // The sum of nested rectangles that grow from the middle, the inner ones heavier.
    let hill = |row: usize, column: usize, height: usize, width: usize| -> f32 {
        let rim = row.min(height - 1 - row).min(column.min(width - 1 - column));
        let depth = height.min(width).div_ceil(2);
        (0..=rim).map(|ring| 1.0 / ((depth - ring) as f32).powi(2)).sum()
    };
    let half = width / 2;
    let mut values: Vec<f32> = (0..height * width)
        .map(|at| {
            let (row, column) = (at / width, at % width);
            if column < half {
                hill(row, column, height, half)
            } else {
                -hill(row, column - half, height, width - half)
            }
        })
        .collect();
    let length = values.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    values.iter_mut().for_each(|x| *x /= length);
    values
}

/// The change becomes as long as allowed, and stays in the box.
fn finish(climber: &Climber<'_>, point: &mut [f32], change: &[f32]) {
    let length = change.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt() as f32;
    let scale = climber.eps / length.max(f32::MIN_POSITIVE);
    for ((point, original), change) in point.iter_mut().zip(climber.original).zip(change) {
        *point = climber.bounds.clamp(original + change * scale);
    }
}

/// A bump of either sign on every tile.
fn tiles(climber: &mut Climber<'_>, point: &mut [f32]) {
    let picture = climber.picture;
    let tile = |extent: usize| (extent / 5).max(3).min(extent);
    let (height, width) = (tile(picture.height), tile(picture.width));
    let mut change = vec![0.0; point.len()];
    for top in (0..=picture.height - height).step_by(height) {
        for left in (0..=picture.width - width).step_by(width) {
            let upright = height > 1 && climber.random.random::<bool>();
            let bump = bump(height, width, upright);
            for channel in 0..picture.channels {
                let sign = climber.sign();
                for (number, (row, column)) in (Window { top, left, height, width }).pixels() {
                    change[picture.at(channel, row, column)] += sign * bump[number];
                }
            }
        }
    }
    finish(climber, point, &change);
}

fn window(climber: &mut Climber<'_>, height: usize, width: usize) -> Window {
    let top = climber.random.random_range(0..=climber.picture.height - height);
    let left = climber.random.random_range(0..=climber.picture.width - width);
    Window { top, left, height, width }
}

/// Takes the change out of one window and spends its length on a bump in another.
fn shift(climber: &mut Climber<'_>, point: &mut [f32], share: f64) {
    let picture = climber.picture;
    let side = if picture.height == 1 {
        (share * picture.width as f64).round() as usize
    } else {
        (share * (picture.height * picture.width) as f64).sqrt().round() as usize
    };
    let side = side.max(3) | 1;
    let (height, width) = (side.min(picture.height), side.min(picture.width));
    let (to, from) = (window(climber, height, width), window(climber, height, width));
    let upright = height > 1 && (width == 1 || climber.random.random::<bool>());
    let bump = bump(height, width, upright);
    let mut change: Vec<f32> =
        climber.best.iter().zip(climber.original).map(|(x, original)| x - original).collect();
    let square = |x: f32| f64::from(x).powi(2);
    let spare = (square(climber.eps) - change.iter().map(|x| square(*x)).sum::<f64>()).max(0.0);
    for channel in 0..picture.channels {
        let at = |(row, column)| picture.at(channel, row, column);
        let mut had = 0.0;
        let mut length = 0.0;
        for (_, pixel) in to.pixels() {
            had += square(change[at(pixel)]);
            length += square(change[at(pixel)]);
        }
        for (_, pixel) in from.pixels() {
            if !to.holds(pixel.0, pixel.1) {
                had += square(change[at(pixel)]);
            }
            // What stands in the other window goes.
            if !to.holds(pixel.0, pixel.1) {
                change[at(pixel)] = 0.0;
            }
        }
        let (sign, length) = (climber.sign(), length.sqrt().max(1e-12) as f32);
        let mut fresh: Vec<f32> =
            to.pixels().map(|(number, pixel)| sign * bump[number] + change[at(pixel)] / length).collect();
        let fresh_length = fresh.iter().map(|x| square(*x)).sum::<f64>().sqrt().max(1e-12);
        let may = (had + spare / picture.channels as f64).sqrt();
        fresh.iter_mut().for_each(|x| *x = (f64::from(*x) / fresh_length * may) as f32);
        for (number, pixel) in to.pixels() {
            change[at(pixel)] = fresh[number];
        }
    }
    finish(climber, point, &change);
}

/// Runs the attack with at most `most` queries per sample after the first, or fewer if the budget says so; `terms.eps`
/// is Euclidean.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn ScoreTarget,
    samples: &Samples,
    terms: &Terms,
    most: u32,
) -> Result<Vec<SampleResult>, TargetError> {
    let proposals = Proposals { first: tiles, next: shift, share: SHARE };
    climb(target, samples, terms, most, &ATTACK, proposals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bump_has_length_one_and_two_opposite_halves() {
        for (height, width, upright) in
            [(3, 3, false), (3, 3, true), (1, 5, false), (7, 7, true), (1, 1, false)]
        {
            let bump = bump(height, width, upright);
            let length: f32 = bump.iter().map(|x| x * x).sum();
            assert!((length - 1.0).abs() < 1e-5, "{height} x {width}: {bump:?}");
        }
        assert!(bump(3, 4, false)[0] > 0.0 && bump(3, 4, false)[3] < 0.0);
        assert!(bump(4, 3, true)[0] > 0.0 && bump(4, 3, true)[9] < 0.0);
    }
}
