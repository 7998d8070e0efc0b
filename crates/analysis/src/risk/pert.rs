//! Loss per event between two ends with a most likely value: the PERT distribution.
//!
//! A beta distribution over `low..high` with shapes `1 + 4 (likely - low) / (high - low)` and
//! `1 + 4 (high - likely) / (high - low)`, so that its mean is `(low + 4 likely + high) / 6` and its variance
//! `(mean - low) (high - mean) / 7` (D. G. Malcolm and others, "Application of a Technique for Research and Development
//! Program Evaluation", Operations Research 7, 1959; D. Vose, "Risk Analysis", 3rd edition, section on the PERT).
//! Inverted by a table of its cumulative probabilities, once made, so that a draw is a look-up.

use std::sync::Arc;

/// Cells of equal width between the two ends.
const CELLS: usize = 1024;
/// Points of a cell that its mass is worked out from (Simpson's rule).
const POINTS: usize = 4;

/// A PERT distribution, prepared for inversion.
#[derive(Debug, Clone, PartialEq)]
pub struct Pert {
    low: f64,
    likely: f64,
    high: f64,
    table: Arc<Table>,
}

/// Cumulative probabilities over the unit interval.
#[derive(Debug, PartialEq)]
struct Table {
    /// Probability below the end of each cell; the last is 1.
    below: Vec<f64>,
    /// For each of [`CELLS`] equal steps of probability, the first cell that can hold it.
    first: Vec<u32>,
}

impl Pert {
    /// The distribution between `low` and `high` with most mass around `likely`.
    ///
    /// `None` unless `0 <= low <= likely <= high`, `high > 0` and all are finite.
    pub fn new(low: f64, likely: f64, high: f64) -> Option<Self> {
        if !(0.0 <= low && low <= likely && likely <= high && high > 0.0 && high.is_finite()) {
            return None;
        }
        let share = if high > low { (likely - low) / (high - low) } else { 0.5 };
        Some(Self { low, likely, high, table: Arc::new(Table::new(4.0 * share)) })
    }

    /// Expected loss per event.
    pub fn mean(&self) -> f64 {
        (self.low + 4.0 * self.likely + self.high) / 6.0
    }

    /// Expected square of the loss per event.
    pub fn mean_square(&self) -> f64 {
        let mean = self.mean();
        mean * mean + (mean - self.low) * (self.high - mean) / 7.0
    }

    /// The loss with a share of `p` of all losses below it, `p` between 0 and 1.
    #[inline]
    pub fn quantile(&self, p: f64) -> f64 {
        self.low + (self.high - self.low) * self.table.quantile(p)
    }

    /// The same distribution with every loss times `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            low: self.low * factor,
            likely: self.likely * factor,
            high: self.high * factor,
            table: Arc::clone(&self.table),
        }
    }

    /// Mean and standard deviation of the logarithm of a loss.
    pub fn log_moments(&self) -> (f64, f64) {
        let (mut mean, mut square, mut before) = (0.0, 0.0, 0.0);
        for (cell, below) in self.table.below.iter().enumerate() {
            let mass = below - before;
            before = *below;
            let middle = self.low + (self.high - self.low) * (cell as f64 + 0.5) / CELLS as f64;
            let log = middle.ln();
            mean += mass * log;
            square += mass * log * log;
        }
        (mean, (square - mean * mean).max(0.0).sqrt())
    }
}

impl Table {
    /// The table of a beta distribution with the density `x^p (1 - x)^(4 - p)`, `p` from 0 to 4.
    fn new(p: f64) -> Self {
        let density = |x: f64| x.powf(p) * (1.0 - x).powf(4.0 - p);
        let width = 1.0 / CELLS as f64;
        let step = width / POINTS as f64;
        let mut below = Vec::with_capacity(CELLS);
        let mut sum = 0.0;
        for cell in 0..CELLS {
            let start = cell as f64 * width;
            let at = |point: usize| density((start + point as f64 * step).min(1.0));
            sum += at(0) + 4.0 * (at(1) + at(3)) + 2.0 * at(2) + at(4);
            below.push(sum);
        }
        for value in &mut below {
            *value /= sum;
        }
        let first = (0..CELLS).map(|step| {
            let p = step as f64 * width;
            below.partition_point(|value| *value < p).min(CELLS - 1) as u32
        });
        Self { first: first.collect(), below }
    }

    #[inline]
    fn quantile(&self, p: f64) -> f64 {
        let step = ((p * CELLS as f64) as usize).min(CELLS - 1);
        let mut cell = self.first[step] as usize;
        while cell + 1 < CELLS && self.below[cell] < p {
            cell += 1;
        }
        let before = if cell == 0 { 0.0 } else { self.below[cell - 1] };
        let mass = self.below[cell] - before;
        let within = if mass > 0.0 { ((p - before) / mass).clamp(0.0, 1.0) } else { 0.5 };
        (cell as f64 + within) / CELLS as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::random::Stream;

    #[test]
    fn drawn_moments_are_those_of_the_closed_form() {
        for (low, likely, high) in
            [(10.0, 20.0, 90.0), (0.0, 0.0, 6.0), (5.0, 9.0, 9.0), (1_000.0, 4_000.0, 50_000.0)]
        {
            let pert = Pert::new(low, likely, high).unwrap();
            let stream = Stream::new(4, "pert");
            let n = 200_000_u64;
            let (mut sum, mut square) = (0.0, 0.0);
            for index in 0..n {
                let loss = pert.quantile(stream.uniform(index));
                assert!((low..=high).contains(&loss));
                sum += loss;
                square += loss * loss;
            }
            let (mean, mean_square) = (sum / n as f64, square / n as f64);
            let variance = pert.mean_square() - pert.mean() * pert.mean();
            // Four and a half standard errors of the mean; 2 % for the variance.
            assert!(
                (mean - pert.mean()).abs() < 4.5 * (variance / n as f64).sqrt(),
                "{mean} {}",
                pert.mean()
            );
            assert!(((mean_square - mean * mean) / variance - 1.0).abs() < 0.02, "{low} {likely} {high}");
        }
    }

    #[test]
    fn quantiles_agree_with_an_independent_computation() {
        // scipy.stats.beta(3, 3).ppf and beta(1.8, 4.2).ppf, SciPy 1.17.1.
        for (low, likely, high, p, expected) in [
            (0.0, 0.5, 1.0, 0.05, 0.189_255_377_4),
            (0.0, 0.5, 1.0, 0.95, 0.810_744_622_6),
            (0.0, 0.2, 1.0, 0.05, 0.058_977_387_6),
            (0.0, 0.2, 1.0, 0.5, 0.276_672_259_4),
            (0.0, 0.2, 1.0, 0.95, 0.621_276_724_0),
        ] {
            let pert = Pert::new(low, likely, high).unwrap();
            assert!((pert.quantile(p) - expected).abs() < 2e-4, "{p}: {} {expected}", pert.quantile(p));
        }
    }

    #[test]
    fn a_higher_share_is_never_a_lower_loss_and_nonsense_is_refused() {
        let pert = Pert::new(2.0, 3.0, 40.0).unwrap();
        let losses: Vec<f64> = (1..5000).map(|step| pert.quantile(f64::from(step) / 5000.0)).collect();
        assert!(losses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!((Pert::new(7.0, 7.0, 7.0).unwrap().quantile(0.3) - 7.0).abs() < 1e-12);
        for (low, likely, high) in
            [(5.0, 4.0, 6.0), (5.0, 7.0, 6.0), (-1.0, 1.0, 2.0), (0.0, 0.0, 0.0), (0.0, 1.0, f64::INFINITY)]
        {
            assert_eq!(Pert::new(low, likely, high), None, "{low} {likely} {high}");
        }
        assert_eq!(Pert::new(f64::NAN, 1.0, 2.0), None);
    }
}
