//! Loss per event: a lognormal distribution fitted to the owner's 90 % range.

use super::normal::{PERCENTILE_95, quantile};

/// A lognormal loss per event, in the review's currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lognormal {
    /// Mean of the logarithm.
    pub mu: f64,
    /// Standard deviation of the logarithm; 0 for a fixed loss.
    pub sigma: f64,
}

impl Lognormal {
    /// The distribution with `low` as fifth and `high` as ninety-fifth percentile.
    ///
    /// `None` unless `0 < low <= high` and both are finite: a lognormal loss is never nought, and a range that
    /// cannot be fitted must be said to the owner, not repaired in silence.
    pub fn from_range(low: f64, high: f64) -> Option<Self> {
        if !(low > 0.0 && low <= high && high.is_finite()) {
            return None;
        }
        let (low, high) = (low.ln(), high.ln());
        Some(Self { mu: (low + high) / 2.0, sigma: (high - low) / (2.0 * PERCENTILE_95) })
    }

    /// Expected loss per event.
    pub fn mean(&self) -> f64 {
        (self.mu + self.sigma * self.sigma / 2.0).exp()
    }

    /// Expected square of the loss per event.
    pub fn mean_square(&self) -> f64 {
        (2.0 * self.mu + 2.0 * self.sigma * self.sigma).exp()
    }

    /// The loss with a share of `p` of all losses below it, `p` strictly between 0 and 1.
    #[inline]
    pub fn quantile(&self, p: f64) -> f64 {
        (self.mu + self.sigma * quantile(p)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_given_is_the_range_fitted() {
        let loss = Lognormal::from_range(50_000.0, 400_000.0).unwrap();
        assert!((loss.quantile(0.05) - 50_000.0).abs() < 1e-6);
        assert!((loss.quantile(0.95) - 400_000.0).abs() < 1e-6);
        // Median sqrt(50k * 400k) = 141,421; sigma ln 8 / 3.28971 = .632103; mean = median * exp(sigma^2 / 2).
        assert!((loss.quantile(0.5) - 141_421.356).abs() < 1e-2);
        assert!((loss.mean() - 172_691.0).abs() < 20.0, "{}", loss.mean());
    }

    #[test]
    fn a_point_is_a_fixed_loss_and_nonsense_is_refused() {
        assert!((Lognormal::from_range(7.0, 7.0).unwrap().mean() - 7.0).abs() < 1e-12);
        for (low, high) in [(0.0, 5.0), (-1.0, 5.0), (6.0, 5.0), (1.0, f64::INFINITY), (f64::NAN, 1.0)] {
            assert_eq!(Lognormal::from_range(low, high), None, "{low}-{high}");
        }
    }
}
