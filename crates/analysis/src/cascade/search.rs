//! Best-first search for the most costly paths.
//!
//! The bound of a partial path is its probability times the best that can still follow it (ignoring that instances
//! may not repeat), so complete paths come out of the queue in falling order of expected loss. Each instance is
//! taken up at most three times from one entry asset, which keeps the work linear in the graph.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use vauban_domain::AssetId;

use crate::graph::assumptions::losses;
use crate::graph::{Evaluation, ThreatGraph};

/// Steps of a path at most.
const MOST_STEPS: usize = 8;
/// Times an instance is taken up from one entry asset.
const MOST_VISITS: u8 = 3;
/// Paths that may end at one asset.
const MOST_PER_END: usize = 5;
/// Queue entries looked at, at most.
const MOST_POPS: usize = 500_000;
/// Paths less probable than this are not followed.
const LEAST_PROBABILITY: f64 = 1e-9;

/// A path, as positions of instances from entry to loss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) instances: Vec<usize>,
}

/// A partial path in the queue.
struct Entry {
    bound: f64,
    /// Tie breaker: earlier entries first.
    serial: usize,
    /// Position of the last step among the steps made so far.
    step: usize,
    /// Whether the path ends here.
    ends: bool,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bound.total_cmp(&other.bound).then_with(|| other.serial.cmp(&self.serial))
    }
}

/// One step made, with the step before it.
struct Step {
    instance: usize,
    before: Option<usize>,
    length: usize,
    probability: f64,
    entry: usize,
}

pub(super) fn best(graph: &ThreatGraph<'_>, evaluation: &Evaluation, count: usize) -> Vec<Found> {
    let loss = losses_of_events(graph);
    let mut outbound: Vec<Vec<(usize, f64)>> = vec![Vec::new(); graph.instances.len()];
    for edge in graph.edges.iter() {
        let probability = graph.passage(evaluation, edge);
        outbound[edge.from].push((edge.to, probability));
    }
    let ahead = best_ahead(graph, evaluation, &loss);
    let mut steps: Vec<Step> = Vec::new();
    let mut queue = BinaryHeap::new();
    let mut serial = 0;
    let mut push = |queue: &mut BinaryHeap<Entry>, bound: f64, step: usize, ends: bool| {
        if bound > 0.0 {
            serial += 1;
            queue.push(Entry { bound, serial, step, ends });
        }
    };
    for (instance, frequency) in evaluation.frequency.iter().enumerate() {
        let probability = -(-frequency).exp_m1();
        steps.push(Step {
            instance,
            before: None,
            length: 1,
            probability,
            entry: graph.instances[instance].asset,
        });
        push(&mut queue, probability * ahead[instance], steps.len() - 1, false);
    }
    let mut visits: BTreeMap<(usize, usize), u8> = BTreeMap::new();
    let mut told: BTreeSet<(usize, &AssetId)> = BTreeSet::new();
    let mut ending: BTreeMap<&AssetId, usize> = BTreeMap::new();
    let mut found = Vec::new();
    let mut pops = 0;
    while let Some(Entry { step, ends, .. }) = queue.pop() {
        pops += 1;
        if found.len() >= count || pops > MOST_POPS {
            break;
        }
        let Step { instance, length, probability, entry, .. } = steps[step];
        if ends {
            let end = &graph.asset_of(instance).id;
            let so_far = ending.entry(end).or_default();
            if *so_far < MOST_PER_END && told.insert((entry, end)) {
                *so_far += 1;
                found.push(Found { instances: trace(&steps, step) });
            }
            continue;
        }
        let visit = visits.entry((entry, instance)).or_default();
        if *visit >= MOST_VISITS {
            continue;
        }
        *visit += 1;
        push(&mut queue, probability * loss[instance], step, true);
        if length >= MOST_STEPS {
            continue;
        }
        let taken = trace(&steps, step);
        for (next, chance) in &outbound[instance] {
            let probability = probability * chance;
            if probability < LEAST_PROBABILITY || taken.contains(next) {
                continue;
            }
            steps.push(Step { instance: *next, before: Some(step), length: length + 1, probability, entry });
            push(&mut queue, probability * ahead[*next], steps.len() - 1, false);
        }
    }
    found
}

/// Instances of a path, from its entry.
fn trace(steps: &[Step], last: usize) -> Vec<usize> {
    let mut instances = Vec::new();
    let mut at = Some(last);
    while let Some(step) = at {
        instances.push(steps[step].instance);
        at = steps[step].before;
    }
    instances.reverse();
    instances
}

/// Expected loss of each instance's event; without any declared loss, how grave the event is.
fn losses_of_events(graph: &ThreatGraph<'_>) -> Vec<f64> {
    if !graph.losses.is_empty() {
        return graph.losses_of_events();
    }
    let gravity = |id: &str| losses(id).iter().map(|(_, share)| share).sum();
    graph.instances.iter().map(|instance| gravity(&instance.kind.id)).collect()
}

/// For each instance the largest expected loss that can follow once its event has happened.
fn best_ahead(graph: &ThreatGraph<'_>, evaluation: &Evaluation, loss: &[f64]) -> Vec<f64> {
    let mut best = loss.to_vec();
    let mut queue: BinaryHeap<Entry> = best
        .iter()
        .enumerate()
        .filter(|(_, loss)| **loss > 0.0)
        .map(|(instance, loss)| Entry { bound: *loss, serial: instance, step: instance, ends: false })
        .collect();
    while let Some(Entry { bound, step, .. }) = queue.pop() {
        if bound < best[step] {
            continue;
        }
        for edge in graph.edges_into(step) {
            let value = bound * graph.passage(evaluation, edge);
            if value > best[edge.from] {
                best[edge.from] = value;
                queue.push(Entry { bound: value, serial: edge.from, step: edge.from, ends: false });
            }
        }
    }
    best
}
