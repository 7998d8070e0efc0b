//! SPSA: descent by Adam on gradients estimated from scores, by pairs of opposite corner steps.

use rand_pcg::Pcg64;

use super::driver::signs;
use super::seeker::{Answer, Goal, Oracle, Seeker, most_rows, seek};
use super::{Attack, Modality, Norm, SampleResult, Terms, generator};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, ScoreTarget, TargetError};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "spsa-linf",
    title: "descent by adam on gradients estimated from the scores at opposite corners around the point",
    paper: "Uesato et al., Adversarial Risk and the Dangers of Evaluating Against Weak Attacks, ICML 2018, arXiv:1802.05666",
    access: AccessLevel::Scores,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0040@2026.09", "AML.T0043.001@2026.09"],
    parameters: &[
        ("pairs", "16"),
        ("reach", "0.1 eps, doubled while scores stay equal"),
        ("rate", "0.2 eps"),
        ("rounds", "150"),
    ],
    run: |access, samples, terms| Some(run(access.scores()?, samples, terms, &Perturbations::default())),
};

/// How gradients are estimated and followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Perturbations {
    /// Pairs of opposite corners asked about for one estimate.
    pub pairs: u32,
    /// Estimates, and steps.
    pub rounds: u32,
    /// Distance of the corners in each element, as a share of eps.
    pub reach: f32,
    /// Adam's rate, as a share of eps.
    pub rate: f32,
}

impl Default for Perturbations {
    fn default() -> Self {
        Self { pairs: 16, rounds: 150, reach: 0.1, rate: 0.2 }
    }
}

/// Adam's shares of the past in its two means.
const PAST: (f32, f32) = (0.9, 0.999);

struct Descent<'a> {
    original: &'a [f32],
    eps: f32,
    bounds: Bounds,
    random: Pcg64,
    perturbations: Perturbations,
    point: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
    /// The corners asked about, plus or minus 1.
    corners: Vec<f32>,
    /// Distance of the corners in each element.
    reach: f32,
    round: u32,
}

impl Seeker for Descent<'_> {
    fn ask(&mut self, left: u32, points: &mut Vec<f32>) {
        if self.round > self.perturbations.rounds {
            return;
        }
        // The point itself is asked about as well: it is what may be claimed.
        points.extend_from_slice(&self.point);
        if self.round == self.perturbations.rounds {
            return;
        }
        let width = self.point.len();
        let fitting = (most_rows(width) / 2).max(1) as u32;
        let pairs = self.perturbations.pairs.min(fitting).min(left.saturating_sub(1) / 2) as usize;
        self.corners.resize(pairs * width, 0.0);
        signs(&mut self.random, &mut self.corners);
        let reach = self.reach;
        for corner in self.corners.chunks_exact(width) {
            for sign in [reach, -reach] {
                points.extend(self.point.iter().zip(corner).map(|(x, to)| self.bounds.clamp(x + sign * to)));
            }
        }
    }

    fn tell(&mut self, _: &[f32], answers: &[Answer]) {
        let pairs = answers[1..].as_chunks::<2>().0;
        if pairs.iter().all(|[up, down]| up.margin == down.margin) {
            // Rounded or saturated: look further away.
            self.reach = (2.0 * self.reach).min(self.eps);
        }
        let mut gradient = vec![0.0; self.point.len()];
        for ([up, down], corner) in pairs.iter().zip(self.corners.chunks_exact(self.point.len())) {
            let slope = (up.margin - down.margin) / pairs.len() as f32;
            if slope.is_finite() {
                gradient.iter_mut().zip(corner).for_each(|(sum, to)| *sum += slope * to);
            }
        }
        self.round += 1;
        let unbias =
            (1.0 - PAST.0.powi(self.round.cast_signed()), 1.0 - PAST.1.powi(self.round.cast_signed()));
        let rate = self.perturbations.rate * self.eps;
        for (at, gradient) in gradient.into_iter().enumerate() {
            self.mean[at] = PAST.0 * self.mean[at] + (1.0 - PAST.0) * gradient;
            self.square[at] = PAST.1 * self.square[at] + (1.0 - PAST.1) * gradient * gradient;
            let size = (self.square[at] / unbias.1).sqrt();
            let step = if size > 0.0 { rate * (self.mean[at] / unbias.0) / size } else { 0.0 };
            let original = self.original[at];
            let moved = (self.point[at] - step).max(original - self.eps).min(original + self.eps);
            self.point[at] = self.bounds.clamp(moved);
        }
    }
}

/// Runs the attack; a sample is dropped at its first success.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn ScoreTarget,
    samples: &Samples,
    terms: &Terms,
    perturbations: &Perturbations,
) -> Result<Vec<SampleResult>, TargetError> {
    seek(Oracle::Scores(target), samples, terms, Goal::Within(Norm::Linf), |sample, _| Descent {
        original: samples.row(sample),
        eps: terms.eps,
        bounds: target.bounds(),
        random: generator(terms.seed, ATTACK.name, sample),
        perturbations: *perturbations,
        point: samples.row(sample).to_vec(),
        mean: vec![0.0; samples.width()],
        square: vec![0.0; samples.width()],
        corners: Vec::new(),
        reach: perturbations.reach * terms.eps,
        round: 0,
    })
}
