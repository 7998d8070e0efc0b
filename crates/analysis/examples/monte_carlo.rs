//! Measures the Monte Carlo engine: `cargo run --release -p vauban-analysis --example monte_carlo`.
//!
//! A trial is one year of one scenario: a number of events and what they cost.

#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a measurement reads a clock and prints")]

use std::time::Instant;

use vauban_analysis::risk::{LossInput, Magnitude, simulate};

const YEARS: u64 = 1_000_000;

fn main() {
    let lognormal = Magnitude::of(5_000.0, None, 400_000.0).expect("a valid range");
    let pert = Magnitude::of(5_000.0, Some(40_000.0), 400_000.0).expect("a valid range");
    for (label, scenarios, frequency, loss) in [
        ("rare events, .05 a year", 20, 0.05, &lognormal),
        ("one event a year", 20, 1.0, &lognormal),
        ("one event a year, PERT", 20, 1.0, &pert),
        ("frequent, 12 a year", 4, 12.0, &lognormal),
        ("frequent, 12 a year, PERT", 4, 12.0, &pert),
    ] {
        let inputs: Vec<LossInput> = (0..scenarios)
            .map(|index| LossInput { id: format!("system-{index}/integrity"), frequency, loss: loss.clone() })
            .collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            let start = Instant::now();
            let curve = pool.install(|| simulate(&inputs, YEARS, 1).curve());
            (start.elapsed().as_secs_f64(), curve)
        };
        let (one, curve) = run(1);
        let (two, on_two) = run(2);
        let (_, on_three) = run(3);
        let same = curve == on_two && curve == on_three;
        let exact: f64 = inputs.iter().map(LossInput::expected).sum();
        let rate = |seconds: f64| (YEARS * inputs.len() as u64) as f64 / seconds / 1e6;
        println!(
            "{label}: {scenarios} scenarios x {YEARS} years, {:.0} million trials/s on 1 thread, {:.0} on 2, {} on 1, 2 and 3; \
             mean {:.0} (95 % {:.0}-{:.0}), closed form {exact:.0}",
            rate(one),
            rate(two),
            if same { "the same" } else { "DIFFERENT" },
            curve.mean,
            curve.mean_interval.low,
            curve.mean_interval.high
        );
    }
}
