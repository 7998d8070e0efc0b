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
    /// Cumulative probabilities of the rest from no event on, as far as they grow; empty when not prepared.
    cumulative: Vec<f64>,
    /// For each of [`STEPS`] equal steps of probability, the smallest count that can hold it.
    first: Vec<u32>,
}

/// Steps of the table that tells where in the cumulative probabilities to begin.
const STEPS: usize = 256;

impl Poisson {
    /// Events with `mean` a year, finite and not below 0; at most a million a year.
    pub(crate) fn new(mean: f64) -> Self {
        let mean = if mean.is_finite() { mean.clamp(0.0, 1e6) } else { 0.0 };
        let full = (mean / PIECE).floor();
        let rest = mean - full * PIECE;
        Self {
            full: full as u64,
            rest,
            none: (-rest).exp(),
            none_full: (-PIECE).exp(),
            cumulative: Vec::new(),
            first: Vec::new(),
        }
    }

    /// The same with its probabilities in a table, for many draws. Every count is the same as without.
    pub(crate) fn tabled(mean: f64) -> Self {
        let mut poisson = Self::new(mean);
        let (mut probability, mut sum) = (poisson.none, poisson.none);
        poisson.cumulative.push(sum);
        for events in 1_u32.. {
            probability *= poisson.rest / f64::from(events);
            let next = sum + probability;
            if next <= sum && f64::from(events) > poisson.rest {
                break;
            }
            sum = next;
            poisson.cumulative.push(sum);
        }
        poisson.first = (0..STEPS)
            .map(|step| {
                let least = step as f64 / STEPS as f64;
                poisson.cumulative.partition_point(|sum| *sum < least) as u32
            })
            .collect();
        poisson
    }

    /// Smallest count of the rest whose cumulative probability reaches `u`.
    #[inline]
    fn rest(&self, u: f64) -> u32 {
        let step = (u * STEPS as f64) as usize;
        let Some(first) = self.first.get(step) else { return invert(u, self.rest, self.none) };
        let mut events = *first as usize;
        while self.cumulative.get(events).is_some_and(|sum| u > *sum) {
            events += 1;
        }
        events as u32
    }

    /// Number of events; `uniform(k)` is the `k`-th uniform number of this year, `k` below [`MOST_UNIFORMS`].
    #[inline]
    pub(crate) fn count(&self, uniform: impl Fn(u64) -> f64) -> u32 {
        if self.full == 0 {
            let u = uniform(0);
            return if u <= self.none { 0 } else { self.rest(u) };
        }
        let mut events = 0;
        for piece in 0..self.full {
            events += invert(uniform(piece), PIECE, self.none_full);
        }
        events + self.rest(uniform(self.full))
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
    fn the_table_changes_no_count() {
        let stream = Stream::new(2, "table");
        for mean in [0.0, 1e-9, 0.03, 1.0, 12.5, 499.9, 1234.5] {
            let (plain, tabled) = (Poisson::new(mean), Poisson::tabled(mean));
            for year in 0..4_000 {
                let draw = |poisson: &Poisson| poisson.count(|k| stream.uniform(year * MOST_UNIFORMS + k));
                assert_eq!(draw(&plain), draw(&tabled), "{mean}");
            }
            for u in [1e-17, 1.0 - 1e-16] {
                assert_eq!(plain.count(|_| u), tabled.count(|_| u), "{mean} {u}");
            }
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
