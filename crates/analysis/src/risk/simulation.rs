//! The Monte Carlo engine: Poisson events times lognormal or PERT losses, year by year.
//!
//! For every input and every simulated year the number of events is drawn from a Poisson distribution and each
//! event's loss from the input's magnitude; a year's loss is their sum (compound Poisson). Inputs are independent
//! given their frequencies: the dependence between threats is already in the frequencies, through the cascades.
//!
//! Bit-identical for any number of threads: random numbers are addressed by (input, year, event), years are worked
//! in chunks of fixed size, and sums are taken per chunk and then over chunks in order.

use rayon::prelude::*;
use vauban_domain::{Interval, LossCurve, LossPoint};

use super::magnitude::Magnitude;
use super::poisson::{MOST_UNIFORMS, Poisson};
use super::random::Stream;
use super::sampler::Sampler;

/// Years worked in one piece; fixed, because sums are taken per chunk.
const CHUNK: usize = 8192;
/// Most years simulated: 2 x 8 bytes a year have to fit in memory.
pub const MOST_TRIALS: u64 = 20_000_000;
/// Points of the exceedance curve.
const POINTS: u32 = 60;
/// Most events of one input in one year whose losses have addresses of their own.
pub(super) const MOST_EVENTS: u64 = 1 << 20;
/// Probabilities of losing more at which the quantiles of a year's loss are told.
const QUANTILES: [f64; 6] = [0.5, 0.25, 0.1, 0.05, 0.01, 0.005];

/// One kind of loss event.
#[derive(Debug, Clone, PartialEq)]
pub struct LossInput {
    /// Stable id; it also names the input's random numbers.
    pub id: String,
    /// Expected events a year.
    pub frequency: f64,
    /// Loss per event.
    pub loss: Magnitude,
}

impl LossInput {
    /// Expected loss a year in closed form: frequency times mean loss.
    pub fn expected(&self) -> f64 {
        self.frequency * self.loss.mean()
    }
}

/// What the simulated years of one input came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AnnualLoss {
    /// Mean loss a year.
    pub mean: f64,
    /// Its 95 % interval from the number of years alone.
    pub mean_interval: Interval,
    /// Fifth and ninety-fifth percentile of a year's loss.
    pub range: Interval,
}

/// All simulated years.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// Each input's own result, in the order given.
    pub by_input: Vec<AnnualLoss>,
    /// Total loss of each year, in rising order.
    totals: Vec<f64>,
    mean: f64,
    standard_error: f64,
    seed: u64,
}

/// Simulates `trials` years (at most [`MOST_TRIALS`]) of all `inputs` together.
pub fn simulate(inputs: &[LossInput], trials: u64, seed: u64) -> Simulation {
    let years = usize::try_from(trials.min(MOST_TRIALS)).unwrap_or(0);
    let mut totals = vec![0.0; years];
    let by_input = inputs.iter().map(|input| add_years(input, seed, &mut totals)).collect();
    let (mean, standard_error) = mean_and_error(&totals);
    totals.par_sort_unstable_by(f64::total_cmp);
    Simulation { by_input, totals, mean, standard_error, seed }
}

/// Adds the losses of every year of `input` to `totals` and summarises them.
fn add_years(input: &LossInput, seed: u64, totals: &mut [f64]) -> AnnualLoss {
    let counts = Stream::new(seed, &format!("{}/events", input.id));
    let losses = Stream::new(seed, &format!("{}/losses", input.id));
    let poisson = Poisson::tabled(input.frequency);
    let sampler = Sampler::new(&input.loss);
    let expected = totals.len().min(CHUNK) as f64 * (1.0 - (-input.frequency.max(0.0)).exp());
    let years = totals.len();
    let chunks: Vec<Vec<f64>> = totals
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(chunk, totals)| {
            let mut bad_years = Vec::with_capacity((expected * 1.1) as usize + 64);
            for (offset, total) in totals.iter_mut().enumerate() {
                let year = (chunk * CHUNK + offset) as u64;
                let events = poisson.count(|k| counts.uniform(year * MOST_UNIFORMS + k));
                if events > 0 {
                    let loss = sampler.total(events, losses, year * MOST_EVENTS);
                    *total += loss;
                    bad_years.push(loss);
                }
            }
            bad_years
        })
        .collect();
    let sum: f64 = chunks.iter().map(|chunk| chunk.iter().sum::<f64>()).sum();
    let squares: f64 = chunks.iter().map(|chunk| chunk.iter().map(|loss| loss * loss).sum::<f64>()).sum();
    let mut bad_years = chunks.concat();
    let good_years = years - bad_years.len();
    // Years without an event stand before all others in rising order.
    let mut at = |share: f64| match rank(share, years).checked_sub(good_years) {
        Some(index) if index < bad_years.len() => *bad_years.select_nth_unstable_by(index, f64::total_cmp).1,
        _ => 0.0,
    };
    let range = Interval { low: at(0.05), high: at(0.95), level: 0.9 };
    let n = (years as f64).max(1.0);
    let mean = sum / n;
    let error = ((squares / n - mean * mean).max(0.0) / (n - 1.0).max(1.0)).sqrt();
    AnnualLoss { mean, mean_interval: around(mean, error), range }
}

/// The 95 % interval of a mean that is not below nought.
fn around(mean: f64, error: f64) -> Interval {
    Interval { low: (mean - 1.96 * error).max(0.0), high: mean + 1.96 * error, level: 0.95 }
}

/// Index of the smallest of `count` sorted values that has at least `share` of them at or below it.
pub(super) fn rank(share: f64, count: usize) -> usize {
    ((share * count as f64).ceil() as usize).clamp(1, count.max(1)) - 1
}

/// Mean and its standard error, summed per chunk in order.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    if values.is_empty() {
        return (0.0, 0.0);
    }
    let n = values.len() as f64;
    let sum_of = |term: &(dyn Fn(f64) -> f64 + Sync)| -> f64 {
        let sums: Vec<f64> =
            values.par_chunks(CHUNK).map(|chunk| chunk.iter().map(|value| term(*value)).sum()).collect();
        sums.iter().sum()
    };
    let mean = sum_of(&|value| value) / n;
    let variance = sum_of(&|value| (value - mean) * (value - mean)) / (n - 1.0).max(1.0);
    (mean, (variance / n).sqrt())
}

impl Simulation {
    /// Share of years whose loss is higher than `loss`.
    pub fn probability_above(&self, loss: f64) -> f64 {
        if self.totals.is_empty() {
            return 0.0;
        }
        let at_most = self.totals.partition_point(|total| *total <= loss);
        (self.totals.len() - at_most) as f64 / self.totals.len() as f64
    }

    /// The points of `appetite` that the curve exceeds.
    pub fn exceeded(&self, appetite: &[LossPoint]) -> Vec<LossPoint> {
        appetite
            .iter()
            .filter(|point| self.probability_above(point.loss) > point.probability)
            .copied()
            .collect()
    }

    /// The loss exceedance curve, with mean, value at risk and tail mean.
    pub fn curve(&self) -> LossCurve {
        let years = self.totals.len();
        let worst = &self.totals[years - (years / 20).max(1).min(years)..];
        LossCurve {
            points: self.points(),
            mean: self.mean,
            mean_interval: around(self.mean, self.standard_error),
            value_at_risk_95: self.totals.get(rank(0.95, years)).copied().unwrap_or(0.0),
            tail_mean_95: worst.iter().sum::<f64>() / worst.len().max(1) as f64,
            quantiles: QUANTILES
                .map(|probability| LossPoint {
                    loss: self.totals.get(rank(1.0 - probability, years)).copied().unwrap_or(0.0),
                    probability,
                })
                .to_vec(),
            expected_range: None,
            trials: years as u64,
            seed: self.seed,
        }
    }

    /// About sixty points: the probability of any loss at all, then losses in equal ratios up to one year in ten
    /// thousand.
    fn points(&self) -> Vec<LossPoint> {
        let first = self.totals.partition_point(|total| *total <= 0.0);
        let bad_years = &self.totals[first..];
        let mut points = vec![LossPoint { loss: 0.0, probability: self.probability_above(0.0) }];
        let (Some(low), Some(high)) = (
            bad_years.get(rank(0.01, bad_years.len())),
            self.totals.get(rank(0.9999, self.totals.len()).max(first)),
        ) else {
            return points;
        };
        let (low, high) = (low.ln(), high.max(*low).ln());
        points.extend((0..POINTS).map(|step| {
            let loss = (low + (high - low) * f64::from(step) / f64::from(POINTS - 1)).exp();
            LossPoint { loss, probability: self.probability_above(loss) }
        }));
        points.dedup_by(|later, earlier| later.loss <= earlier.loss);
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(id: &str, frequency: f64, low: f64, high: f64) -> LossInput {
        LossInput { id: id.to_owned(), frequency, loss: Magnitude::of(low, None, high).unwrap() }
    }

    fn portfolio() -> Vec<LossInput> {
        vec![
            input("clinic/safety", 0.08, 50_000.0, 2_000_000.0),
            input("clinic/integrity", 0.7, 2_000.0, 30_000.0),
            input("clinic/availability", 3.0, 500.0, 9_000.0),
            LossInput {
                id: "clinic/compliance".to_owned(),
                frequency: 0.4,
                loss: Magnitude::of(1_000.0, Some(4_000.0), 60_000.0).unwrap(),
            },
        ]
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let simulation = simulate(&portfolio(), 50_001, 42);
                let curve = simulation.curve();
                let mut bits: Vec<u64> = simulation.totals.iter().map(|total| total.to_bits()).collect();
                bits.extend([curve.mean, curve.tail_mean_95, curve.mean_interval.low].map(f64::to_bits));
                bits.extend(simulation.by_input.iter().map(|annual| annual.mean.to_bits()));
                bits
            })
        };
        let one = run(1);
        for threads in [2, 3, 5] {
            assert_eq!(one, run(threads), "{threads} threads");
        }
    }

    #[test]
    fn the_mean_is_that_of_the_closed_form() {
        let inputs = portfolio();
        let exact: f64 = inputs.iter().map(LossInput::expected).sum();
        // A 95 % interval misses one time in twenty: ask for 4 standard errors in every run, and for most to cover.
        let mut covered = 0;
        for seed in 0..20 {
            let simulation = simulate(&inputs, 100_000, seed);
            let interval = simulation.curve().mean_interval;
            covered += usize::from(interval.low <= exact && exact <= interval.high);
            assert!((simulation.mean - exact).abs() < 4.0 * simulation.standard_error, "{seed}");
        }
        assert!(covered >= 17, "{covered} of 20");
    }

    #[test]
    fn the_variance_is_that_of_the_closed_form() {
        // Compound Poisson: variance = frequency x E[loss^2].
        let inputs = [input("one", 2.0, 1_000.0, 4_000.0)];
        let exact = 2.0 * inputs[0].loss.mean_square();
        let simulation = simulate(&inputs, 400_000, 5);
        let variance = simulation.standard_error.powi(2) * 400_000.0;
        assert!((variance / exact - 1.0).abs() < 0.02, "{variance} against {exact}");
    }

    #[test]
    fn a_fixed_loss_gives_poisson_probabilities() {
        let simulation = simulate(&[input("fixed", 1.0, 10.0, 10.0)], 200_000, 1);
        // P(N > 0) = .6321, P(N > 1) = .2642, P(N > 2) = .0803.
        for (loss, probability) in [(0.0, 0.6321), (15.0, 0.2642), (25.0, 0.0803)] {
            assert!((simulation.probability_above(loss) - probability).abs() < 5e-3, "{loss}");
        }
        let curve = simulation.curve();
        assert!((curve.value_at_risk_95 - 30.0).abs() < 1e-9, "{}", curve.value_at_risk_95);
        assert!(curve.tail_mean_95 >= curve.value_at_risk_95);
        assert!(curve.points.windows(2).all(|pair| pair[0].probability >= pair[1].probability));
    }

    #[test]
    fn rarer_events_never_cost_more_in_any_year() {
        let often = simulate(&[input("same", 1.3, 100.0, 5_000.0)], 20_000, 8);
        let rarely = simulate(&[input("same", 0.9, 100.0, 5_000.0)], 20_000, 8);
        assert!(rarely.totals.iter().zip(&often.totals).all(|(less, more)| less <= more));
    }

    #[test]
    fn nothing_in_gives_nothing_out() {
        for simulation in [simulate(&[], 1000, 1), simulate(&portfolio(), 0, 1)] {
            let curve = simulation.curve();
            assert_eq!((curve.mean, curve.value_at_risk_95, curve.points.len()), (0.0, 0.0, 1));
            assert_eq!(curve.points[0].probability, 0.0);
        }
    }

    #[test]
    fn appetite_is_compared_point_by_point() {
        let simulation = simulate(&[input("fixed", 1.0, 10.0, 10.0)], 100_000, 1);
        let appetite =
            [LossPoint { loss: 5.0, probability: 0.5 }, LossPoint { loss: 25.0, probability: 0.2 }];
        assert_eq!(simulation.exceeded(&appetite), [appetite[0]]);
    }
}
