//! The loss exceedance curve against what the organisation accepts, point by point, with how sure the verdict is.
//!
//! The verdict itself is that of the simulated years. How sure it is, is asked of the draws of all inputs: each draw
//! lives the same years, by the same luck, with its own frequencies and sizes, and the point holds there or not.

use rayon::prelude::*;
use vauban_domain::{AppetiteVerdict, LossPoint};

use super::poisson::{MOST_UNIFORMS, Poisson};
use super::random::Stream;
use super::simulation::{LossInput, MOST_EVENTS, Simulation};
use super::uncertainty::{Draw, middle};

/// Years that each draw lives.
const YEARS: u64 = 2_000;

/// The verdict on every point of `appetite`, in order.
pub(super) fn verdicts(
    appetite: &[LossPoint],
    simulation: &Simulation,
    inputs: &[LossInput],
    draws: &[Draw],
    seed: u64,
) -> Vec<AppetiteVerdict> {
    let drawn = if appetite.is_empty() { Vec::new() } else { probabilities(appetite, inputs, draws, seed) };
    appetite
        .iter()
        .enumerate()
        .map(|(position, point)| {
            let probability = simulation.probability_above(point.loss);
            let drawn: Vec<f64> = drawn.iter().map(|draw| draw[position]).collect();
            let held = drawn.iter().filter(|drawn| **drawn <= point.probability).count();
            AppetiteVerdict {
                loss: point.loss,
                accepted: point.probability,
                probability,
                confidence: (!drawn.is_empty()).then(|| held as f64 / drawn.len() as f64),
                range: middle(drawn),
                held: probability <= point.probability,
            }
        })
        .collect()
}

/// For every draw, the share of years that lose more than each point of the appetite.
fn probabilities(appetite: &[LossPoint], inputs: &[LossInput], draws: &[Draw], seed: u64) -> Vec<Vec<f64>> {
    let streams: Vec<(Stream, Stream)> = inputs
        .iter()
        .map(|input| {
            (
                Stream::new(seed, &format!("{}/events", input.id)),
                Stream::new(seed, &format!("{}/losses", input.id)),
            )
        })
        .collect();
    draws
        .par_iter()
        .map(|draw| {
            let mut years = vec![0.0; YEARS as usize];
            let frequencies = draw.frequency.first().map_or(&[][..], Vec::as_slice);
            for ((input, (counts, losses)), (frequency, size)) in
                inputs.iter().zip(&streams).zip(frequencies.iter().zip(&draw.size))
            {
                let poisson = Poisson::new(*frequency);
                for (year, total) in years.iter_mut().enumerate() {
                    let year = year as u64;
                    let events = poisson.count(|k| counts.uniform(year * MOST_UNIFORMS + k));
                    for event in 0..u64::from(events) {
                        *total += size * input.loss.quantile(losses.uniform(year * MOST_EVENTS + event));
                    }
                }
            }
            appetite
                .iter()
                .map(|point| years.iter().filter(|total| **total > point.loss).count() as f64 / YEARS as f64)
                .collect()
        })
        .collect()
}
