//! Measures the detections on a log with known attackers: who is found, at how many false alarms, how fast.
//!
//!     cargo run --release -p vauban-detect --example runtime_bench -- LOG CLIENTS [TRAINING]
//!
//! LOG is NDJSON, plain or gzipped; CLIENTS is CSV with the columns `client`, `kind` and `attack`, where the kind
//! `attacker` attacks; TRAINING is an NPY file of training inputs.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program that reads files and measures time"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use vauban_formats::{Budget, Input, Limits, npy, otel};
use vauban_knowledge::Knowledge;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [log, clients, training @ ..] = arguments.as_slice() else {
        return Err("usage: runtime_bench LOG CLIENTS [TRAINING]".into());
    };
    let bytes = std::fs::read(log)?;
    let budget = Budget::new(Limits::default());
    let (log, _) = otel::parse(&Input::new(log, &bytes, &budget));
    let training = match training.first() {
        Some(path) => rows(&std::fs::read(path)?),
        None => Vec::new(),
    };

    let start = Instant::now();
    let alerts = vauban_detect::run_with(&log.events, &training, Knowledge::builtin());
    let seconds = start.elapsed().as_secs_f64();

    let mut raised: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for alert in &alerts {
        raised.entry(&alert.client).or_default().insert(&alert.rule);
    }
    let (mut ordinary, mut alarmed) = (0_u32, 0_u32);
    let (mut attackers, mut found) = (0_u32, 0_u32);
    let text = std::fs::read_to_string(clients)?;
    let header: Vec<&str> = text.lines().next().unwrap_or_default().split(',').collect();
    let column = |name: &str| header.iter().position(|column| *column == name).ok_or("a column is missing");
    let (client, kind, attack) = (column("client")?, column("kind")?, column("attack")?);
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let rules = raised.get(cells[client]).cloned().unwrap_or_default();
        if cells[kind] == "attacker" {
            attackers += 1;
            found += u32::from(!rules.is_empty());
            println!("{:<32} {} {rules:?}", cells[attack], cells[client]);
        } else {
            ordinary += 1;
            alarmed += u32::from(!rules.is_empty());
            if !rules.is_empty() {
                println!("FALSE ALARM {:<20} {} {rules:?}", cells[kind], cells[client]);
            }
        }
    }
    for alert in &alerts {
        println!("  {} {} {:.2}: {}", alert.rule, alert.client, alert.score, alert.numbers_in_words());
    }
    println!(
        "{found} of {attackers} attackers, {alarmed} of {ordinary} others ({:.3} a client), {:.0} events a second",
        f64::from(alarmed) / f64::from(ordinary.max(1)),
        log.events.len() as f64 / seconds
    );
    Ok(())
}

/// The rows of a two-dimensional array; none if it is anything else.
fn rows(bytes: &[u8]) -> Vec<Vec<f32>> {
    let (array, _) = npy::read(bytes);
    let width = array.shape.get(1).and_then(|width| usize::try_from(*width).ok()).unwrap_or(0);
    let values = npy::values_f32(&array, bytes).unwrap_or_default();
    if width == 0 { Vec::new() } else { values.chunks_exact(width).map(<[f32]>::to_vec).collect() }
}
