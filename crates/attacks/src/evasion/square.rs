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
fn share(first: f64, iteration: u32, total: u32) -> f64 {
    let scaled = u64::from(iteration) * 10_000 / u64::from(total.max(1));
    let halvings =
        [10, 50, 200, 500, 1_000, 2_000, 4_000, 6_000, 8_000].iter().filter(|at| scaled > **at).count();
    first / f64::from(1_u32 << halvings)
}

/// What an attack of this kind proposes.
#[derive(Clone, Copy)]
pub(super) struct Proposals {
    /// Writes the first point over the sample.
    pub(super) first: fn(&mut Climber<'_>, &mut [f32]),
    /// Changes the best point in a part of the picture: its share of the whole.
    pub(super) next: fn(&mut Climber<'_>, &mut [f32], f64),
    /// Share of the picture that is changed at first.
    pub(super) share: f64,
}

/// One sample on its way.
pub(super) struct Climber<'a> {
    pub(super) original: &'a [f32],
    pub(super) picture: Picture,
    pub(super) eps: f32,
    pub(super) bounds: Bounds,
    pub(super) random: Pcg64,
    /// Best point so far and its margin.
    pub(super) best: Vec<f32>,
    margin: f32,
    /// Points asked about so far, and at most.
    asked: u32,
    total: u32,
    most: u32,
    proposals: Proposals,
}

impl Climber<'_> {
    pub(super) fn sign(&mut self) -> f32 {
        if self.random.random::<bool>() { 1.0 } else { -1.0 }
    }
}

/// Vertical stripes of plus or minus eps.
fn stripes(climber: &mut Climber<'_>, candidate: &mut [f32]) {
    let picture = climber.picture;
    let signs: Vec<f32> = (0..picture.channels * picture.width).map(|_| climber.sign()).collect();
    for channel in 0..picture.channels {
        for row in 0..picture.height {
            for column in 0..picture.width {
                let index = picture.at(channel, row, column);
                let shift = climber.eps * signs[channel * picture.width + column];
                candidate[index] = climber.bounds.clamp(climber.original[index] + shift);
            }
        }
    }
}

/// A new square on the best point.
fn square(climber: &mut Climber<'_>, candidate: &mut [f32], share: f64) {
    let picture = climber.picture;
    let (height, width) = if picture.height == 1 {
        (1, ((share * picture.width as f64).round() as usize).clamp(1, picture.width))
    } else {
        let side = (share * (picture.height * picture.width) as f64).sqrt().round() as usize;
        (side.clamp(1, picture.height), side.clamp(1, picture.width))
    };
    // A square that changes nothing would waste a query: draw again, but not for ever.
    for _ in 0..16 {
        let top = climber.random.random_range(0..=picture.height - height);
        let left = climber.random.random_range(0..=picture.width - width);
        let mut changed = false;
        for channel in 0..picture.channels {
            let shift = climber.eps * climber.sign();
            for row in top..top + height {
                for column in left..left + width {
                    let index = picture.at(channel, row, column);
                    let value = climber.bounds.clamp(climber.original[index] + shift);
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

impl Seeker for Climber<'_> {
    fn ask(&mut self, _: u32, points: &mut Vec<f32>) {
        if self.asked == self.most {
            return;
        }
        let start = points.len();
        points.extend_from_slice(&self.best);
        let Proposals { first, next, share: at_first } = self.proposals;
        match self.asked {
            0 => first(self, &mut points[start..]),
            asked => next(self, &mut points[start..], share(at_first, asked - 1, self.total)),
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
    let proposals = Proposals { first: stripes, next: square, share: SHARE };
    climb(target, samples, terms, most, &ATTACK, proposals)
}

/// Keeps of what is proposed whatever lowers the margin, in the ball of the attack's norm.
pub(super) fn climb(
    target: &dyn ScoreTarget,
    samples: &Samples,
    terms: &Terms,
    most: u32,
    attack: &Attack,
    proposals: Proposals,
) -> Result<Vec<SampleResult>, TargetError> {
    let picture = Picture::guess(&samples.shape, samples.width());
    seek(Oracle::Scores(target), samples, terms, Goal::Within(attack.norm), |sample, _| Climber {
        original: samples.row(sample),
        picture,
        eps: terms.eps,
        bounds: target.bounds(),
        random: generator(terms.seed, attack.name, sample),
        best: samples.row(sample).to_vec(),
        margin: f32::INFINITY,
        asked: 0,
        total: most.min(terms.queries.saturating_sub(1)),
        most,
        proposals,
    })
}
