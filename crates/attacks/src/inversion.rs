//! Class inversion: an input that stands for a class, found through the model's answers (Fredrikson, Jha and Ristenpart,
//! CCS 2015; with scores alone by antithetic differences after Wierstra et al., Natural Evolution Strategies, JMLR 2014).

use rand::RngExt as _;
use vauban_domain::{AssetId, Interval, Measurement};

use crate::evasion::{generator, normal};
use crate::extraction::probabilities;
use crate::samples::Samples;
use crate::target::{Access, AccessLevel, TargetError};

/// Name in measurements.
pub const NAME: &str = "inversion";

/// Metric in measurements.
pub const METRIC: &str = "inversion-match";

/// Name of the stream of random numbers.
const STREAM: &str = "class-inversion";

/// ATLAS techniques exercised, with edition.
pub const TECHNIQUES: &[&str] = &["AML.T0024.001@2026.09"];

/// How to invert.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// Queries for one reconstruction.
    pub queries: usize,
    /// Reconstructions of each class, from different starts.
    pub restarts: usize,
    /// Weight of the pull to the middle of the box, which keeps elements that the model ignores from wandering.
    pub prior: f32,
    /// Seed.
    pub seed: u64,
}

/// One reconstruction.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconstruction {
    /// The class asked for.
    pub class: usize,
    /// Where the search started, the baseline that saw no answer.
    pub start: Vec<f32>,
    /// What it found.
    pub found: Vec<f32>,
    /// Queries answered.
    pub queries: u64,
    /// Whether the target refused before the queries were spent.
    pub cut_short: bool,
}

/// Noise of the antithetic pairs, in shares of the box.
const SIGMA: f32 = 0.1;
/// Pairs behind each step.
const PAIRS: usize = 20;
/// Length of a step per element, in shares of the box (Adam).
const RATE: f32 = 0.03;

/// Reconstructs every class. A gradient costs one query, a step without gradients `2 * 20`; with labels alone the
/// answers are certainties, and the search moves only where noise crosses a boundary.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(target: Access<'_>, parameters: &Parameters) -> Result<Vec<Reconstruction>, TargetError> {
    let mut all = Vec::new();
    for class in 0..target.labels().classes() {
        for restart in 0..parameters.restarts {
            all.push(reconstruct(target, class, restart, parameters)?);
        }
    }
    Ok(all)
}

fn reconstruct(
    target: Access<'_>,
    class: usize,
    restart: usize,
    parameters: &Parameters,
) -> Result<Reconstruction, TargetError> {
    let (width, classes, bounds) =
        (target.labels().width(), target.labels().classes(), target.labels().bounds());
    let span = bounds.high - bounds.low;
    let mut random = generator(parameters.seed, STREAM, class * parameters.restarts + restart);
    let start: Vec<f32> = (0..width).map(|_| bounds.low + span * random.random::<f32>()).collect();
    let mut found = start.clone();
    let (mut first, mut second) = (vec![0.0_f32; width], vec![0.0_f32; width]);
    let (mut queries, mut step, mut cut_short) = (0, 0, false);
    let cost = if target.gradients().is_some() { 1 } else { 2 * PAIRS };
    while queries + cost <= parameters.queries {
        let slope = match slope(target, &found, (class, classes, span), &mut random) {
            Ok(slope) => slope,
            Err(TargetError::BudgetSpent | TargetError::Refused(_)) => {
                cut_short = true;
                break;
            }
            Err(error) => return Err(error),
        };
        queries += cost;
        step += 1;
        let (fix_first, fix_second) = (1.0 - 0.9_f32.powi(step), 1.0 - 0.99_f32.powi(step));
        for (index, x) in found.iter_mut().enumerate() {
            let middle = f32::midpoint(bounds.low, bounds.high);
            let slope = slope[index] * span - parameters.prior * (*x - middle) / span;
            let slope = if slope.is_finite() { slope } else { 0.0 };
            first[index] = 0.9 * first[index] + 0.1 * slope;
            second[index] = 0.99 * second[index] + 0.01 * slope * slope;
            let ahead = (first[index] / fix_first) / ((second[index] / fix_second).sqrt() + 1e-8);
            *x = bounds.clamp(*x + RATE * span * ahead);
        }
    }
    Ok(Reconstruction { class, start, found, queries: queries as u64, cut_short })
}

/// The gradient of the logarithm of the class's probability by the input, exact or estimated.
fn slope(
    target: Access<'_>,
    at: &[f32],
    (class, classes, span): (usize, usize, f32),
    random: &mut rand_pcg::Pcg64,
) -> Result<Vec<f32>, TargetError> {
    if let Some(target) = target.gradients() {
        let likelier = |_: usize, logits: &[f32], gradient: &mut [f32]| {
            gradient.copy_from_slice(logits);
            probabilities::softmax(gradient);
            gradient.iter_mut().for_each(|p| *p = -*p);
            gradient[class] += 1.0;
        };
        return Ok(target.gradients(at, &likelier)?.inputs);
    }
    let bounds = target.labels().bounds();
    let noise: Vec<f32> = (0..PAIRS * at.len()).map(|_| normal(random).0).collect();
    let mut batch = Vec::with_capacity(2 * noise.len());
    for row in noise.chunks_exact(at.len()) {
        for sign in [1.0, -1.0] {
            batch.extend(at.iter().zip(row).map(|(x, z)| bounds.clamp(x + sign * SIGMA * span * z)));
        }
    }
    let answers = probabilities::ask(target, &batch)?;
    let mut slope = vec![0.0; at.len()];
    // Rounded scores may be 0; a floor keeps their logarithm from drowning all others.
    let gain = |row: &[f32]| row[class].max(1e-4).ln();
    for (row, pair) in noise.chunks_exact(at.len()).zip(answers.chunks_exact(2 * classes)) {
        let (ahead, behind) = pair.split_at(classes);
        let change = (gain(ahead) - gain(behind)) / (2.0 * SIGMA * span * PAIRS as f32);
        slope.iter_mut().zip(row).for_each(|(slope, z)| *slope += change * z);
    }
    Ok(slope)
}

/// How much reconstructions give away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Mean correlation with the mean of the class, both less the mean over all samples: what is the class's own. The
    /// mean over all samples itself has 0.
    pub similarity: f64,
    /// The same for the random starts.
    pub baseline: f64,
    /// Reconstructions whose nearest class mean is that of their class.
    pub matched: u64,
    /// The same for the random starts.
    pub matched_by_chance: u64,
    /// Reconstructions judged.
    pub trials: u64,
    /// Classes they are of.
    pub classes: u64,
}

impl Quality {
    /// Share of matches, 0 to 1.
    pub fn share(&self) -> f64 {
        self.matched as f64 / self.trials.max(1) as f64
    }

    /// Share of matches without any answer of the model: what the random starts reach, and no less than one guess
    /// among the classes.
    pub fn chance(&self) -> f64 {
        let started = self.matched_by_chance as f64 / self.trials.max(1) as f64;
        started.max(1.0 / self.classes.max(1) as f64)
    }

    /// 95 % interval of the share of matches, counted by classes: reconstructions of one class from different starts
    /// end alike and are no independent trials. A part of a class does not count.
    pub fn interval(&self) -> Interval {
        let each = (self.trials / self.classes.max(1)).max(1);
        Interval::wilson(self.matched / each, self.trials / each)
    }
}

/// The share of `reconstructions` that [`judge`] assigns to their class, as a measurement.
///
/// `access` is what the attack saw, `quality` its judgement by samples that neither it nor the model's answers touched.
pub fn measurement(
    asset: &AssetId,
    access: AccessLevel,
    reconstructions: &[Reconstruction],
    quality: &Quality,
    parameters: &Parameters,
) -> Measurement {
    let entries = [
        ("access", access.to_string()),
        ("queries-per-reconstruction", parameters.queries.to_string()),
        ("restarts", parameters.restarts.to_string()),
        ("similarity", format!("{:.3}", quality.similarity)),
        ("baseline", format!("{:.3}", quality.baseline)),
        ("chance", format!("{:.3}", quality.chance())),
    ];
    let mut notes = Vec::new();
    if quality.trials > quality.classes {
        notes.push(
            "the interval counts classes, as reconstructions of one class are no independent trials"
                .to_owned(),
        );
    }
    let refused = reconstructions.iter().filter(|one| one.cut_short).count();
    if refused > 0 {
        notes.push(format!("the target refused before {refused} reconstructions were done"));
    }
    Measurement {
        techniques: TECHNIQUES.iter().map(|id| id.split('@').next().unwrap_or(id).into()).collect(),
        value: quality.share(),
        interval: quality.interval(),
        trials: quality.trials,
        queries: reconstructions.iter().map(|one| one.queries).sum(),
        seed: parameters.seed,
        parameters: entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        notes,
        ..Measurement::new(asset, NAME, METRIC)
    }
}

/// Judges `reconstructions` by samples that neither the attack nor its target's answers touched.
pub fn judge(reconstructions: &[Reconstruction], samples: &Samples, classes: usize) -> Quality {
    let width = samples.width();
    let mut means = vec![vec![0.0_f64; width]; classes];
    let mut counts = vec![0.0_f64; classes];
    let mut overall = vec![0.0_f64; width];
    for (index, label) in samples.labels.iter().enumerate() {
        let Some(mean) = usize::try_from(*label).ok().and_then(|class| means.get_mut(class)) else {
            continue;
        };
        counts[*label as usize] += 1.0;
        for ((mean, all), x) in mean.iter_mut().zip(&mut overall).zip(samples.row(index)) {
            *mean += f64::from(*x);
            *all += f64::from(*x) / samples.len() as f64;
        }
    }
    for (mean, count) in means.iter_mut().zip(&counts) {
        mean.iter_mut().zip(&overall).for_each(|(mean, all)| *mean = *mean / count.max(1.0) - all);
    }
    let own =
        |row: &[f32]| -> Vec<f64> { row.iter().zip(&overall).map(|(x, all)| f64::from(*x) - all).collect() };
    let nearest = |row: &[f64]| {
        let likeness = |class: &usize| correlation(row, &means[*class]);
        (0..classes).filter(|class| counts[*class] > 0.0).max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
    };
    let mut quality =
        Quality { similarity: 0.0, baseline: 0.0, matched: 0, matched_by_chance: 0, trials: 0, classes: 0 };
    let mut seen = std::collections::BTreeSet::new();
    for one in reconstructions.iter().filter(|one| counts.get(one.class).is_some_and(|count| *count > 0.0)) {
        let (found, start) = (own(&one.found), own(&one.start));
        quality.similarity += correlation(&found, &means[one.class]);
        quality.baseline += correlation(&start, &means[one.class]);
        quality.matched += u64::from(nearest(&found) == Some(one.class));
        quality.matched_by_chance += u64::from(nearest(&start) == Some(one.class));
        quality.trials += 1;
        seen.insert(one.class);
    }
    quality.classes = seen.len() as u64;
    quality.similarity /= quality.trials.max(1) as f64;
    quality.baseline /= quality.trials.max(1) as f64;
    quality
}

/// Pearson's correlation; 0 where one side does not vary.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let count = a.len().max(1) as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / count, b.iter().sum::<f64>() / count);
    let (mut both, mut left, mut right) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        both += (a - mean_a) * (b - mean_b);
        left += (a - mean_a).powi(2);
        right += (b - mean_b).powi(2);
    }
    let scale = (left * right).sqrt();
    if scale > 0.0 { both / scale } else { 0.0 }
}
