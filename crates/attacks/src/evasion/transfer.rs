//! Transfer: a surrogate learns from the target's answers, is attacked by its gradients, and what is found is tried.

use super::ball::Ball;
use super::driver::unless_stopped;
use super::loss::cross_entropy;
use super::pack::GROUP;
use super::{Attack, Modality, Norm, SampleResult, Terms, generator, groups};
use crate::samples::Samples;
use crate::surrogate::{Surrogate, Training};
use crate::target::{Access, AccessLevel, GradientTarget as _, LabelTarget as _, TargetError};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "transfer-linf",
    title: "three surrogates trained on the target's answers, attacked by momentum steps, the points tried on the target",
    paper: "Papernot et al., Practical Black-Box Attacks against Machine Learning, ASIACCS 2017, arXiv:1602.02697; \
            Dong et al., Boosting Adversarial Attacks with Momentum, CVPR 2018, arXiv:1710.06081",
    access: AccessLevel::Labels,
    norm: Norm::Linf,
    minimal: false,
    modality: Modality::Any,
    techniques: &["AML.T0005.001@2026.09", "AML.T0043.002@2026.09"],
    parameters: &[("answers-per-sample", "20"), ("steps", "20"), ("surrogates", "3")],
    run: |access, samples, terms| Some(run(access, samples, terms, &Transfer::default())),
};

/// How much to ask and how to climb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfer {
    /// Answers each sample is used for, the first of them about itself, the others about noise around it.
    pub answers: u32,
    /// Surrogates, each of which gives one point to try for each sample.
    pub surrogates: u32,
    /// Steps on a surrogate.
    pub steps: u32,
    /// Units of each hidden layer of a surrogate.
    pub hidden: usize,
    /// Passes over the answers.
    pub epochs: usize,
}

impl Default for Transfer {
    fn default() -> Self {
        Self { answers: 20, surrogates: 3, steps: 20, hidden: 64, epochs: 10 }
    }
}

/// What a group asked, and what it was told: a probability for each class, or all on the label.
struct Answered {
    inputs: Vec<f32>,
    answers: Vec<f32>,
}

/// Asks, trains, climbs and tries; scores are learned from where the target gives them.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    access: Access<'_>,
    samples: &Samples,
    terms: &Terms,
    transfer: &Transfer,
) -> Result<Vec<SampleResult>, TargetError> {
    let target = access.labels();
    let (classes, bounds, width) = (target.classes(), target.bounds(), samples.width());
    let mut results = vec![SampleResult::untouched(); samples.len()];
    let ball = Ball { norm: Norm::Linf, eps: terms.eps, bounds };
    // A query is left for each point to try.
    let rounds = transfer.answers.min(terms.queries.saturating_sub(transfer.surrogates)).max(1);
    let mut known = Answered { inputs: Vec::new(), answers: Vec::new() };
    let mut random: Vec<_> =
        (0..samples.len()).map(|sample| generator(terms.seed, ATTACK.name, sample)).collect();
    let mut stopped = terms.queries == 0;
    for round in 0..rounds {
        if stopped {
            break;
        }
        let noisy = Ball { eps: terms.eps * 2.0, ..ball };
        let points: Vec<f32> = (0..samples.len())
            .flat_map(|sample| match round {
                0 => samples.row(sample).to_vec(),
                _ => noisy.random(samples.row(sample), &mut random[sample]),
            })
            .collect();
        let Some((labels, probabilities)) = ask(access, &points, classes)? else {
            stopped = true;
            break;
        };
        for (result, (label, truth)) in results.iter_mut().zip(labels.iter().zip(&samples.labels)) {
            result.queries += 1;
            if round == 0 && i64::from(*label) != *truth {
                result.was_wrong();
            }
        }
        known.inputs.extend(points);
        known.answers.extend(probabilities);
    }
    let starved = rounds < transfer.answers || terms.queries < rounds.saturating_add(transfer.surrogates);
    for number in 0..transfer.surrogates {
        if stopped {
            break;
        }
        let active: Vec<usize> = (0..samples.len())
            .filter(|sample| !results[*sample].success && results[*sample].queries < terms.queries)
            .collect();
        if active.is_empty() {
            break;
        }
        let training = Training {
            hidden: transfer.hidden,
            epochs: transfer.epochs,
            seed: terms.seed.wrapping_add(u64::from(number) << 32),
        };
        let surrogate = Surrogate::train(&known.inputs, &known.answers, (width, classes, bounds), &training);
        let points = climb(&surrogate, samples, &active, &ball, transfer.steps)?;
        let Some(labels) = unless_stopped(target.labels(&points))? else {
            stopped = true;
            break;
        };
        for ((sample, label), point) in active.iter().zip(labels).zip(points.chunks_exact(width.max(1))) {
            results[*sample].queries += 1;
            if i64::from(label) != samples.labels[*sample] && ball.holds(samples.row(*sample), point) {
                results[*sample].succeed(samples.row(*sample), point);
            }
        }
    }
    for result in results.iter_mut().filter(|result| !result.success) {
        result.cut_short = stopped || starved;
    }
    Ok(results)
}

/// Labels, and rows of probabilities to learn from.
type Answers = (Vec<u32>, Vec<f32>);

/// What the target answers; `None` when it stops answering.
fn ask(access: Access<'_>, points: &[f32], classes: usize) -> Result<Option<Answers>, TargetError> {
    if let Some(target) = access.scores() {
        let Some(mut scores) = unless_stopped(target.scores(points))? else { return Ok(None) };
        let labels = scores.chunks_exact(classes).map(crate::target::winner).collect();
        scores.chunks_exact_mut(classes).for_each(to_probabilities);
        return Ok(Some((labels, scores)));
    }
    let Some(labels) = unless_stopped(access.labels().labels(points))? else { return Ok(None) };
    let mut rows = vec![0.0; labels.len() * classes];
    for (row, label) in rows.chunks_exact_mut(classes).zip(&labels) {
        if let Some(place) = row.get_mut(*label as usize) {
            *place = 1.0;
        }
    }
    Ok(Some((labels, rows)))
}

/// Scores as probabilities: left alone if they are, else taken for logits.
fn to_probabilities(row: &mut [f32]) {
    let sum: f32 = row.iter().sum();
    if row.iter().all(|score| (0.0..=1.0).contains(score)) && (sum - 1.0).abs() < 1e-3 {
        return;
    }
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter_mut().for_each(|score| *score = (*score - top).exp());
    let sum: f32 = row.iter().sum();
    if sum.is_finite() && sum > 0.0 {
        row.iter_mut().for_each(|score| *score /= sum);
    } else {
        row.fill(1.0 / row.len().max(1) as f32);
    }
}

/// Climbs the surrogate's cross-entropy to the last step: a point deep on the wrong side transfers better than the first.
fn climb(
    surrogate: &Surrogate,
    samples: &Samples,
    active: &[usize],
    ball: &Ball,
    steps: u32,
) -> Result<Vec<f32>, TargetError> {
    let width = surrogate.width();
    let part = |range: std::ops::Range<usize>| -> Result<Vec<SampleResult>, TargetError> {
        let active = &active[range];
        let mut points: Vec<f32> = active.iter().flat_map(|sample| samples.row(*sample)).copied().collect();
        let mut momentum = vec![0.0_f32; points.len()];
        let cotangent = |row: usize, logits: &[f32], gradient: &mut [f32]| {
            let label = usize::try_from(samples.labels[active[row]]).unwrap_or(0);
            cross_entropy(logits, label, gradient);
        };
        for _ in 0..steps {
            let answer = surrogate.gradients(&points, &cotangent)?;
            for (row, gradient) in answer.inputs.chunks_exact(width).enumerate() {
                let sum: f32 = gradient.iter().map(|slope| slope.abs()).sum::<f32>().max(f32::MIN_POSITIVE);
                let momentum = &mut momentum[row * width..][..width];
                momentum.iter_mut().zip(gradient).for_each(|(kept, slope)| *kept += slope / sum);
                let point = &mut points[row * width..][..width];
                ball.climb(point, momentum, ball.eps / 8.0);
                ball.project(samples.row(active[row]), point);
            }
        }
        let as_result =
            |point: &[f32]| SampleResult { adversarial: Some(point.to_vec()), ..SampleResult::untouched() };
        Ok(points.chunks_exact(width).map(as_result).collect())
    };
    let parts = groups(surrogate, active.len(), GROUP, part)?;
    Ok(parts.into_iter().flat_map(|result| result.adversarial.unwrap_or_default()).collect())
}
