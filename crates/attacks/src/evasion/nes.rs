//! NES: projected gradient descent on gradients estimated from scores, by pairs of opposite Gaussian steps.

use rand_pcg::Pcg64;

use super::driver::normals;
use super::seeker::{Answer, Goal, Oracle, Seeker, most_rows, seek};
use super::{Attack, Modality, Norm, SampleResult, Terms, generator};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, ScoreTarget, TargetError};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "nes-linf",
    title: "projected gradient descent on gradients estimated from the scores around the point",
    paper: "Ilyas et al., Black-box Adversarial Attacks with Limited Queries and Information, ICML 2018, arXiv:1804.08598",
    access: AccessLevel::Scores,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0040@2026.09", "AML.T0043.001@2026.09"],
    parameters: &[
        ("first-step", "0.5 eps"),
        ("momentum", "0.9"),
        ("pairs", "20"),
        ("rounds", "120"),
        ("sigma", "0.1 eps, doubled while scores stay equal"),
    ],
    run: |access, samples, terms| Some(run(access.scores()?, samples, terms, &Estimates::default())),
};

/// How gradients are estimated and followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimates {
    /// Pairs of opposite points asked about for one estimate.
    pub pairs: u32,
    /// Estimates, and steps.
    pub rounds: u32,
    /// Standard deviation of the steps asked about, as a share of eps.
    pub sigma: f32,
    /// Length of the first step in each element, as a share of eps; it falls linearly to a hundredth.
    pub first_step: f32,
    /// Share of the last direction kept in the next.
    pub momentum: f32,
}

impl Default for Estimates {
    fn default() -> Self {
        Self { pairs: 20, rounds: 120, sigma: 0.1, first_step: 0.5, momentum: 0.9 }
    }
}

struct Descent<'a> {
    original: &'a [f32],
    eps: f32,
    bounds: Bounds,
    random: Pcg64,
    estimates: Estimates,
    point: Vec<f32>,
    /// Running mean of the estimated gradients of the margin.
    gradient: Vec<f32>,
    /// The directions asked about.
    directions: Vec<f32>,
    /// Standard deviation of the steps asked about.
    reach: f32,
    round: u32,
}

impl Seeker for Descent<'_> {
    fn ask(&mut self, left: u32, points: &mut Vec<f32>) {
        if self.round > self.estimates.rounds {
            return;
        }
        // The point itself is asked about as well: it is what may be claimed.
        points.extend_from_slice(&self.point);
        if self.round == self.estimates.rounds {
            return;
        }
        let width = self.point.len();
        let fitting = (most_rows(width) / 2).max(1) as u32;
        // The rest of a budget still makes a rough estimate.
        let pairs = self.estimates.pairs.min(fitting).min(left.saturating_sub(1) / 2) as usize;
        self.directions.resize(pairs * width, 0.0);
        normals(&mut self.random, &mut self.directions);
        let reach = self.reach;
        for direction in self.directions.chunks_exact(width) {
            for sign in [reach, -reach] {
                points.extend(
                    self.point.iter().zip(direction).map(|(x, step)| self.bounds.clamp(x + sign * step)),
                );
            }
        }
    }

    fn tell(&mut self, _: &[f32], answers: &[Answer]) {
        self.gradient.iter_mut().for_each(|x| *x *= self.estimates.momentum);
        let pairs = answers[1..].as_chunks::<2>().0;
        if pairs.iter().all(|[up, down]| up.margin == down.margin) {
            // Rounded or saturated: look further away.
            self.reach = (2.0 * self.reach).min(self.eps);
        }
        for ([up, down], direction) in pairs.iter().zip(self.directions.chunks_exact(self.point.len())) {
            let slope = (up.margin - down.margin) / pairs.len() as f32;
            if slope.is_finite() {
                self.gradient.iter_mut().zip(direction).for_each(|(sum, step)| *sum += slope * step);
            }
        }
        let done = self.round as f32 / self.estimates.rounds.max(1) as f32;
        let length = self.eps * self.estimates.first_step * (1.0 - 0.99 * done);
        for ((x, gradient), original) in self.point.iter_mut().zip(&self.gradient).zip(self.original) {
            let step = if *gradient == 0.0 { 0.0 } else { -length * gradient.signum() };
            *x = self.bounds.clamp((*x + step).max(original - self.eps).min(original + self.eps));
        }
        self.round += 1;
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
    estimates: &Estimates,
) -> Result<Vec<SampleResult>, TargetError> {
    seek(Oracle::Scores(target), samples, terms, Goal::Within(Norm::Linf), |sample, _| Descent {
        original: samples.row(sample),
        eps: terms.eps,
        bounds: target.bounds(),
        random: generator(terms.seed, ATTACK.name, sample),
        estimates: *estimates,
        point: samples.row(sample).to_vec(),
        gradient: vec![0.0; samples.width()],
        directions: Vec::new(),
        reach: estimates.sigma * terms.eps,
        round: 0,
    })
}
