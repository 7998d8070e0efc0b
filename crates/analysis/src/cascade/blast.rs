//! Blast radii: what falls with a component or a vendor.
//!
//! From an origin harm spreads along cascades, each with the probability that today's controls leave; an instance is
//! reached with the best product on any one way. Ways are not added up, because they share their attacker.
//!
//! Work and memory are bounded per origin: assets are reached in falling order of probability, and after
//! [`REACHED`] of them the spread ends. The radius then says that there are more, and its loss is a lower bound.
//! Origins are independent, so they are spread in parallel and the result does not depend on the number of threads.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use rayon::prelude::*;
use vauban_domain::{AssetId, BlastRadius, Vendor};

use crate::ThreatGraph;
use crate::facts::means;
use crate::graph::Evaluation;

/// Components whose blast radius is told; vendors are told all.
const COMPONENTS: usize = 50;
/// Probability below which harm is not followed further.
const LEAST: f64 = 0.001;
/// Assets reached from one origin, at most.
pub(super) const REACHED: usize = 500;

/// Blast radii of the components where most is at stake, and of every vendor; largest expected loss first.
pub(super) fn blast_radii(graph: &ThreatGraph<'_>, evaluation: &Evaluation) -> Vec<BlastRadius> {
    let ways = Ways::new(graph, evaluation);
    let mut at: Vec<Vec<usize>> = vec![Vec::new(); graph.assets.len()];
    for (index, instance) in graph.instances().iter().enumerate() {
        at[instance.asset].push(index);
    }
    let origins: Vec<usize> = (0..at.len()).filter(|asset| !at[*asset].is_empty()).collect();
    // Only the loss first: what each of thousands of origins reaches would not fit in memory.
    let losses: Vec<f64> = origins
        .par_iter()
        .map_init(
            || Scratch::new(&ways),
            |scratch, asset| ways.spread(scratch, &at[*asset]).losses.values().sum(),
        )
        .collect();
    let mut order: Vec<usize> = (0..origins.len()).collect();
    order.sort_by(|left, right| {
        losses[*right].total_cmp(&losses[*left]).then_with(|| origins[*left].cmp(&origins[*right]))
    });
    order.truncate(COMPONENTS);
    let mut scratch = Scratch::new(&ways);
    let mut radii: Vec<BlastRadius> = order
        .into_iter()
        .map(|index| {
            let asset = origins[index];
            let spread = ways.spread(&mut scratch, &at[asset]);
            radius(graph, spread, graph.assets[asset].id.to_string(), false)
        })
        .collect();
    for vendor in &graph.facts.declaration.vendors {
        let origins: Vec<usize> =
            of_vendor(graph, vendor).into_iter().flat_map(|asset| at[asset].clone()).collect();
        let spread = ways.spread(&mut scratch, &origins);
        radii.push(radius(graph, spread, vendor.name.clone(), true));
    }
    radii.sort_by(|one, other| {
        other.expected_loss.total_cmp(&one.expected_loss).then_with(|| one.origin.cmp(&other.origin))
    });
    radii
}

/// Assets that a vendor supplies or is.
fn of_vendor(graph: &ThreatGraph<'_>, vendor: &Vendor) -> Vec<usize> {
    let name = format!("vendor/{}", vendor.name);
    (0..graph.assets.len())
        .filter(|position| {
            let asset = graph.assets[*position];
            asset.name == name || vendor.assets.iter().any(|pattern| means(pattern, asset))
        })
        .collect()
}

/// Cascades out of every instance under today's controls, one after the other in memory.
struct Ways<'g, 'a> {
    graph: &'g ThreatGraph<'a>,
    evaluation: &'g Evaluation,
    /// Where the cascades of each instance begin, and one past the end.
    begin: Vec<usize>,
    cascades: Vec<Way>,
    /// Asset of each instance.
    asset: Vec<usize>,
    /// System of each asset.
    system: Vec<Option<&'a str>>,
    /// Expected loss of each instance's event.
    loss: Vec<f64>,
}

/// One cascade.
#[derive(Clone, Copy)]
struct Way {
    to: usize,
    /// Probability that harm passes.
    chance: f64,
    /// The edge, where the probability depends on what else has happened.
    waits: Option<usize>,
}

/// What follows from some origins.
struct Spread<'a> {
    /// Assets in falling order of probability.
    reached: Vec<(usize, f64)>,
    /// The costliest event in each system that is reached, times its probability.
    losses: BTreeMap<&'a str, f64>,
    /// Whether more is reached than is told.
    cut: bool,
}

/// Memory that one thread uses again for each origin.
struct Scratch {
    /// Best probability of each instance; 0 for not reached.
    best: Vec<f64>,
    /// Instances whose `best` is not 0.
    touched: Vec<usize>,
    /// Whether each asset is among the reached.
    seen: Vec<bool>,
    queue: BinaryHeap<Reached>,
}

impl Scratch {
    fn new(ways: &Ways<'_, '_>) -> Self {
        Self {
            best: vec![0.0; ways.asset.len()],
            touched: Vec::new(),
            seen: vec![false; ways.system.len()],
            queue: BinaryHeap::new(),
        }
    }
}

/// A way in the queue: probability, then instance.
#[derive(PartialEq)]
struct Reached(f64, usize);

impl Eq for Reached {}
impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Reached {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then_with(|| other.1.cmp(&self.1))
    }
}

impl<'g, 'a> Ways<'g, 'a> {
    fn new(graph: &'g ThreatGraph<'a>, evaluation: &'g Evaluation) -> Self {
        let count = graph.instances().len();
        let mut begin = vec![0; count + 1];
        for edge in graph.edges.iter() {
            begin[edge.from + 1] += 1;
        }
        for index in 0..count {
            begin[index + 1] += begin[index];
        }
        let mut next = begin.clone();
        let mut cascades = vec![Way { to: 0, chance: 0.0, waits: None }; graph.edges.len()];
        for (index, edge) in graph.edges.iter().enumerate() {
            let chance = graph.passage(evaluation, edge);
            cascades[next[edge.from]] =
                Way { to: edge.to, chance, waits: edge.needs.is_some().then_some(index) };
            next[edge.from] += 1;
        }
        Self {
            graph,
            evaluation,
            begin,
            cascades,
            asset: graph.instances().iter().map(|instance| instance.asset).collect(),
            system: graph.assets.iter().map(|asset| asset.system.as_deref()).collect(),
            loss: graph.losses_of_events(),
        }
    }

    /// Probability that harm passes when all origins have happened: these are the instances whose best probability is 1,
    /// since every cascade is less probable than that.
    fn chance(&self, way: &Way, best: &[f64]) -> f64 {
        let Some(edge) = way.waits else { return way.chance };
        self.graph.passage_with(self.evaluation, &self.graph.edges[edge], &|instance| {
            if best[instance] >= 1.0 { 1.0 } else { self.evaluation.likelihood[instance] }
        })
    }

    /// What is reached when all `origins` have happened. Per system only the costliest event counts, so that a loss is
    /// not counted once per asset.
    fn spread(&self, scratch: &mut Scratch, origins: &[usize]) -> Spread<'a> {
        let mut spread = Spread { reached: Vec::new(), losses: BTreeMap::new(), cut: false };
        for origin in origins {
            scratch.best[*origin] = 1.0;
            scratch.touched.push(*origin);
            scratch.queue.push(Reached(1.0, *origin));
        }
        while let Some(Reached(probability, instance)) = scratch.queue.pop() {
            if probability < scratch.best[instance] {
                continue;
            }
            let asset = self.asset[instance];
            if !scratch.seen[asset] {
                if spread.reached.len() >= REACHED.max(origins.len()) {
                    spread.cut = true;
                    break;
                }
                scratch.seen[asset] = true;
                // The first instance of an asset to leave the queue is its most probable one.
                spread.reached.push((asset, probability));
            }
            if let Some(system) = self.system[asset] {
                let loss = spread.losses.entry(system).or_default();
                *loss = loss.max(probability * self.loss[instance]);
            }
            for way in &self.cascades[self.begin[instance]..self.begin[instance + 1]] {
                let reached = probability * self.chance(way, &scratch.best);
                if reached >= LEAST && reached > scratch.best[way.to] {
                    if scratch.best[way.to] == 0.0 {
                        scratch.touched.push(way.to);
                    }
                    scratch.best[way.to] = reached;
                    scratch.queue.push(Reached(reached, way.to));
                }
            }
        }
        scratch.queue.clear();
        for instance in scratch.touched.drain(..) {
            scratch.best[instance] = 0.0;
        }
        for (asset, _) in &spread.reached {
            scratch.seen[*asset] = false;
        }
        spread
    }
}

fn radius(graph: &ThreatGraph<'_>, spread: Spread<'_>, origin: String, vendor: bool) -> BlastRadius {
    let mut reached: Vec<(AssetId, f64)> = spread
        .reached
        .iter()
        .map(|(asset, probability)| (graph.assets[*asset].id.clone(), *probability))
        .collect();
    reached.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    BlastRadius {
        origin,
        vendor,
        reached,
        more: spread.cut,
        systems: spread.losses.keys().map(|system| (*system).to_owned()).collect(),
        expected_loss: spread.losses.values().sum(),
    }
}
