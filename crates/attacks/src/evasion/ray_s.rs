//! `RayS`: a search for the direction of plus and minus in which the boundary is nearest, by labels alone.

use super::seeker::{Answer, Goal, Oracle, Seeker, seek};
use super::{Attack, Modality, Norm, SampleResult, Terms};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, LabelTarget, TargetError};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "ray-s-linf",
    title: "flips the signs of ever smaller blocks of a direction while the boundary comes nearer, by labels alone",
    paper: "Chen, Gu, RayS: A Ray Searching Method for Hard-label Adversarial Attack, KDD 2020, arXiv:2006.12792",
    access: AccessLevel::Labels,
    norm: Norm::Linf,
    minimal: true,
    modality: Modality::Any,
    techniques: &["AML.T0040@2026.09", "AML.T0043.001@2026.09"],
    parameters: &[("queries", "5000"), ("tolerance", "0.001 of the box")],
    run: |access, samples, terms| Some(run(access.labels(), samples, terms, 5_000)),
};

/// Width of the last step of a search along a ray, as a share of the box.
const TOLERANCE: f32 = 1e-3;

enum Stage {
    /// Asks whether the ray with a block flipped crosses the boundary before the best radius.
    Flip,
    /// Looks for the radius at which it does.
    Search { right: f32, wrong: f32 },
}

struct Ray<'a> {
    original: &'a [f32],
    bounds: Bounds,
    /// Directions: the best, and the one asked about.
    best: Vec<bool>,
    tried: Vec<bool>,
    /// Distance of the boundary along the best; at first further than any.
    radius: f32,
    tolerance: f32,
    /// Blocks of the present level, and the one in turn.
    blocks: usize,
    turn: usize,
    /// Blocks of the last level tried since the radius shrank.
    idle: usize,
    asked: u32,
    most: u32,
    stage: Stage,
}

impl Ray<'_> {
    fn point(&self, radius: f32, points: &mut Vec<f32>) {
        points.extend(
            self.original
                .iter()
                .zip(&self.tried)
                .map(|(x, up)| self.bounds.clamp(if *up { x + radius } else { x - radius })),
        );
    }

    fn radius_to_ask(&self) -> f32 {
        match self.stage {
            // Only a ray that is better by more than the tolerance is worth a search.
            Stage::Flip if self.asked == 0 => self.radius,
            Stage::Flip => self.radius - self.tolerance,
            Stage::Search { right, wrong } => f32::midpoint(right, wrong),
        }
    }

    /// The best direction with the next block flipped.
    fn flip(&mut self) {
        let width = self.original.len();
        self.tried.copy_from_slice(&self.best);
        let size = width.div_ceil(self.blocks);
        let start = self.turn * size;
        self.tried[start..(start + size).min(width)].iter_mut().for_each(|up| *up = !*up);
        self.turn += 1;
        if self.turn * size >= width {
            self.turn = 0;
            self.blocks = (self.blocks * 2).min(width);
        }
        self.stage = Stage::Flip;
    }
}

impl Seeker for Ray<'_> {
    fn ask(&mut self, _: u32, points: &mut Vec<f32>) {
        // Single elements, each tried in vain: no flip helps any more.
        let stuck = self.idle > 2 * self.original.len();
        if self.asked == self.most || stuck || self.radius <= self.tolerance {
            return;
        }
        self.point(self.radius_to_ask(), points);
        self.asked += 1;
    }

    fn tell(&mut self, _: &[f32], answers: &[Answer]) {
        let asked = self.radius_to_ask();
        let wrong = answers[0].wrong;
        self.stage = match self.stage {
            Stage::Flip if wrong => Stage::Search { right: 0.0, wrong: asked },
            Stage::Flip => {
                self.idle += usize::from(self.blocks == self.original.len());
                return self.flip();
            }
            Stage::Search { right, .. } if wrong => Stage::Search { right, wrong: asked },
            Stage::Search { wrong, .. } => Stage::Search { right: asked, wrong },
        };
        if let Stage::Search { right, wrong } = self.stage
            && wrong - right <= self.tolerance
        {
            self.radius = wrong;
            self.best.copy_from_slice(&self.tried);
            self.idle = 0;
            self.flip();
        }
    }
}

/// Runs the attack with at most `most` queries per sample; success means that any adversarial point was found, its
/// distance is what counts.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn LabelTarget,
    samples: &Samples,
    terms: &Terms,
    most: u32,
) -> Result<Vec<SampleResult>, TargetError> {
    let bounds = target.bounds();
    let range = bounds.high - bounds.low;
    seek(Oracle::Labels(target), samples, terms, Goal::Closest(Norm::Linf), |sample, _| Ray {
        original: samples.row(sample),
        bounds,
        best: vec![true; samples.width()],
        tried: vec![true; samples.width()],
        radius: range,
        tolerance: TOLERANCE * range,
        blocks: 1,
        turn: 0,
        idle: 0,
        asked: 0,
        most,
        stage: Stage::Flip,
    })
}
