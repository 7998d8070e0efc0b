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
    /// The value for parts of the samples: per class, per group, per attack.
    pub parts: Vec<Part>,
    /// What was looked at to tell a failed attack from a model that held.
    pub sanity: Vec<SanityCheck>,
    /// What became of each sample, where the next run is compared sample by sample.
    pub samples: Vec<SampleOutcome>,
    /// The command that gives the same numbers again; empty if there is none.
    pub reproduce: String,
    /// What a reader must know: a fallback, a masked gradient, too few samples.
    pub notes: Vec<String>,
}

impl Measurement {
    /// A measurement of nothing yet: value 0 of no trials, seed 0.
    pub fn new(asset: &AssetId, attack: impl Into<Text>, metric: impl Into<Text>) -> Self {
        let (attack, metric) = (attack.into(), metric.into());
        Self {
            id: format!("{attack}/{metric}/{asset}"),
            asset: asset.clone(),
            techniques: Vec::new(),
            attack,
            metric,
            value: 0.0,
            interval: Interval::wilson(0, 0),
            trials: 0,
            queries: 0,
            seed: 0,
            parameters: BTreeMap::new(),
            curves: Vec::new(),
            parts: Vec::new(),
            sanity: Vec::new(),
            samples: Vec::new(),
            reproduce: String::new(),
            notes: Vec::new(),
        }
    }

    /// The same as a share of `successes` among `trials`, with its interval.
    #[must_use]
    pub fn share(mut self, successes: u64, trials: u64) -> Self {
        self.value = successes as f64 / trials.max(1) as f64;
        self.interval = Interval::wilson(successes, trials);
        self.trials = trials;
        self
    }
}

/// The value of a measurement for some of its samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What the samples have in common: `class`, `group`, `attack`.
    pub by: Text,
    /// Which of them: `7`, `female`, `square-linf`.
    pub name: String,
    /// The value.
    pub value: f64,
    /// Its interval.
    pub interval: Interval,
    /// Samples behind it.
    pub trials: u64,
}

/// A look at whether an attack failed rather than the model held.
#[derive(Debug, Clone, PartialEq)]
pub struct SanityCheck {
    /// Stable name, `iterative-beats-single-step`.
    pub name: Text,
    /// What came out.
    pub verdict: SanityVerdict,
    /// The numbers behind it, or why it could not be looked at.
    pub detail: String,
}

/// What a sanity check gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SanityVerdict {
    /// As it must be.
    Passed,
    /// Not as it must be: the measured robustness is not to be trusted.
    Failed,
    /// Could not be looked at.
    NotRun,
}

impl SanityVerdict {
    /// The lower-case word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::NotRun => "not-run",
        }
    }
}

/// What became of one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleOutcome {
    /// Row number in the inputs.
    pub index: u64,
    /// SHA-256 of its elements as little-endian 32-bit floats, the first sixteen digits.
    pub hash: String,
    /// Whether the model held: right before and under every attack.
    pub held: bool,
    /// The attack that broke it first; empty if none did or if the model was wrong before.
    pub broken_by: Text,
    /// Distance of the closest example found, in the norm of the measurement; `None` if none was found (censored) or
    /// needed.
    pub distance: Option<f64>,
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
