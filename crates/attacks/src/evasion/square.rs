//! The Square attack in the L-infinity ball: random squares, kept when the margin shrinks.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::driver::unless_stopped;
use super::loss::margin;
use super::{Attack, Modality, Norm, SampleResult, Terms, generator, groups};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, ScoreTarget, TargetError};

/// Entry of the list: as many queries as the budget grants, at most 1,000.
pub const ATTACK: Attack = Attack {
    name: "square-linf",
    title: "random squares of plus or minus eps, kept when they help, at most 1000 queries",
    paper: "Andriushchenko et al., Square Attack, ECCV 2020, arXiv:1912.00049",
    access: AccessLevel::Scores,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0040@2026.09", "AML.T0043.001@2026.09"],
    parameters: &[("initial-share", "0.8"), ("queries", "1000")],
    run: |access, samples, terms| Some(run(access.scores()?, samples, terms, 1_000)),
};

/// Share of the image the first squares cover.
const SHARE: f64 = 0.8;

/// Samples asked about together.
const GROUP: usize = 64;

/// How a row of elements is laid out as an image.
#[derive(Clone, Copy)]
pub(super) struct Picture {
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

impl Picture {
    /// Channels, height and width as given; a plain row of a square number of elements is taken for a picture, any
    /// other row for a strip.
    pub(super) fn new(shape: &[usize], elements: usize) -> Self {
        match shape {
            [_, channels, height, width] if channels * height * width == elements => {
                Self { channels: *channels, height: *height, width: *width }
            }
            [_, height, width] if height * width == elements => {
                Self { channels: 1, height: *height, width: *width }
            }
            _ => {
                let side = elements.isqrt();
                if side * side == elements && side > 1 {
                    Self { channels: 1, height: side, width: side }
                } else {
                    Self { channels: 1, height: 1, width: elements }
                }
            }
        }
    }
}

/// Share of the image a square covers: the schedule of the paper, scaled to `total` iterations.
fn share(iteration: u32, total: u32) -> f64 {
    let scaled = u64::from(iteration) * 10_000 / u64::from(total.max(1));
    let halvings =
        [10, 50, 200, 500, 1_000, 2_000, 4_000, 6_000, 8_000].iter().filter(|at| scaled > **at).count();
    SHARE / f64::from(1_u32 << halvings)
}

/// One sample on its way.
struct Climber {
    random: Pcg64,
    /// Best point so far and its margin.
    best: Vec<f32>,
    margin: f32,
    /// The point asked about.
    candidate: Vec<f32>,
}

impl Climber {
    /// Vertical stripes of plus or minus eps.
    fn stripes(&mut self, original: &[f32], picture: Picture, eps: f32, bounds: Bounds) {
        let signs: Vec<f32> = (0..picture.channels * picture.width).map(|_| self.sign()).collect();
        for (index, (x, original)) in self.candidate.iter_mut().zip(original).enumerate() {
            let channel = index / (picture.height * picture.width);
            *x = bounds.clamp(original + eps * signs[channel * picture.width + index % picture.width]);
        }
    }

    /// A new square on the best point.
    fn square(&mut self, original: &[f32], picture: Picture, share: f64, eps: f32, bounds: Bounds) {
        self.candidate.clone_from(&self.best);
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
                let shift = eps * self.sign();
                for row in top..top + height {
                    for column in left..left + width {
                        let index = (channel * picture.height + row) * picture.width + column;
                        let value = bounds.clamp(original[index] + shift);
                        changed |= value != self.candidate[index];
                        self.candidate[index] = value;
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
    let (bounds, classes) = (target.bounds(), target.classes());
    let picture = Picture::new(&samples.shape, samples.width());
    let total = most.min(terms.queries.saturating_sub(1));
    groups(target, samples.len(), GROUP, |range| {
        let mut results = vec![SampleResult::untouched(); range.len()];
        let mut climbers: Vec<Climber> = range
            .clone()
            .map(|sample| Climber {
                random: generator(terms.seed, ATTACK.name, sample),
                best: samples.row(sample).to_vec(),
                margin: f32::INFINITY,
                candidate: samples.row(sample).to_vec(),
            })
            .collect();
        let mut active: Vec<usize> = (0..range.len()).filter(|_| terms.queries > 0).collect();
        // Query 0 asks about the sample, 1 about stripes, the others about squares.
        for query in 0..=total {
            if active.is_empty() {
                break;
            }
            let mut points = Vec::with_capacity(active.len() * samples.width());
            for index in &active {
                let (climber, original) = (&mut climbers[*index], samples.row(range.start + index));
                match query {
                    0 => {}
                    1 => climber.stripes(original, picture, terms.eps, bounds),
                    _ => climber.square(original, picture, share(query - 2, total), terms.eps, bounds),
                }
                points.extend_from_slice(&climber.candidate);
            }
            let Some(scores) = unless_stopped(target.scores(&points))? else {
                active.iter().for_each(|index| results[*index].cut_short = true);
                break;
            };
            for (index, scores) in active.iter().zip(scores.chunks_exact(classes)) {
                let (climber, result) = (&mut climbers[*index], &mut results[*index]);
                let sample = range.start + index;
                let margin = margin(scores, usize::try_from(samples.labels[sample]).unwrap_or(0));
                result.queries += 1;
                let wrong = i64::from(crate::target::winner(scores)) != samples.labels[sample];
                match (wrong, query) {
                    (true, 0) => result.was_wrong(),
                    (true, _) => result.succeed(samples.row(sample), &climber.candidate),
                    (false, 0) => {}
                    // Equal margins are taken too: with rounded scores most squares change nothing visible.
                    (false, _) if margin <= climber.margin => {
                        climber.margin = margin;
                        std::mem::swap(&mut climber.best, &mut climber.candidate);
                    }
                    (false, _) => {}
                }
            }
            active.retain(|index| !results[*index].success);
        }
        if total < most {
            active.iter().for_each(|index| results[*index].cut_short = true);
        }
        Ok(results)
    })
}
