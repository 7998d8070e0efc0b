//! Where controls do most: cut, cover and budget, and which controls fall together.
//!
//! What can be bought is what the [plan](crate::plan) can propose: a control of the library at all assets of one system where
//! it fits and is not seen in place, at its cost once. Costs are counted in hundredths of the currency, so that sums are
//! exact. A control *stands on* a threat when it touches it at all; how much it stops is what the budget asks.
//!
//! - [`network`]: the cheapest controls on every way from attackers to crown jewels,
//! - [`hitting`]: the cheapest controls that touch every threat,
//! - `budget` and `ceiling`: what money buys, and what it cannot buy,
//! - `shared`: controls that one failure takes away together.

mod budget;
pub(crate) mod ceiling;
mod flow;
pub mod hitting;
mod index_set;
pub mod network;
mod relaxation;
mod shared;

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    AssetId, AssetKind, BudgetPlan, Cover, Cut, PlacedControl, Placement, Rung, System, words::amount,
};
use vauban_knowledge::priors::Exposure;

use crate::ThreatGraph;
use crate::gap::Served;
use crate::graph::assumptions::{losses, weight};
use crate::graph::exposure::{exposure, exposure_in_front, phrase};
use crate::plan::{Candidate, candidates};
use network::{Effort, Network};

/// Events that cost at least this share of the costliest one are crown jewels: assumed.
const JEWEL_SHARE: f64 = 0.5;
/// Searches of the cover and of the cut end after so many nodes; their answers then come with a gap.
const COVER_NODES: u64 = 20_000;
const CUT_EFFORT: Effort = Effort { rounds: 60, nodes: 4_000 };
/// Open ways told.
const OPEN_WAYS: usize = 50;
/// Hundredths of the currency in one of it.
const FINE: f64 = 100.0;
/// Dearest control that is told apart from others, in the currency: dearer ones count as this.
const DEAREST: f64 = 1e11;

/// The answers to the three questions about where to place controls.
pub fn placement(graph: &ThreatGraph<'_>) -> Placement {
    let shelf = Shelf::new(graph);
    let (cut, _) = cut(&shelf).unzip();
    let (cover, covering) = cover(&shelf).unzip();
    let proposed: BTreeSet<usize> = covering
        .into_iter()
        .flatten()
        .flat_map(|at| shelf.candidates[at].placements.iter().copied())
        .collect();
    Placement { cut, cover, budget: budget(&shelf), shared_failures: shared::failures(graph, &proposed) }
}

/// What can be bought, and which threats it touches.
struct Shelf<'g, 'a> {
    graph: &'g ThreatGraph<'a>,
    candidates: Vec<Candidate<'a>>,
    /// Cost of each in hundredths.
    costs: Vec<u64>,
    /// Candidates that touch each instance, rising.
    touching: Vec<Vec<usize>>,
    /// Whether a control that is seen in place touches the instance.
    held: Vec<bool>,
}

impl<'g, 'a> Shelf<'g, 'a> {
    fn new(graph: &'g ThreatGraph<'a>) -> Self {
        let candidates: Vec<Candidate<'a>> =
            candidates(graph).into_iter().filter(|candidate| !candidate.touched.is_empty()).collect();
        let costs = candidates.iter().map(|candidate| hundredths(candidate.cost)).collect();
        let mut touching = vec![Vec::new(); graph.instances.len()];
        for (at, candidate) in candidates.iter().enumerate() {
            candidate.touched.iter().for_each(|instance| touching[*instance].push(at));
        }
        let in_place = weight(Rung::Configured);
        let held = graph
            .instances
            .iter()
            .map(|instance| {
                let mut placements = instance.controls.iter().flat_map(|(_, placements)| placements);
                placements.any(|placement| graph.weights[*placement] >= in_place)
            })
            .collect();
        Self { graph, candidates, costs, touching, held }
    }

    /// The candidates as the reader sees them, dearest first.
    fn named(&self, chosen: &[usize]) -> Vec<PlacedControl> {
        let declaration = self.graph.facts.declaration;
        let mut named: Vec<PlacedControl> = chosen
            .iter()
            .map(|at| {
                let Candidate { control, system, placements, cost, .. } = &self.candidates[*at];
                let own = declaration.controls.iter().find(|terms| terms.control == control.id);
                let owner =
                    own.map(|terms| terms.owner.as_str()).filter(|owner| !owner.is_empty()).or_else(|| {
                        declaration
                            .systems
                            .iter()
                            .find(|known| Some(known.name.as_str()) == *system)
                            .map(|known| known.owner.as_str())
                    });
                let vendor = declaration
                    .vendors
                    .iter()
                    .filter(|vendor| vendor.operates.contains(&control.id))
                    .map(|vendor| vendor.name.as_str())
                    .min();
                let assets: BTreeSet<&AssetId> = placements
                    .iter()
                    .map(|placement| &self.graph.assets[self.graph.placements[*placement].asset].id)
                    .collect();
                PlacedControl {
                    control: control.id.clone(),
                    name: control.name.clone(),
                    assets: assets.into_iter().cloned().collect(),
                    cost: *cost,
                    owner: owner.unwrap_or_default().to_owned(),
                    vendor: vendor.unwrap_or_default().to_owned(),
                }
            })
            .collect();
        named.sort_by(|one, other| {
            other
                .cost
                .total_cmp(&one.cost)
                .then_with(|| (&one.control, &one.assets).cmp(&(&other.control, &other.assets)))
        });
        named
    }

    /// What one event of each instance costs, or without prices how grave it is.
    fn value(&self, instance: usize) -> f64 {
        if self.graph.losses.is_empty() {
            losses(&self.graph.instances[instance].kind.id).iter().map(|(_, share)| share).sum()
        } else {
            self.graph.loss_of_event(instance)
        }
    }

    fn asset_ids(&self, instances: &[usize]) -> Vec<AssetId> {
        let ids: BTreeSet<&AssetId> = instances.iter().map(|index| &self.graph.asset_of(*index).id).collect();
        ids.into_iter().cloned().collect()
    }
}

fn hundredths(cost: f64) -> u64 {
    (cost.clamp(0.0, DEAREST) * FINE).round() as u64
}

fn units(cost: u64) -> f64 {
    cost as f64 / FINE
}

/// Instances that attackers begin with: at assets reached by partners or from the internet; when there is none, at the most
/// exposed there are. And in words which.
fn entries(graph: &ThreatGraph<'_>) -> (Vec<usize>, String) {
    let systems: BTreeMap<&str, &System> =
        graph.facts.declaration.systems.iter().map(|system| (system.name.as_str(), system)).collect();
    let served = Served::of(&graph.facts);
    let mut reached: Vec<(Exposure, usize)> = Vec::new();
    for (index, instance) in graph.instances.iter().enumerate() {
        if instance.attempts * instance.success <= 0.0 {
            continue;
        }
        let asset = graph.asset_of(index);
        let mut reach = exposure(asset, &systems).0;
        // Whoever reaches the endpoint reaches the model behind it with queries.
        let queried = instance.kind.applies_to.iter().any(|to| to == "inference_endpoint");
        if asset.kind == AssetKind::Model
            && queried
            && let Some((front, _)) = exposure_in_front(asset, reach, &served, &systems)
        {
            reach = front;
        }
        reached.push((reach, index));
    }
    let widest = reached.iter().map(|(reach, _)| *reach).max().unwrap_or(Exposure::Internal);
    let from = widest.min(Exposure::Partner);
    let entries = reached.into_iter().filter(|(reach, _)| *reach >= from).map(|(_, index)| index).collect();
    let words = if from < Exposure::Partner {
        format!(
            "assumed: attackers begin at assets {}, since none is known to be reached from further out",
            phrase(from)
        )
    } else {
        "assumed: attackers begin at assets reached by partners or from the internet; an insider is not counted".to_owned()
    };
    (entries, words)
}

fn cut(shelf: &Shelf<'_, '_>) -> Option<(Cut, Vec<usize>)> {
    let graph = shelf.graph;
    let free = |index: usize| !shelf.held[index];
    let (entries, entry_words) = entries(graph);
    let values: Vec<f64> = (0..graph.instances.len()).map(|index| shelf.value(index)).collect();
    let most = values.iter().copied().fold(0.0, f64::max);
    let jewels: Vec<usize> = (0..values.len())
        .filter(|index| values[*index] > 0.0 && values[*index] >= JEWEL_SHARE * most)
        .collect();
    let network = Network {
        arcs: (0..values.len())
            .map(|from| {
                let targets = graph.outbound[from].iter().copied().filter(|to| free(*to));
                if free(from) { targets.collect() } else { Vec::new() }
            })
            .collect(),
        entries: entries.iter().copied().filter(|index| free(*index)).collect(),
        jewels: jewels.iter().copied().filter(|index| free(*index)).collect(),
        touching: shelf.touching.clone(),
        costs: shelf.costs.clone(),
    };
    let parting = network.part(CUT_EFFORT);
    if !parting.any_way && parting.open_ways.is_empty() {
        return None;
    }
    let jewel_words = if graph.losses.is_empty() {
        "unknown: no loss is declared; the gravest events stand for the crown jewels".to_owned()
    } else {
        let currency = &graph.facts.declaration.currency;
        format!(
            "assumed: crown jewels are the {} events that cost {} or more each, half of the costliest",
            jewels.len(),
            amount(JEWEL_SHARE * most, currency)
        )
    };
    let mut basis = vec![entry_words, jewel_words];
    if !parting.open_ways.is_empty() {
        basis.push(format!(
            "{} of these events can be reached where no control of the library stands; the cut is that of the others",
            parting.open_ways.len()
        ));
    }
    basis.push(format!(
        "the greatest flow alone says {} or more",
        amount(units(parting.flow_bound), &graph.facts.declaration.currency)
    ));
    basis.push("a control that stands on a way lowers what passes, it does not end it".to_owned());
    let cut = Cut {
        entries: shelf.asset_ids(&network.entries),
        jewels: shelf.asset_ids(&jewels),
        controls: shelf.named(&parting.chosen),
        cost: units(parting.cost),
        lower_bound: units(parting.lower_bound),
        open_ways: ways(shelf, &parting.open_ways),
        basis,
    };
    Some((cut, parting.chosen))
}

/// Ways as assets, each once, short ones first.
fn ways(shelf: &Shelf<'_, '_>, ways: &[Vec<usize>]) -> Vec<Vec<AssetId>> {
    let mut told: Vec<Vec<AssetId>> = ways
        .iter()
        .map(|way| {
            let mut assets: Vec<AssetId> =
                way.iter().map(|index| shelf.graph.asset_of(*index).id.clone()).collect();
            assets.dedup();
            assets
        })
        .collect();
    told.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    told.dedup();
    told.truncate(OPEN_WAYS);
    told
}

fn cover(shelf: &Shelf<'_, '_>) -> Option<(Cover, Vec<usize>)> {
    let graph = shelf.graph;
    if graph.instances.is_empty() {
        return None;
    }
    let open: Vec<usize> = (0..graph.instances.len()).filter(|index| !shelf.held[*index]).collect();
    let (touched, bare): (Vec<usize>, Vec<usize>) =
        open.into_iter().partition(|index| !shelf.touching[*index].is_empty());
    let rows: Vec<Vec<usize>> = touched.iter().map(|index| shelf.touching[*index].clone()).collect();
    let choice = hitting::cheapest(&shelf.costs, &rows, COVER_NODES);
    let mut untouched: Vec<String> = bare.iter().map(|index| graph.id_of(*index)).collect();
    untouched.sort();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let cover = Cover {
        controls: shelf.named(&choice.chosen),
        threats: count(touched.len()),
        held: count(graph.instances.len() - touched.len() - bare.len()),
        untouched,
        cost: units(choice.cost),
        lower_bound: units(choice.lower_bound),
        basis: vec!["a control that touches a threat lowers it; how much, the budget says".to_owned()],
    };
    Some((cover, choice.chosen))
}

fn budget(shelf: &Shelf<'_, '_>) -> Option<BudgetPlan> {
    let (mut plan, chosen) = budget::best(shelf.graph, &shelf.candidates)?;
    plan.controls = shelf.named(&chosen);
    plan.basis = vec![
        if plan.declared {
            "declared: the budget".to_owned()
        } else {
            "assumed: no budget is declared; everything is bought that removes its cost within three years"
                .to_owned()
        },
        "a control in place is assumed to work as its most likely effectiveness says".to_owned(),
        if plan.upper_bound <= plan.removed {
            "every choice within the budget was tried".to_owned()
        } else {
            "the most that can be removed is bounded by the threat graph itself: single effects, which together can only be less".to_owned()
        },
    ];
    Some(plan)
}
