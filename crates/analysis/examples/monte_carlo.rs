//! Measures the Monte Carlo engine: `cargo run --release -p vauban-analysis --example monte_carlo`.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement reads a clock and prints")]

use std::time::Instant;

use vauban_analysis::risk::{LossInput, Magnitude, simulate};

fn main() {
    const YEARS: u64 = 1_000_000;
    for (label, scenarios, frequency) in [
        ("rare events, .05 a year", 20, 0.05),
        ("one event a year", 20, 1.0),
        ("frequent, 12 a year", 4, 12.0),
    ] {
        let inputs: Vec<LossInput> = (0..scenarios)
            .map(|index| LossInput {
                id: format!("system-{index}/integrity"),
                frequency,
                loss: Magnitude::of(5_000.0, None, 400_000.0).expect("a valid range"),
            })
            .collect();
        let start = Instant::now();
        let curve = simulate(&inputs, YEARS, 1).curve();
        let seconds = start.elapsed().as_secs_f64();
        let exact: f64 = inputs.iter().map(LossInput::expected).sum();
        let rate = (YEARS * inputs.len() as u64) as f64 / seconds / 1e6;
        println!(
            "{label}: {scenarios} scenarios x {YEARS} years in {seconds:.2} s, {rate:.0} million scenario-years/s; \
             mean {:.0} (95 % {:.0}-{:.0}), closed form {exact:.0}",
            curve.mean, curve.mean_interval.low, curve.mean_interval.high
        );
    }
}
