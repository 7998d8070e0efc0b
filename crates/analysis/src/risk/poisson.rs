//! Number of loss events in a year: Poisson by inversion.
//!
//! Inversion is used because it is monotone: with the same uniform number a lower frequency never gives more events.
//! Together with random numbers by position this makes "less frequent" mean "no more loss in any simulated year".

/// Largest frequency inverted in one piece; e^-500 is still far above the smallest normal double.
const PIECE: f64 = 500.0;

/// How many uniform numbers one year may ask for: a million events in pieces, with room to spare.
pub(crate) const MOST_UNIFORMS: u64 = 4096;

/// A Poisson distribution prepared for inversion.
#[derive(Debug, Clone)]
pub(crate) struct Poisson {
    /// Number of full pieces of [`PIECE`] events a year before the rest.
    full: u64,
    /// Mean of the rest.
    rest: f64,
    /// Probability of no event in the rest.
    none: f64,
    /// Probability of no event in a full piece.
    none_full: f64,
}

impl Poisson {
    /// Events with `mean` a year, finite and not below 0; at most a million a year.
    pub(crate) fn new(mean: f64) -> Self {
        let mean = if mean.is_finite() { mean.clamp(0.0, 1e6) } else { 0.0 };
        let full = (mean / PIECE).floor();
        let rest = mean - full * PIECE;
        Self { full: full as u64, rest, none: (-rest).exp(), none_full: (-PIECE).exp() }
    }

    /// Number of events; `uniform(k)` is the `k`-th uniform number of this year, `k` below [`MOST_UNIFORMS`].
    #[inline]
    pub(crate) fn count(&self, uniform: impl Fn(u64) -> f64) -> u32 {
        if self.full == 0 {
            let u = uniform(0);
            return if u <= self.none { 0 } else { invert(u, self.rest, self.none) };
        }
        let mut events = 0;
        for piece in 0..self.full {
            events += invert(uniform(piece), PIECE, self.none_full);
        }
        events + invert(uniform(self.full), self.rest, self.none)
    }
}

/// Smallest `n` whose cumulative probability reaches `u`.
fn invert(u: f64, mean: f64, none: f64) -> u32 {
    let (mut events, mut probability, mut cumulative) = (0_u32, none, none);
    while u > cumulative {
        events += 1;
        probability *= mean / f64::from(events);
        let next = cumulative + probability;
        // The sum stops growing just below 1 when rounding has eaten the rest of the tail.
        if next <= cumulative && f64::from(events) > mean {
            break;
        }
        cumulative = next;
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::random::Stream;

    #[test]
    fn counts_follow_the_distribution() {
        for mean in [0.0, 0.03, 1.0, 12.5, 600.0, 1234.5] {
            let poisson = Poisson::new(mean);
            let stream = Stream::new(3, "counts");
            let n = 20_000_u64;
            let counts: Vec<f64> = (0..n)
                .map(|year| f64::from(poisson.count(|k| stream.uniform(year * MOST_UNIFORMS + k))))
                .collect();
            let average = counts.iter().sum::<f64>() / n as f64;
            let variance = counts.iter().map(|count| (count - average).powi(2)).sum::<f64>() / n as f64;
            // Standard error of the mean sqrt(mean/n), of the variance about sqrt((mean + 2 mean^2)/n).
            let error = (mean / n as f64).sqrt();
            assert!((average - mean).abs() <= 4.5 * error, "{mean}: {average}");
            let error = ((mean + 2.0 * mean * mean) / n as f64).sqrt();
            assert!((variance - mean).abs() <= 4.5 * error + 1e-9, "{mean}: {variance}");
        }
    }

    #[test]
    fn fewer_events_a_year_never_give_more_in_any_year() {
        let stream = Stream::new(9, "monotone");
        let means = [0.0, 0.1, 0.5, 2.0, 499.0, 501.0, 1300.0];
        for year in 0..500 {
            let counts =
                means.map(|mean| Poisson::new(mean).count(|k| stream.uniform(year * MOST_UNIFORMS + k)));
            assert!(counts.windows(2).all(|pair| pair[0] <= pair[1]), "{counts:?}");
        }
    }

    #[test]
    fn the_extreme_uniforms_end() {
        for mean in [1e-9, 0.5, 499.999] {
            let poisson = Poisson::new(mean);
            assert!(f64::from(poisson.count(|_| 1e-17)) <= mean);
            assert!(poisson.count(|_| 1.0 - 1e-16) < 1000);
        }
    }
}
