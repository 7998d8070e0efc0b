//! Whether a new version of a model is less robust than the last one, sample by sample.
//!
//! Two accuracies with their intervals often overlap although nearly every sample that changed changed for the worse; the
//! same samples attacked in both versions say it (McNemar, Psychometrika 12, 1947; the exact test of the discordant pairs).

use std::collections::BTreeMap;

use vauban_domain::{AssetId, Interval, Measurement, SampleOutcome};

/// Name in measurements.
pub const NAME: &str = "paired-comparison";

/// Chance of calling an unchanged model less robust.
pub const LEVEL: f64 = 0.05;

/// Samples attacked in both versions, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Samples in both.
    pub pairs: u64,
    /// Held in both versions.
    pub both: u64,
    /// Held before and broken now.
    pub lost: u64,
    /// Broken before and held now.
    pub gained: u64,
    /// Chance of at least so many losses among the changes if losses and gains were equally likely; 0 to 1.
    pub p_value: f64,
}

impl Comparison {
    /// Robust accuracy now minus before, -1 to 1.
    pub fn difference(&self) -> f64 {
        (self.gained as f64 - self.lost as f64) / self.pairs.max(1) as f64
    }

    /// 95 % interval of the difference (Wald's for paired shares; Agresti, Categorical Data Analysis, section 11.1).
    pub fn interval(&self) -> Interval {
        const Z: f64 = 1.959_963_984_540_054;
        let (n, lost, gained) = (self.pairs.max(1) as f64, self.lost as f64, self.gained as f64);
        let half = Z * ((lost + gained) - (lost - gained).powi(2) / n).max(0.0).sqrt() / n;
        let middle = self.difference();
        Interval { low: (middle - half).max(-1.0), high: (middle + half).min(1.0), level: 0.95 }
    }

    /// Whether the new version is measurably less robust.
    pub fn is_worse(&self) -> bool {
        self.lost > self.gained && self.p_value < LEVEL
    }
}

/// Pairs the samples of two evaluations by their contents; samples in one of them only are left out.
pub fn compare(before: &[SampleOutcome], now: &[SampleOutcome]) -> Comparison {
    let mut known: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
    for sample in before.iter().rev() {
        known.entry(&sample.hash).or_default().push(sample.held);
    }
    let mut comparison = Comparison { pairs: 0, both: 0, lost: 0, gained: 0, p_value: 1.0 };
    for sample in now {
        // The same input may stand in the data twice.
        let Some(held_before) = known.get_mut(sample.hash.as_str()).and_then(Vec::pop) else { continue };
        comparison.pairs += 1;
        comparison.both += u64::from(held_before && sample.held);
        comparison.lost += u64::from(held_before && !sample.held);
        comparison.gained += u64::from(!held_before && sample.held);
    }
    comparison.p_value = upper_tail(comparison.lost, comparison.lost + comparison.gained);
    comparison
}

/// Chance of at least `successes` heads in `trials` throws of a fair coin.
fn upper_tail(successes: u64, trials: u64) -> f64 {
    // Terms by their logarithms: the outer ones underflow, the sum does not.
    let mut log_term = -(trials as f64) * std::f64::consts::LN_2;
    let mut sum = 0.0;
    for heads in 0..=trials {
        if heads >= successes {
            sum += log_term.exp();
        }
        log_term += ((trials - heads) as f64).ln() - ((heads + 1) as f64).ln();
    }
    sum.min(1.0)
}

/// The comparison as a measurement: the difference, with its interval.
pub fn measurement(
    asset: &AssetId,
    comparison: &Comparison,
    against: &str,
    now: &Measurement,
) -> Measurement {
    let parameters = [
        ("against", against.to_owned()),
        ("eps", now.parameters.get("eps").cloned().unwrap_or_default()),
        ("norm", now.parameters.get("norm").cloned().unwrap_or_default()),
        ("held-in-both", comparison.both.to_string()),
        ("lost", comparison.lost.to_string()),
        ("gained", comparison.gained.to_string()),
        ("p-value", format!("{:.4}", comparison.p_value)),
    ];
    Measurement {
        techniques: now.techniques.clone(),
        value: comparison.difference(),
        interval: comparison.interval(),
        trials: comparison.pairs,
        seed: now.seed,
        parameters: parameters.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        reproduce: now.reproduce.clone(),
        ..Measurement::new(asset, NAME, "robust-accuracy-change")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(held: &[bool]) -> Vec<SampleOutcome> {
        held.iter()
            .enumerate()
            .map(|(index, held)| SampleOutcome {
                index: index as u64,
                hash: format!("{index:016x}"),
                held: *held,
                broken_by: "".into(),
                distance: None,
            })
            .collect()
    }

    #[test]
    fn the_exact_test_agrees_with_published_tails() {
        // Binomial(10, 1/2): 56 / 1024 for at least 8, 11 / 1024 for at least 9.
        assert!((upper_tail(8, 10) - 56.0 / 1024.0).abs() < 1e-12);
        assert!((upper_tail(9, 10) - 11.0 / 1024.0).abs() < 1e-12);
        assert!((upper_tail(0, 5_000) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn losses_alone_are_seen_where_intervals_overlap() {
        let before = outcomes(&[[true; 60].as_slice(), &[false; 40]].concat());
        let now = outcomes(&[[true; 52].as_slice(), &[false; 48]].concat());
        let comparison = compare(&before, &now);
        assert_eq!((comparison.pairs, comparison.both, comparison.lost, comparison.gained), (100, 52, 8, 0));
        assert!(comparison.is_worse() && comparison.p_value < 0.005);
        assert!(Interval::wilson(52, 100).high > Interval::wilson(60, 100).low, "the intervals overlap");
        assert!(!compare(&now, &before).is_worse());
        assert!(!compare(&before, &before).is_worse());
    }
}
