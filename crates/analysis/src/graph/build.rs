//! From facts to the threat graph.

mod edges;
mod instance;

use std::collections::BTreeMap;
use std::sync::Arc;

use vauban_domain::{Asset, AssetId, Measurement, Rule, System};
use vauban_knowledge::Knowledge;

use super::assumptions::weight;
use super::condition::Requirement;
use super::evaluation::Causes;
use super::{Experience, Group, Instance, LossKind, Placement, ThreatGraph, assumptions, experience};
use crate::facts::{Facts, by_asset};
use crate::gap::Served;
use crate::held::{Controls, fits};
use crate::risk::{Magnitude, learn_losses};

pub(super) fn graph<'a>(facts: &Facts<'a>, knowledge: &'a Knowledge) -> ThreatGraph<'a> {
    let mut assets: Vec<&Asset> = facts.inventory.assets.iter().collect();
    assets.sort_by(|left, right| left.id.cmp(&right.id));
    assets.dedup_by(|left, right| left.id == right.id);
    let positions: BTreeMap<&AssetId, usize> =
        assets.iter().enumerate().map(|(position, asset)| (&asset.id, position)).collect();
    let served = Served::of(facts);
    let mut builder = Builder {
        facts,
        knowledge,
        systems: facts.declaration.systems.iter().map(|system| (system.name.as_str(), system)).collect(),
        rules: facts.rules_by_id(),
        controls: Controls::new(*facts, knowledge),
        served,
        assets,
        positions,
        measurements: by_asset(facts.measurements, |measurement| &measurement.asset),
        placements: Vec::new(),
        weights: Vec::new(),
        by_asset: BTreeMap::new(),
    };
    builder.place_controls();
    let instances = builder.instances();
    let (edges, inbound) = edges::edges(&builder, &instances);
    let (losses, unusable_losses) = losses(facts);
    let mut outbound = vec![Vec::new(); instances.len()];
    for edge in &edges {
        outbound[edge.from].push(edge.to);
        for needed in edge.needs.iter().flat_map(Requirement::instances) {
            outbound[needed].push(edge.to);
        }
    }
    for targets in &mut outbound {
        targets.sort_unstable();
        targets.dedup();
    }
    let groups = groups(&builder.assets, &instances, &losses);
    let count = instances.len();
    let weights = builder.weights;
    let mut graph = ThreatGraph {
        facts: *facts,
        knowledge,
        assets: builder.assets,
        instances: instances.into(),
        causes: Arc::new(Causes::ordered(&edges, &inbound, vec![1.0; count])),
        edges: edges.into(),
        inbound: inbound.into(),
        outbound: outbound.into(),
        groups: groups.into(),
        placements: builder.placements.into(),
        weights,
        losses,
        unusable_losses,
        settled: Arc::default(),
    };
    let today = graph.evaluate_with(&graph.weights);
    graph.causes = Arc::new(Causes::ordered(&graph.edges, &graph.inbound, today.likelihood.clone()));
    graph.settled = Arc::new((graph.weights.clone(), today));
    experience::learn(&mut graph);
    graph
}

struct Builder<'f, 'a> {
    facts: &'f Facts<'a>,
    knowledge: &'a Knowledge,
    systems: BTreeMap<&'a str, &'a System>,
    rules: BTreeMap<&'a str, &'a Rule>,
    controls: Controls<'a, 'a>,
    served: Served<'a>,
    assets: Vec<&'a Asset>,
    positions: BTreeMap<&'a AssetId, usize>,
    measurements: BTreeMap<&'a AssetId, Vec<&'a Measurement>>,
    placements: Vec<Placement>,
    weights: Vec<f64>,
    /// Placements at each asset, by control.
    by_asset: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Builder<'_, 'a> {
    /// Every control at every asset it can be placed on, with what proves it there.
    fn place_controls(&mut self) {
        for (position, asset) in self.assets.iter().enumerate() {
            let rungs = self.controls.rungs_at(asset);
            for (control, facts) in self.knowledge.controls.iter().enumerate() {
                let held = rungs.get(facts.id.as_str());
                if !fits(facts, asset) && held.is_none() {
                    continue;
                }
                self.by_asset.entry(position).or_default().push(self.placements.len());
                self.weights.push(held.map_or(0.0, |(rung, _)| weight(*rung)));
                self.placements.push(Placement {
                    control,
                    asset: position,
                    proof: held.map(|(rung, what)| format!("{rung}: {what}")).unwrap_or_default(),
                });
            }
        }
    }

    fn instances(&self) -> Vec<Instance<'a>> {
        let mut instances = Vec::new();
        for (position, asset) in self.assets.iter().enumerate() {
            for kind in &self.knowledge.maestro.threats {
                if kind.applies_to.contains(&asset.component) {
                    instances.push(self.instance(kind, position, asset));
                }
            }
        }
        instances
    }
}

/// Declared losses that can be fitted, and in words those that cannot.
fn losses<'a>(facts: &Facts<'a>) -> (Vec<LossKind<'a>>, Vec<String>) {
    let (mut losses, mut unusable) = (Vec::new(), Vec::new());
    for system in &facts.declaration.systems {
        for (impact, range) in &system.losses {
            match Magnitude::of(range.low, range.likely, range.high) {
                Some(declared) => {
                    let recorded = experience::losses(facts, &system.name, impact);
                    let (loss, record) = learn_losses(&declared, &recorded);
                    losses.push(LossKind {
                        system,
                        impact,
                        range: *range,
                        loss,
                        record,
                        experience: Experience::default(),
                    });
                }
                None => unusable.push(format!(
                    "unknown: the {impact} loss {} to {} of system `{}` cannot be fitted; give two amounts above 0, the smaller first, and a most likely one between them if at all ({})",
                    range.low, range.high, system.name, system.locator
                )),
            }
        }
    }
    losses.sort_by(|left, right| (&left.system.name, left.impact).cmp(&(&right.system.name, right.impact)));
    (losses, unusable)
}

/// Instances by system and kind of threat, with the declared losses that these lead to.
fn groups(assets: &[&Asset], instances: &[Instance<'_>], losses: &[LossKind<'_>]) -> Vec<Group> {
    let mut members: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (index, instance) in instances.iter().enumerate() {
        if let Some(system) = assets[instance.asset].system.as_deref() {
            members.entry((system, &instance.kind.id)).or_default().push(index);
        }
    }
    members
        .into_iter()
        .map(|((system, kind), instances)| {
            let shares = assumptions::losses(kind);
            let shares = losses
                .iter()
                .enumerate()
                .filter(|(_, loss)| loss.system.name == system)
                .filter_map(|(position, loss)| {
                    let (_, share) = shares.iter().find(|(impact, _)| *impact == loss.impact)?;
                    Some((position, *share))
                })
                .collect();
            Group { instances, shares }
        })
        .filter(|group| !group.shares.is_empty())
        .collect()
}
