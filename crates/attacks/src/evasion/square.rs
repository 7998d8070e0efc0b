//! The Square attack in the L-infinity ball: random squares, kept when the margin shrinks.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::picture::Picture;
use super::seeker::{Answer, Goal, Oracle, Seeker, seek};
use super::{Attack, Modality, Norm, SampleResult, Terms, generator};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, ScoreTarget, TargetError};

/// Entry of the list: as many queries as the budget grants, at most 5,000.
pub const ATTACK: Attack = Attack {
    name: "square-linf",
    title: "random squares of plus or minus eps, kept when they help, at most 5000 queries",
    paper: "Andriushchenko et al., Square Attack, ECCV 2020, arXiv:1912.00049",
    access: AccessLevel::Scores,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0040@2026.09", "AML.T0043.001@2026.09"],
    parameters: &[("initial-share", "0.8"), ("queries", "5000")],
    run: |access, samples, terms| Some(run(access.scores()?, samples, terms, 5_000)),
};

/// Share of the image the first squares cover.
const SHARE: f64 = 0.8;

/// Share of the image a square covers: the schedule of the paper, scaled to `total` iterations.
pub(super) fn share(first: f64, iteration: u32, total: u32) -> f64 {
    let scaled = u64::from(iteration) * 10_000 / u64::from(total.max(1));
    let halvings =
        [10, 50, 200, 500, 1_000, 2_000, 4_000, 6_000, 8_000].iter().filter(|at| scaled > **at).count();
    first / f64::from(1_u32 << halvings)
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
    /// Vertical stripes of plus or minus eps.
    fn stripes(&mut self, candidate: &mut [f32]) {
        let picture = self.picture;
        let signs: Vec<f32> = (0..picture.channels * picture.width).map(|_| self.sign()).collect();
        for channel in 0..picture.channels {
            for row in 0..picture.height {
                for column in 0..picture.width {
                    let index = picture.at(channel, row, column);
                    let shift = self.eps * signs[channel * picture.width + column];
                    candidate[index] = self.bounds.clamp(self.original[index] + shift);
                }
            }
        }
    }

    /// A new square on the best point.
    fn square(&mut self, candidate: &mut [f32], share: f64) {
        let picture = self.picture;
        let (height, width) = if picture.height == 1 {
            (1, ((share * picture.width as f64).round() as usize).clamp(1, picture.width))
        } else {
            let side = (share * (picture.height * picture.width) as f64).sqrt().round() as usize;
            (side.clamp(1, picture.height), side.clamp(1, picture.width))
        };
        // A square that changes nothing would waste a query: draw again, but not for ever.
        for _ in 0..16 {
            let top = self.random.random_range(0..=picture.height - height);
            let left = self.random.random_range(0..=picture.width - width);
            let mut changed = false;
            for channel in 0..picture.channels {
                let shift = self.eps * self.sign();
                for row in top..top + height {
                    for column in left..left + width {
                        let index = picture.at(channel, row, column);
                        let value = self.bounds.clamp(self.original[index] + shift);
                        changed |= value != candidate[index];
                        candidate[index] = value;
                    }
                }
            }
            if changed {
                return;
            }
        }
    }

    fn sign(&mut self) -> f32 {
        if self.random.random::<bool>() { 1.0 } else { -1.0 }
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
            0 => self.stripes(&mut points[start..]),
            asked => self.square(&mut points[start..], share(SHARE, asked - 1, self.total)),
        }
        self.asked += 1;
    }

    fn tell(&mut self, points: &[f32], answers: &[Answer]) {
        // Equal margins are taken too: with rounded scores most squares change nothing visible.
        if answers[0].margin <= self.margin {
            self.margin = answers[0].margin;
            self.best.copy_from_slice(points);
        }
    }
}

/// Runs the attack with at most `most` queries per sample after the first, or fewer if the budget says so.
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
    seek(Oracle::Scores(target), samples, terms, Goal::Within(Norm::Linf), |sample, _| Climber {
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
