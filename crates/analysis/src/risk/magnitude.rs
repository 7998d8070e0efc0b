//! What one loss event costs: the owner's range, and what the owner's own losses make of it.
//!
//! The declared range counts like [`PRIOR_LOSSES`] losses on record (assumed). On the logarithm the mean is then normal
//! around the declared one with a `1 / (w + 1)` part of the declared variance, and `m` recorded losses move it by
//! `sum(ln loss - declared mean) / (w + m)` (conjugate, spread taken as known; Gelman and others, "Bayesian Data
//! Analysis", 3rd edition, section 2.5). With no loss on record the declared range comes out unchanged.

use super::lognormal::Lognormal;
use super::pert::Pert;
use crate::graph::assumptions::PRIOR_LOSSES;

/// A distribution of the loss per event, in the review's currency.
#[derive(Debug, Clone, PartialEq)]
pub enum Magnitude {
    /// Fitted to a 90 % range.
    Lognormal(Lognormal),
    /// Between two ends around a most likely loss.
    Pert(Pert),
}

impl From<Lognormal> for Magnitude {
    fn from(loss: Lognormal) -> Self {
        Self::Lognormal(loss)
    }
}

impl Magnitude {
    /// The distribution of a declared range; `None` when no distribution fits it.
    pub fn of(low: f64, likely: Option<f64>, high: f64) -> Option<Self> {
        match likely {
            Some(likely) => Pert::new(low, likely, high).map(Self::Pert),
            None => Lognormal::from_range(low, high).map(Self::Lognormal),
        }
    }

    /// Expected loss per event.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Lognormal(loss) => loss.mean(),
            Self::Pert(loss) => loss.mean(),
        }
    }

    /// Expected square of the loss per event.
    pub fn mean_square(&self) -> f64 {
        match self {
            Self::Lognormal(loss) => loss.mean_square(),
            Self::Pert(loss) => loss.mean_square(),
        }
    }

    /// The loss with a share of `p` of all losses below it, `p` strictly between 0 and 1.
    #[inline]
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Lognormal(loss) => loss.quantile(p),
            Self::Pert(loss) => loss.quantile(p),
        }
    }

    /// Mean and standard deviation of the logarithm.
    fn log_moments(&self) -> (f64, f64) {
        match self {
            Self::Lognormal(loss) => (loss.mu, loss.sigma),
            Self::Pert(loss) => loss.log_moments(),
        }
    }
}

/// Losses on record, and what they do to a declared range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LossRecord {
    /// Losses on record.
    pub(crate) events: u32,
    /// Mean of the declared distribution.
    pub(crate) declared_mean: f64,
    /// Standard deviation of the logarithm of the mean loss: how far the range itself is not known.
    pub(crate) deviation: f64,
}

/// What `losses` on record, each above 0, make of the `declared` distribution.
pub(crate) fn learn(declared: &Magnitude, losses: &[f64]) -> (Magnitude, LossRecord) {
    let (mean, deviation) = declared.log_moments();
    let events = losses.len() as f64;
    // The declared range is that of the next loss, which varies around a mean that is not known either.
    let within = deviation * deviation * PRIOR_LOSSES / (PRIOR_LOSSES + 1.0);
    let record = LossRecord {
        events: u32::try_from(losses.len()).unwrap_or(u32::MAX),
        declared_mean: declared.mean(),
        deviation: (within / (PRIOR_LOSSES + events)).sqrt(),
    };
    if losses.is_empty() {
        return (declared.clone(), record);
    }
    let shift = losses.iter().map(|loss| loss.ln() - mean).sum::<f64>() / (PRIOR_LOSSES + events);
    let learned = match declared {
        Magnitude::Lognormal(loss) => Magnitude::Lognormal(Lognormal {
            mu: loss.mu + shift,
            sigma: (within * (1.0 + 1.0 / (PRIOR_LOSSES + events))).sqrt(),
        }),
        Magnitude::Pert(loss) => Magnitude::Pert(loss.scaled(shift.exp())),
    };
    (learned, record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_on_record_move_the_range_towards_themselves() {
        let declared = Magnitude::of(1_000.0, None, 100_000.0).unwrap();
        let (same, record) = learn(&declared, &[]);
        assert_eq!((same, record.events), (declared.clone(), 0));
        // Median 10,000; one loss of 100,000 counts one of five: the median becomes 10,000 x 10^(1/5) = 15,849.
        let (moved, record) = learn(&declared, &[100_000.0]);
        assert!((moved.quantile(0.5) - 15_848.93).abs() < 0.1, "{}", moved.quantile(0.5));
        assert_eq!(record.events, 1);
        // Many losses hide the range: the median comes within 3 % of theirs, and the mean is known better.
        let (learned, many) = learn(&declared, &[2_000.0; 400]);
        assert!((learned.quantile(0.5) / 2_000.0 - 1.0).abs() < 0.03);
        assert!(many.deviation < record.deviation / 5.0);
    }

    #[test]
    fn a_most_likely_loss_moves_as_a_whole() {
        let declared = Magnitude::of(1_000.0, Some(2_000.0), 9_000.0).unwrap();
        let (lower, _) = learn(&declared, &[500.0, 500.0]);
        assert!(lower.mean() < declared.mean());
        let ratio = lower.quantile(0.9) / declared.quantile(0.9);
        assert!((lower.quantile(0.1) / declared.quantile(0.1) - ratio).abs() < 1e-12);
    }

    #[test]
    fn a_fixed_loss_is_known() {
        let (learned, record) = learn(&Magnitude::of(7.0, None, 7.0).unwrap(), &[]);
        assert_eq!((learned.mean().round(), record.deviation), (7.0, 0.0));
    }
}
