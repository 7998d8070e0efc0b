//! Auto-PGD: steps with momentum whose length is halved where progress stalls.

use rand_pcg::Pcg64;

use super::ball::Ball;
use super::loss::{Loss, likeliest_wrong};
use super::pack::{GROUP, Pack};
use super::{Attack, Modality, Norm, SampleResult, Terms, generator, groups};
use crate::samples::Samples;
use crate::target::{AccessLevel, GradientTarget, TargetError};

/// Entry of the list: cross-entropy in the maximum norm.
pub const CE_LINF: Attack = Attack {
    name: "apgd-ce-linf",
    title: "100 steps of adaptive length with momentum on the cross-entropy",
    paper: "Croce, Hein, Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free \
            Attacks, ICML 2020, arXiv:2003.01690",
    access: AccessLevel::Gradients,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0043.000@2026.09"],
    parameters: &[("loss", "cross-entropy"), ("restarts", "1"), ("steps", "100")],
    run: |access, samples, terms| {
        Some(run(
            access.gradients()?,
            samples,
            terms,
            &Climb::usual(Norm::Linf, Loss::CrossEntropy),
            CE_LINF.name,
        ))
    },
};

/// Entry of the list: difference of logits ratio in the maximum norm.
pub const DLR_LINF: Attack = Attack {
    name: "apgd-dlr-linf",
    title: "100 steps of adaptive length with momentum on the difference of logits ratio",
    parameters: &[("loss", "dlr"), ("restarts", "1"), ("steps", "100")],
    run: |access, samples, terms| {
        Some(run(
            access.gradients()?,
            samples,
            terms,
            &Climb::usual(Norm::Linf, Loss::LogitsRatio),
            DLR_LINF.name,
        ))
    },
    ..CE_LINF
};

/// Entry of the list: towards each of the nine likeliest wrong classes in the maximum norm.
pub const T_LINF: Attack = Attack {
    name: "apgd-t-linf",
    title: "100 steps of adaptive length with momentum towards each of the 9 likeliest wrong classes",
    parameters: &[("classes", "9"), ("loss", "targeted-dlr"), ("restarts", "1"), ("steps", "100")],
    run: |access, samples, terms| {
        Some(run(
            access.gradients()?,
            samples,
            terms,
            &Climb::usual(Norm::Linf, Loss::TargetedRatio),
            T_LINF.name,
        ))
    },
    ..CE_LINF
};

/// Entry of the list: cross-entropy in the Euclidean norm.
pub const CE_L2: Attack = Attack {
    name: "apgd-ce-l2",
    norm: Norm::L2,
    run: |access, samples, terms| {
        Some(run(
            access.gradients()?,
            samples,
            terms,
            &Climb::usual(Norm::L2, Loss::CrossEntropy),
            CE_L2.name,
        ))
    },
    ..CE_LINF
};

/// Entry of the list: towards each of the nine likeliest wrong classes in the Euclidean norm.
pub const T_L2: Attack = Attack {
    name: "apgd-t-l2",
    norm: Norm::L2,
    run: |access, samples, terms| {
        Some(run(
            access.gradients()?,
            samples,
            terms,
            &Climb::usual(Norm::L2, Loss::TargetedRatio),
            T_L2.name,
        ))
    },
    ..T_LINF
};

/// Weight of the new step against the last one.
const MOMENTUM: f32 = 0.75;
/// Share of steps between two checkpoints that must have climbed.
const CLIMBING: f32 = 0.75;

/// How to climb.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Climb {
    /// Norm of the ball.
    pub norm: Norm,
    /// What is climbed.
    pub loss: Loss,
    /// Steps per start.
    pub steps: u32,
    /// Random starts (for each class with [`Loss::TargetedRatio`]).
    pub restarts: u32,
    /// Wrong classes tried with [`Loss::TargetedRatio`].
    pub classes: usize,
}

impl Climb {
    /// 100 steps from one random start, towards 9 classes where classes are aimed at.
    pub const fn usual(norm: Norm, loss: Loss) -> Self {
        Self { norm, loss, steps: 100, restarts: 1, classes: 9 }
    }
}

/// Climbs the loss; a sample is done at the first point the model gets wrong.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn GradientTarget,
    samples: &Samples,
    terms: &Terms,
    climb: &Climb,
    name: &str,
) -> Result<Vec<SampleResult>, TargetError> {
    let ball = Ball { norm: climb.norm, eps: terms.eps, bounds: target.bounds() };
    let checkpoints = checkpoints(climb.steps);
    groups(target, samples.len(), GROUP, |range| {
        let mut pack = Pack::new(target, samples, terms, &range);
        let (mut active, scores) = pack.right()?;
        let mut random: Vec<Pcg64> = range.map(|sample| generator(terms.seed, name, sample)).collect();
        let aims: Vec<Vec<usize>> = (0..scores.len())
            .map(|index| match climb.loss {
                Loss::TargetedRatio => likeliest_wrong(&scores[index], pack.label(index), climb.classes),
                _ => vec![0],
            })
            .collect();
        let most = aims.iter().map(Vec::len).max().unwrap_or(0);
        for _ in 0..climb.restarts {
            for rank in 0..most {
                let started: Vec<usize> =
                    active.iter().copied().filter(|index| rank < aims[*index].len()).collect();
                let mut walkers: Vec<Option<Walker>> = (0..aims.len()).map(|_| None).collect();
                for index in &started {
                    let point = ball.random(pack.original(*index), &mut random[*index]);
                    walkers[*index] = Some(Walker::new(point, aims[*index][rank], 2.0 * terms.eps));
                }
                once(&mut pack, climb, &ball, started, &mut walkers, &checkpoints)?;
                pack.unbroken(&mut active);
            }
        }
        Ok(pack.results)
    })
}

/// Steps at which progress is looked at: the schedule of the paper.
fn checkpoints(steps: u32) -> Vec<u32> {
    let (mut last, mut next) = (0.0_f32, 0.22_f32);
    let mut found = Vec::new();
    while next < 1.0 {
        found.push(((steps as f32 * next).ceil() as u32).max(1));
        (last, next) = (next, next + (next - last - 0.03).max(0.06));
    }
    found.dedup();
    found
}

/// One sample on its way.
struct Walker {
    point: Vec<f32>,
    previous: Vec<f32>,
    best: Vec<f32>,
    best_gradient: Vec<f32>,
    best_loss: f32,
    loss: f32,
    /// Wrong class aimed at.
    aim: usize,
    step: f32,
    /// Steps since the last checkpoint that climbed, and those taken.
    rises: u32,
    taken: u32,
    /// Whether the last checkpoint shortened the step, and the best loss then.
    shortened: bool,
    best_then: f32,
}

impl Walker {
    fn new(point: Vec<f32>, aim: usize, step: f32) -> Self {
        Self {
            previous: point.clone(),
            best: Vec::new(),
            best_gradient: Vec::new(),
            best_loss: f32::NEG_INFINITY,
            loss: f32::INFINITY,
            point,
            aim,
            step,
            rises: 0,
            taken: 0,
            shortened: false,
            best_then: f32::NEG_INFINITY,
        }
    }

    /// Notes the loss and gradient at the point; at a checkpoint, returns to the best point if progress stalls.
    fn learn(&mut self, loss: f32, gradient: &[f32], checkpoint: bool) {
        self.rises += u32::from(loss > self.loss);
        self.taken += 1;
        self.loss = loss;
        // The first point is the best so far even if its loss is not a number.
        if loss > self.best_loss || self.best.is_empty() {
            self.best_loss = loss;
            self.best.clone_from(&self.point);
            self.best_gradient.clear();
            self.best_gradient.extend_from_slice(gradient);
        }
        if !checkpoint {
            return;
        }
        let slow = (self.rises as f32) < CLIMBING * self.taken as f32;
        let stuck = !self.shortened && self.best_then >= self.best_loss;
        self.shortened = slow || stuck;
        if self.shortened {
            self.step /= 2.0;
            self.point.clone_from(&self.best);
            self.previous.clone_from(&self.best);
        }
        self.best_then = self.best_loss;
        (self.rises, self.taken) = (0, 0);
    }

    /// Takes a step of the paper's kind: a projected step along the gradient, mixed with the last step.
    fn advance(
        &mut self,
        ball: &Ball,
        original: &[f32],
        gradient: &[f32],
        first: bool,
        stepped: &mut Vec<f32>,
    ) {
        stepped.clone_from(&self.point);
        ball.climb(stepped, gradient, self.step);
        ball.project(original, stepped);
        if !first {
            for ((next, here), before) in stepped.iter_mut().zip(&self.point).zip(&self.previous) {
                *next = here + MOMENTUM * (*next - here) + (1.0 - MOMENTUM) * (here - before);
            }
            ball.project(original, stepped);
        }
        std::mem::swap(&mut self.previous, &mut self.point);
        std::mem::swap(&mut self.point, stepped);
    }
}

/// One start: all steps for the samples in `active`.
fn once(
    pack: &mut Pack<'_>,
    climb: &Climb,
    ball: &Ball,
    mut active: Vec<usize>,
    walkers: &mut [Option<Walker>],
    checkpoints: &[u32],
) -> Result<(), TargetError> {
    let (width, classes) = (pack.width(), pack.target.classes());
    let (mut points, mut stepped) = (Vec::new(), Vec::new());
    for step in 0..=climb.steps {
        pack.admit(&mut active, 1);
        if active.is_empty() {
            break;
        }
        points.clear();
        let mut aims = Vec::with_capacity(active.len());
        for index in &active {
            let Some(walker) = &walkers[*index] else { continue };
            points.extend_from_slice(&walker.point);
            aims.push((pack.label(*index), walker.aim));
        }
        let cotangent = |row: usize, logits: &[f32], gradient: &mut [f32]| {
            climb.loss.gradient(logits, aims[row].0, aims[row].1, gradient);
        };
        let Some(answer) = pack.gradients(&active, &points, &cotangent)? else { break };
        let rows = answer.logits.chunks_exact(classes).zip(answer.inputs.chunks_exact(width));
        for ((index, aim), (logits, gradient)) in active.iter().zip(&aims).zip(rows) {
            let (original, Some(walker)) = (pack.original(*index), &mut walkers[*index]) else { continue };
            if pack.wrong(*index, logits) && ball.holds(original, &walker.point) {
                pack.succeed(*index, &walker.point);
                continue;
            }
            let loss = climb.loss.value(logits, aim.0, aim.1);
            walker.learn(loss, gradient, checkpoints.contains(&step));
            if walker.shortened && walker.taken == 0 {
                let gradient = std::mem::take(&mut walker.best_gradient);
                walker.advance(ball, original, &gradient, false, &mut stepped);
                walker.best_gradient = gradient;
            } else {
                walker.advance(ball, original, gradient, step == 0, &mut stepped);
            }
        }
        pack.unbroken(&mut active);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn checkpoints_follow_the_paper() {
        // .22, then shorter and shorter by .03 down to .06.
        assert_eq!(super::checkpoints(100), [22, 41, 57, 70, 80, 87, 93, 99]);
        assert!(super::checkpoints(1).iter().all(|at| *at == 1));
    }
}
