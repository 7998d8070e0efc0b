//! The Boundary attack: a random walk along the decision boundary towards the sample, by labels alone.

use rand_pcg::Pcg64;

use super::driver::normals;
use super::result::l2;
use super::seeker::{Answer, Goal, Oracle, Seeker, seek};
use super::start::Start;
use super::{Attack, Modality, Norm, SampleResult, Terms, generator};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, LabelTarget, TargetError};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "boundary-l2",
    title: "random steps along the decision boundary and towards the sample, by labels alone",
    paper: "Brendel, Rauber, Bethge, Decision-Based Adversarial Attacks, ICLR 2018, arXiv:1712.04248",
    access: AccessLevel::Labels,
    norm: Norm::L2,
    minimal: true,
    modality: Modality::Any,
    techniques: &["AML.T0040@2026.09", "AML.T0043.001@2026.09"],
    parameters: &[("probes", "every 5th"), ("steps", "2500"), ("tries", "100")],
    run: |access, samples, terms| Some(run(access.labels(), samples, terms, &Walks::default())),
};

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Walks {
    /// Steps after the first point is found.
    pub steps: u32,
    /// Random points tried for a start, when no other sample serves.
    pub tries: u32,
}

impl Default for Walks {
    fn default() -> Self {
        Self { steps: 2_500, tries: 100 }
    }
}

/// Every which step also asks whether the move along the sphere alone stays wrong.
const PROBE_EVERY: u32 = 5;

enum Stage {
    Start(Start),
    /// Half the way on the line from the sample to the first point.
    Line {
        right: f32,
        wrong: f32,
        rounds: u32,
    },
    Step,
}

struct Walk<'a> {
    original: &'a [f32],
    bounds: Bounds,
    random: Pcg64,
    point: Vec<f32>,
    /// Length of moves along the sphere and towards the sample, as shares of the distance.
    along: f32,
    towards: f32,
    steps: u32,
    stage: Stage,
}

/// Makes `length` longer after success and shorter after failure, so that the share of successes tends to `share`.
fn adapt(length: &mut f32, success: bool, share: f32) {
    let by = if success { 1.0 - share } else { -share };
    *length = (*length * (0.2 * by).exp()).clamp(1e-6, 0.9);
}

impl Walk<'_> {
    /// Appends the move along the sphere (if `probed`), and the same with the step towards the sample.
    fn moves(&mut self, probed: bool, points: &mut Vec<f32>) {
        let distance = l2(self.original, &self.point);
        let mut step = vec![0.0; self.point.len()];
        normals(&mut self.random, &mut step);
        let away: Vec<f32> = self.point.iter().zip(self.original).map(|(x, original)| x - original).collect();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let radial = dot(&step, &away) / dot(&away, &away).max(f32::MIN_POSITIVE);
        step.iter_mut().zip(&away).for_each(|(step, away)| *step -= radial * away);
        let length = dot(&step, &step).sqrt().max(f32::MIN_POSITIVE);
        // Back onto the sphere: the hypotenuse is longer than the distance by this factor.
        let back = 1.0 / self.along.hypot(1.0);
        let tangent = self.along * distance / length;
        let shares = [1.0, 1.0 - self.towards];
        for share in &shares[usize::from(!probed)..] {
            points.extend(self.original.iter().zip(&away).zip(&step).map(|((original, away), step)| {
                self.bounds.clamp(original + share * back * (away + tangent * step))
            }));
        }
    }
}

impl Seeker for Walk<'_> {
    fn ask(&mut self, _: u32, points: &mut Vec<f32>) {
        match &mut self.stage {
            Stage::Start(start) => start.ask(&mut self.random, points),
            Stage::Line { right, wrong, .. } => {
                let middle = f32::midpoint(*right, *wrong);
                points.extend(self.original.iter().zip(&self.point).map(|(a, b)| a + middle * (b - a)));
            }
            Stage::Step if self.steps == 0 || self.towards <= 1e-6 => {}
            Stage::Step => self.moves(self.steps.is_multiple_of(PROBE_EVERY), points),
        }
    }

    fn tell(&mut self, points: &[f32], answers: &[Answer]) {
        let width = self.point.len();
        match &mut self.stage {
            Stage::Start(_) => {
                let wrong = points.chunks_exact(width).zip(answers).filter(|(_, answer)| answer.wrong);
                let closest = wrong
                    .map(|(point, _)| (l2(self.original, point), point))
                    .min_by(|a, b| a.0.total_cmp(&b.0));
                if let Some((_, point)) = closest {
                    self.point.copy_from_slice(point);
                    self.stage = Stage::Line { right: 0.0, wrong: 1.0, rounds: 10 };
                }
            }
            Stage::Line { right, wrong, rounds } => {
                let middle = f32::midpoint(*right, *wrong);
                if answers[0].wrong {
                    *wrong = middle
                } else {
                    *right = middle
                }
                *rounds -= 1;
                if *rounds == 0 {
                    let share = *wrong;
                    self.point.iter_mut().zip(self.original).for_each(|(x, a)| *x = a + share * (*x - a));
                    self.stage = Stage::Step;
                }
            }
            Stage::Step => {
                self.steps -= 1;
                if let [probe, _] = answers {
                    adapt(&mut self.along, probe.wrong, 0.5);
                }
                let last = answers.len() - 1;
                let candidate = &points[last * width..];
                if answers[last].wrong && l2(self.original, candidate) < l2(self.original, &self.point) {
                    self.point.copy_from_slice(candidate);
                }
                adapt(&mut self.towards, answers[last].wrong, 0.25);
            }
        }
    }
}

/// Runs the attack; success means that any adversarial point was found, its distance is what counts.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn LabelTarget,
    samples: &Samples,
    terms: &Terms,
    walks: &Walks,
) -> Result<Vec<SampleResult>, TargetError> {
    seek(Oracle::Labels(target), samples, terms, Goal::Closest(Norm::L2), |sample, _| Walk {
        original: samples.row(sample),
        bounds: target.bounds(),
        random: generator(terms.seed, ATTACK.name, sample),
        point: samples.row(sample).to_vec(),
        along: 0.1,
        towards: 0.1,
        steps: walks.steps,
        stage: Stage::Start(Start::new(samples, sample, target.bounds(), walks.tries)),
    })
}
