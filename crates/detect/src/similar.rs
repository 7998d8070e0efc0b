//! Fingerprints of inputs: long runs of inputs that share most of their content, whatever the distance between them.
//!
//! Huiying Li et al., "Blacklight: Scalable Defense for Neural Networks against Query-Based Black-Box Attacks",
//! USENIX Security 2022. An input is quantised, every window of it hashed, and the smallest hashes kept; two inputs
//! match if they share half of them. The paper raises on a first match and takes repeats as attacks; here exact repeats
//! are left out and a client needs a run of matches, because retries, health checks and quality tests match too.

use std::collections::{BTreeMap, VecDeque};

use crate::traffic::{Query, Traffic};
use crate::{Alert, Number, SIMILAR_QUERIES};

/// Steps that the range of all inputs is quantised into.
const STEPS: f32 = 16.0;
/// Numbers in a window.
const WINDOW: usize = 12;
/// Hashes kept per input.
const KEPT: usize = 32;
/// Fingerprints remembered per client.
const RECENT: usize = 256;
/// How long a fingerprint counts, nanoseconds: an hour.
const HORIZON: i64 = 3_600_000_000_000;
/// Matches of one input that raise an alert.
const RUN: usize = 25;

/// Fingerprints of one client.
#[derive(Debug, Default)]
struct Client {
    recent: VecDeque<(i64, Vec<u64>)>,
    run: Option<Run>,
}

/// A run of matching inputs that was long enough.
#[derive(Debug, Clone, Copy)]
struct Run {
    first: i64,
    raised: i64,
    last: i64,
    events: u64,
    longest: usize,
}

/// Alerts of one model's traffic, by client.
pub(crate) fn watch(traffic: &Traffic<'_>) -> Vec<Alert> {
    let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
    for value in traffic.queries.iter().flat_map(|query| &query.point) {
        (low, high) = (low.min(*value), high.max(*value));
    }
    if high <= low {
        return Vec::new();
    }
    let mut clients: BTreeMap<usize, Client> = BTreeMap::new();
    for query in &traffic.queries {
        clients.entry(query.client).or_default().see(query, low, high);
    }
    let alerts = clients.into_iter().filter_map(|(client, state)| {
        let run = state.run?;
        Some(Alert {
            rule: SIMILAR_QUERIES.id.clone(),
            client: (*traffic.clients.get(client)?).to_owned(),
            about: traffic.model.to_owned(),
            first_nano: run.first,
            raised_nano: run.raised,
            last_nano: run.last,
            events: run.events,
            score: run.longest as f64 / RUN as f64,
            numbers: vec![
                Number::new("requests", run.events as f64),
                Number::new("longest run that shares most of its content within an hour", run.longest as f64),
                Number::new("limit", RUN as f64),
            ],
        })
    });
    alerts.collect()
}

impl Client {
    fn see(&mut self, query: &Query, low: f32, high: f32) {
        let print = fingerprint(&query.point, low, high);
        let (mut matches, mut since) = (0, query.at);
        for (at, other) in &self.recent {
            if *other == print {
                return;
            }
            if query.at.saturating_sub(*at) <= HORIZON && 2 * shared(&print, other) >= print.len() {
                matches += 1;
                since = since.min(*at);
            }
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((query.at, print));
        if matches >= RUN {
            let begun = Run {
                first: since,
                raised: query.at,
                last: query.at,
                events: matches as u64,
                longest: matches,
            };
            let run = self.run.get_or_insert(begun);
            run.last = query.at;
            run.events += 1;
            run.longest = run.longest.max(matches);
        }
    }
}

/// The smallest hashes over all windows, sorted. The position is hashed too, so that blank margins do not match
/// each other everywhere.
fn fingerprint(point: &[f32], low: f32, high: f32) -> Vec<u64> {
    let quantised: Vec<u8> =
        point.iter().map(|value| ((value - low) / (high - low) * STEPS).round() as u8).collect();
    let width = WINDOW.min(quantised.len());
    let mut hashes: Vec<u64> = quantised
        .windows(width.max(1))
        .enumerate()
        .map(|(position, window)| {
            // FNV-1a, then the finaliser of MurmurHash3 so that the smallest are a fair draw.
            let position = (position as u32).to_le_bytes();
            let bytes = position.iter().chain(window);
            let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
            hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
            hash ^ (hash >> 33)
        })
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.truncate(KEPT);
    hashes
}

/// How many hashes two sorted lists share.
fn shared(one: &[u64], other: &[u64]) -> usize {
    let (mut left, mut right, mut count) = (0, 0, 0);
    while let (Some(a), Some(b)) = (one.get(left), other.get(right)) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => left += 1,
            std::cmp::Ordering::Greater => right += 1,
            std::cmp::Ordering::Equal => (left, right, count) = (left + 1, right + 1, count + 1),
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_change_keeps_most_of_a_fingerprint_and_another_input_keeps_none() {
        let input: Vec<f32> = (0..64).map(|at| ((at * 37) % 64) as f32 / 64.0).collect();
        let mut changed = input.clone();
        changed[5] = 1.0;
        let other: Vec<f32> = (0..64).map(|at| ((at * 23 + 7) % 64) as f32 / 64.0).collect();
        let print = |input: &[f32]| fingerprint(input, 0.0, 1.0);
        assert!(2 * shared(&print(&input), &print(&changed)) >= KEPT);
        assert_eq!(shared(&print(&input), &print(&other)), 0);
    }
}
