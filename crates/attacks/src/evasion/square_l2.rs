//! The Square attack in the Euclidean ball: the change of one window is moved into a bump in another.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::picture::Picture;
use super::seeker::{Answer, Goal, Oracle, Seeker, seek};
use super::square::share;
use super::{Attack, Modality, Norm, SampleResult, Terms, generator};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, ScoreTarget, TargetError};

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

/// One sample on its way.
struct Climber<'a> {
    original: &'a [f32],
    picture: Picture,
    eps: f32,
    bounds: Bounds,
    random: Pcg64,
    /// Best point so far and its margin.
    best: Vec<f32>,
    margin: f32,
    /// Points asked about so far, and at most.
    asked: u32,
    total: u32,
    most: u32,
}

impl Climber<'_> {
    fn sign(&mut self) -> f32 {
        if self.random.random::<bool>() { 1.0 } else { -1.0 }
    }

    /// The change becomes as long as allowed, and stays in the box.
    fn finish(&self, point: &mut [f32], change: &[f32]) {
        let length = change.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt() as f32;
        let scale = self.eps / length.max(f32::MIN_POSITIVE);
        for ((point, original), change) in point.iter_mut().zip(self.original).zip(change) {
            *point = self.bounds.clamp(original + change * scale);
        }
    }

    /// A bump of either sign on every tile.
    fn tiles(&mut self, point: &mut [f32]) {
        let picture = self.picture;
        let tile = |extent: usize| (extent / 5).max(3).min(extent);
        let (height, width) = (tile(picture.height), tile(picture.width));
        let mut change = vec![0.0; point.len()];
        for top in (0..=picture.height - height).step_by(height) {
            for left in (0..=picture.width - width).step_by(width) {
                let upright = height > 1 && self.random.random::<bool>();
                let bump = bump(height, width, upright);
                for channel in 0..picture.channels {
                    let sign = self.sign();
                    for (number, (row, column)) in (Window { top, left, height, width }).pixels() {
                        change[picture.at(channel, row, column)] += sign * bump[number];
                    }
                }
            }
        }
        self.finish(point, &change);
    }

    fn window(&mut self, height: usize, width: usize) -> Window {
        let top = self.random.random_range(0..=self.picture.height - height);
        let left = self.random.random_range(0..=self.picture.width - width);
        Window { top, left, height, width }
    }

    /// Takes the change out of one window and spends its length on a bump in another.
    fn shift(&mut self, point: &mut [f32], share: f64) {
        let picture = self.picture;
        let side = if picture.height == 1 {
            (share * picture.width as f64).round() as usize
        } else {
            (share * (picture.height * picture.width) as f64).sqrt().round() as usize
        };
        let side = side.max(3) | 1;
        let (height, width) = (side.min(picture.height), side.min(picture.width));
        let (to, from) = (self.window(height, width), self.window(height, width));
        let upright = height > 1 && (width == 1 || self.random.random::<bool>());
        let bump = bump(height, width, upright);
        let mut change: Vec<f32> =
            self.best.iter().zip(self.original).map(|(x, original)| x - original).collect();
        let square = |x: f32| f64::from(x).powi(2);
        let spare = (square(self.eps) - change.iter().map(|x| square(*x)).sum::<f64>()).max(0.0);
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
            let (sign, length) = (self.sign(), length.sqrt().max(1e-12) as f32);
            let mut fresh: Vec<f32> =
                to.pixels().map(|(number, pixel)| sign * bump[number] + change[at(pixel)] / length).collect();
            let fresh_length = fresh.iter().map(|x| square(*x)).sum::<f64>().sqrt().max(1e-12);
            let may = (had + spare / picture.channels as f64).sqrt();
            fresh.iter_mut().for_each(|x| *x = (f64::from(*x) / fresh_length * may) as f32);
            for (number, pixel) in to.pixels() {
                change[at(pixel)] = fresh[number];
            }
        }
        self.finish(point, &change);
    }
}

impl Seeker for Climber<'_> {
    fn ask(&mut self, _: u32, points: &mut Vec<f32>) {
        if self.asked == self.most {
            return;
        }
        let start = points.len();
        points.extend_from_slice(&self.best);
        match self.asked {
            0 => self.tiles(&mut points[start..]),
            asked => self.shift(&mut points[start..], share(SHARE, asked - 1, self.total)),
        }
        self.asked += 1;
    }

    fn tell(&mut self, points: &[f32], answers: &[Answer]) {
        if answers[0].margin <= self.margin {
            self.margin = answers[0].margin;
            self.best.copy_from_slice(points);
        }
    }
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
    let picture = Picture::guess(&samples.shape, samples.width());
    seek(Oracle::Scores(target), samples, terms, Goal::Within(Norm::L2), |sample, _| Climber {
        original: samples.row(sample),
        picture,
        eps: terms.eps,
        bounds: target.bounds(),
        random: generator(terms.seed, ATTACK.name, sample),
        best: samples.row(sample).to_vec(),
        margin: f32::INFINITY,
        asked: 0,
        total: most.min(terms.queries.saturating_sub(1)),
        most,
    })
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
