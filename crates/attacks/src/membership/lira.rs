//! The likelihood ratio attack (Carlini et al., Membership Inference Attacks From First Principles, IEEE S&P 2022).

use super::{MembershipError, Shadows};

/// Shadow models on one side of a sample from which its own variance is trusted; the paper shares one below 64.
const OWN_VARIANCE: usize = 64;

/// Probabilities are kept this far from 0 and 1 before their logit is taken.
const EDGE: f64 = 1e-6;

fn logit(probability: f64) -> f64 {
    let p = probability.clamp(EDGE, 1.0 - EDGE);
    (p / (1.0 - p)).ln()
}

/// Mean and standard deviation of the logits on one side of each sample; `None` where no model is on that side.
struct Side(Vec<Option<(f64, f64)>>);

impl Side {
    fn new(shadows: &Shadows, inside: bool) -> Self {
        let mut moments: Vec<Option<(f64, f64, usize)>> = (0..shadows.samples())
            .map(|sample| {
                let values: Vec<f64> = shadows.of(sample, inside).map(logit).collect();
                let count = values.len();
                if count == 0 {
                    return None;
                }
                let mean = values.iter().sum::<f64>() / count as f64;
                let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
                Some((mean, squares, count))
            })
            .collect();
        let (squares, freedom) = moments
            .iter()
            .flatten()
            .fold((0.0, 0), |(sum, freedom), moment| (sum + moment.1, freedom + moment.2.saturating_sub(1)));
        let shared = (squares / (freedom.max(1)) as f64).sqrt().max(1e-3);
        Self(
            moments
                .drain(..)
                .map(|moment| {
                    let (mean, squares, count) = moment?;
                    let own = (squares / count as f64).sqrt().max(1e-3);
                    Some((mean, if count >= OWN_VARIANCE { own } else { shared }))
                })
                .collect(),
        )
    }
}

/// How far the target's logit lies above those of models without the sample, in standard deviations; larger speaks for
/// membership. `target` holds the probability of the true class of each sample. A sample that every model was
/// trained on scores 0.
///
/// # Errors
/// [`MembershipError::Shape`] when `target` does not fit the shadows.
pub fn offline(target: &[f32], shadows: &Shadows) -> Result<Vec<f64>, MembershipError> {
    shadows.fits(target)?;
    let without = Side::new(shadows, false);
    let scored = target.iter().zip(without.0);
    Ok(scored
        .map(|(p, side)| side.map_or(0.0, |(mean, deviation)| (logit(f64::from(*p)) - mean) / deviation))
        .collect())
}

/// Logarithm of the ratio of the likelihoods of the target's logit among models with and without the sample; 0 where
/// one of them has no model.
///
/// # Errors
/// [`MembershipError::Shape`] when `target` does not fit the shadows.
pub fn online(target: &[f32], shadows: &Shadows) -> Result<Vec<f64>, MembershipError> {
    shadows.fits(target)?;
    let (with, without) = (Side::new(shadows, true), Side::new(shadows, false));
    let likelihood = |value: f64, (mean, deviation): (f64, f64)| {
        -((value - mean) / deviation).powi(2) / 2.0 - deviation.ln()
    };
    let sides = with.0.into_iter().zip(without.0);
    Ok(target
        .iter()
        .zip(sides)
        .map(|(p, sides)| match sides {
            (Some(with), Some(without)) => {
                likelihood(logit(f64::from(*p)), with) - likelihood(logit(f64::from(*p)), without)
            }
            _ => 0.0,
        })
        .collect())
}
