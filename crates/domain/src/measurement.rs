//! Numbers that come out of attacks: always with trials and an interval.

use std::collections::BTreeMap;

use crate::{AssetId, TechniqueId, Text};

/// A confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Coverage, .95 for a 95 % interval.
    pub level: f64,
}

impl Interval {
    /// Wilson score interval of `successes` out of `trials` at 95 %; the whole unit interval for no trials.
    ///
    /// E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927).
    pub fn wilson(successes: u64, trials: u64) -> Self {
        const Z: f64 = 1.959_963_984_540_054;
        if trials == 0 {
            return Self { low: 0.0, high: 1.0, level: 0.95 };
        }
        let n = trials as f64;
        let share = successes as f64 / n;
        let centre = share + Z * Z / (2.0 * n);
        let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        Self {
            low: ((centre - half) / scale).max(0.0),
            high: ((centre + half) / scale).min(1.0),
            level: 0.95,
        }
    }
}

/// A curve: what `y` is for each `x`.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// What the horizontal axis counts, with unit.
    pub x: String,
    /// What the vertical axis counts, with unit.
    pub y: String,
    /// Points in rising `x`.
    pub points: Vec<(f64, f64)>,
}

/// The result of an active test.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// Stable name: attack, metric and asset.
    pub id: String,
    /// The asset under test.
    pub asset: AssetId,
    /// ATLAS techniques exercised.
    pub techniques: Vec<TechniqueId>,
    /// Name of the attack, `pgd-linf`.
    pub attack: Text,
    /// What is measured, `robust-accuracy`, `surrogate-fidelity`.
    pub metric: Text,
    /// The value.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
    /// How many samples stand behind it.
    pub trials: u64,
    /// Model queries spent.
    pub queries: u64,
    /// Seed of the run.
    pub seed: u64,
    /// Threat model and parameters: `norm`, `eps`, `steps`, `access` ...
    pub parameters: BTreeMap<String, String>,
    /// Curves that belong to it.
    pub curves: Vec<Curve>,
    /// What a reader must know: a fallback, a masked gradient, too few samples.
    pub notes: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_published_values() {
        // Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 0 of 20.
        let some = Interval::wilson(81, 263);
        assert!((some.low - 0.2553).abs() < 5e-5 && (some.high - 0.3662).abs() < 5e-5, "{some:?}");
        let none = Interval::wilson(0, 20);
        assert!(none.low.abs() < 1e-12 && (none.high - 0.1611).abs() < 5e-5, "{none:?}");
    }
}
