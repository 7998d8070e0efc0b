//! Controls that fall together: run by one vendor, at assets on one platform, or under one identity.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{AssetId, RelationKind, SharedFailure};

use crate::ThreatGraph;

/// Shared failures told, at most.
const MOST: usize = 50;

/// A group of placements that one failure takes away.
struct Falling {
    shared: String,
    placements: BTreeSet<usize>,
}

/// Everything that at least two controls share, worst first; `proposed` are placements that the cover puts in place.
pub(super) fn failures(graph: &ThreatGraph<'_>, proposed: &BTreeSet<usize>) -> Vec<SharedFailure> {
    let today = graph.evaluate();
    let loss = graph.expected_loss(&today);
    let counts = |placement: usize| graph.weights[placement] > 0.0;
    let mut failures: Vec<SharedFailure> = vendors(graph)
        .into_iter()
        .chain(relations(graph))
        .filter_map(|falling| {
            let controls: BTreeSet<&str> = falling
                .placements
                .iter()
                .filter(|placement| counts(**placement) || proposed.contains(placement))
                .map(|placement| graph.knowledge.controls[graph.placements[*placement].control].id.as_str())
                .collect();
            if controls.len() < 2 {
                return None;
            }
            let mut weights = graph.weights.clone();
            falling.placements.iter().for_each(|placement| weights[*placement] = 0.0);
            let added = (graph.expected_loss(&graph.evaluate_with(&weights)) - loss).max(0.0);
            Some(SharedFailure {
                shared: falling.shared,
                controls: controls.into_iter().map(str::to_owned).collect(),
                threats: depending(graph, &falling.placements, counts),
                threats_after: depending(graph, &falling.placements, |placement| {
                    counts(placement) || proposed.contains(&placement)
                }),
                added_loss: (!graph.losses.is_empty()).then_some(added),
            })
        })
        .collect();
    failures.sort_by(|one, other| {
        let key = |failure: &SharedFailure| failure.added_loss.unwrap_or(0.0);
        key(other)
            .total_cmp(&key(one))
            .then_with(|| other.threats.len().cmp(&one.threats.len()))
            .then_with(|| other.threats_after.len().cmp(&one.threats_after.len()))
            .then_with(|| one.shared.cmp(&other.shared))
    });
    failures.truncate(MOST);
    failures
}

/// Threat instances that some control is against, all of which fall.
fn depending(
    graph: &ThreatGraph<'_>,
    falling: &BTreeSet<usize>,
    stands: impl Fn(usize) -> bool,
) -> Vec<String> {
    let mut threats: Vec<String> = graph
        .instances
        .iter()
        .enumerate()
        .filter(|(_, instance)| {
            let mut standing = instance
                .controls
                .iter()
                .flat_map(|(_, placements)| placements)
                .filter(|placement| stands(**placement))
                .peekable();
            standing.peek().is_some() && standing.all(|placement| falling.contains(placement))
        })
        .map(|(index, _)| graph.id_of(index))
        .collect();
    threats.sort();
    threats
}

/// What each vendor runs, wherever it is placed.
fn vendors(graph: &ThreatGraph<'_>) -> Vec<Falling> {
    graph
        .facts
        .declaration
        .vendors
        .iter()
        .filter(|vendor| !vendor.operates.is_empty())
        .map(|vendor| {
            let placements = graph
                .placements
                .iter()
                .enumerate()
                .filter(|(_, placement)| {
                    vendor.operates.contains(&graph.knowledge.controls[placement.control].id)
                })
                .map(|(position, _)| position)
                .collect();
            Falling { shared: format!("vendor {}", vendor.name), placements }
        })
        .collect()
}

/// What is placed on assets that run on one platform or act as one identity, as far as it counts today.
fn relations(graph: &ThreatGraph<'_>) -> Vec<Falling> {
    let mut hanging: BTreeMap<(&str, &AssetId), BTreeSet<&AssetId>> = BTreeMap::new();
    for relation in graph.facts.inventory.relations {
        let what = match relation.kind {
            RelationKind::RunsOn => "platform",
            RelationKind::ActsAs => "identity",
            _ => continue,
        };
        hanging.entry((what, &relation.to)).or_default().insert(&relation.from);
    }
    let mut at: BTreeMap<&AssetId, Vec<usize>> = BTreeMap::new();
    for (position, placement) in graph.placements.iter().enumerate() {
        if graph.weights[position] > 0.0 {
            at.entry(&graph.assets[placement.asset].id).or_default().push(position);
        }
    }
    hanging
        .into_iter()
        .map(|((what, shared), assets)| Falling {
            shared: format!("{what} {shared}"),
            placements: assets.iter().filter_map(|asset| at.get(asset)).flatten().copied().collect(),
        })
        .filter(|falling| !falling.placements.is_empty())
        .collect()
}
