//! Randomised smoothing: a certified radius in the Euclidean norm for any classifier that answers with labels.
//!
//! Cohen, Rosenfeld and Kolter, "Certified Adversarial Robustness via Randomized Smoothing" (ICML 2019). The certificate
//! is about the smoothed classifier (the class that wins under Gaussian noise), not about the model without noise, and
//! each holds with probability `1 - alpha`.

use rayon::prelude::*;
use vauban_domain::Interval;

use super::binomial::{clopper_pearson_lower, normal_quantile};
use crate::evasion::{generator, normal};
use crate::samples::Samples;
use crate::target::{LabelTarget, TargetError};

/// How a classifier is smoothed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Smoothing {
    /// Standard deviation of the noise, in units of the inputs; larger means larger radii and fewer right answers.
    pub sigma: f32,
    /// Queries that choose the class.
    pub selection: u32,
    /// Queries that estimate how often it wins.
    pub estimation: u32,
    /// Largest probability that a certificate is wrong.
    pub alpha: f64,
    /// Seed of the noise.
    pub seed: u64,
}

impl Default for Smoothing {
    fn default() -> Self {
        Self { sigma: 0.25, selection: 100, estimation: 1_000, alpha: 0.001, seed: 1 }
    }
}

/// What is certified for one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Smoothed {
    /// The smoothed classifier's answer; `None` when it abstains.
    pub class: Option<u32>,
    /// Euclidean radius within which the answer does not change; 0 when it abstains.
    pub radius: f64,
    /// Lower confidence bound of the class's share under noise.
    pub share: f64,
    /// Queries spent.
    pub queries: u32,
}

/// Rows sent at once.
const ROWS: u32 = 256;

fn count<T: LabelTarget + ?Sized>(
    target: &T,
    row: &[f32],
    queries: u32,
    sigma: f32,
    random: &mut rand_pcg::Pcg64,
) -> Result<Vec<u32>, TargetError> {
    let mut votes = vec![0_u32; target.classes()];
    let mut left = queries;
    while left > 0 {
        let rows = left.min(ROWS);
        left -= rows;
        let mut noisy = Vec::with_capacity(rows as usize * row.len());
        for _ in 0..rows {
            let mut pending = None;
            for value in row {
                let noise = pending.take().unwrap_or_else(|| {
                    let (one, other) = normal(random);
                    pending = Some(other);
                    one
                });
                // Not clipped to the bounds: the theorem is about Gaussian noise.
                noisy.push(value + sigma * noise);
            }
        }
        for label in target.labels(&noisy)? {
            let votes = votes.get_mut(label as usize);
            *votes.ok_or_else(|| TargetError::Failed(format!("the class {label} is not there")))? += 1;
        }
    }
    Ok(votes)
}

/// Certifies every sample, in order.
///
/// # Errors
/// [`TargetError`] when the target refuses, fails or its budget is spent, or when the smoothing makes no sense.
pub fn certify<T: LabelTarget + ?Sized>(
    target: &T,
    samples: &Samples,
    smoothing: &Smoothing,
) -> Result<Vec<Smoothed>, TargetError> {
    let failed = |what: String| Err(TargetError::Failed(what));
    if !(smoothing.sigma > 0.0 && smoothing.sigma.is_finite()) {
        return failed(format!("the noise needs a positive standard deviation, not {}", smoothing.sigma));
    }
    if !(smoothing.alpha > 0.0 && smoothing.alpha < 1.0) || smoothing.selection == 0 {
        return failed("smoothing needs alpha between 0 and 1, and queries to choose a class".to_owned());
    }
    if let Err(error) = samples.check(target.width(), target.classes()) {
        return failed(error.to_string());
    }
    let one = |index: usize| {
        // The class is chosen and judged by different noise: else the bound would not hold.
        let mut random = generator(smoothing.seed, "smoothing", index);
        let row = samples.row(index);
        let votes = count(target, row, smoothing.selection, smoothing.sigma, &mut random)?;
        let mut class = 0;
        for (at, count) in votes.iter().enumerate() {
            if *count > votes[class] {
                class = at;
            }
        }
        let votes = count(target, row, smoothing.estimation, smoothing.sigma, &mut random)?[class];
        let share = clopper_pearson_lower(u64::from(votes), u64::from(smoothing.estimation), smoothing.alpha);
        let queries = smoothing.selection + smoothing.estimation;
        Ok(if share > 0.5 {
            // Less the error of the quantile.
            let quantile = (normal_quantile(share) * (1.0 - 1e-8) - 1e-8).max(0.0);
            let radius = f64::from(smoothing.sigma) * quantile;
            Smoothed { class: Some(class as u32), radius, share, queries }
        } else {
            Smoothed { class: None, radius: 0.0, share, queries }
        })
    };
    if target.in_order() {
        (0..samples.len()).map(one).collect()
    } else {
        (0..samples.len()).into_par_iter().map(one).collect()
    }
}

/// Certified accuracy at each of `radii`: share of samples that are answered rightly and certified to that radius, with
/// its interval.
pub fn certified_accuracy(smoothed: &[Smoothed], labels: &[i64], radii: &[f64]) -> Vec<(f64, f64, Interval)> {
    let total = smoothed.len().min(labels.len());
    radii
        .iter()
        .map(|radius| {
            let right = smoothed.iter().zip(labels).filter(|(smoothed, label)| {
                smoothed.class.map(i64::from) == Some(**label) && smoothed.radius >= *radius
            });
            let right = right.count();
            let interval = Interval::wilson(right as u64, total as u64);
            (*radius, right as f64 / total.max(1) as f64, interval)
        })
        .collect()
}
