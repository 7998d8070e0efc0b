//! From facts to the threat graph.

mod instance;

use std::collections::BTreeMap;

use vauban_domain::{Asset, AssetId, Confidence, Direction, FlowFacts, RelationKind, Rule, System};
use vauban_knowledge::Knowledge;

use super::assumptions::{HUMAN_GATE, INFERRED_RELATION, weight};
use super::{Edge, Experience, Group, Instance, LossKind, Placement, ThreatGraph, assumptions, experience};
use crate::facts::Facts;
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
        placements: Vec::new(),
        weights: Vec::new(),
        by_asset: BTreeMap::new(),
    };
    builder.place_controls();
    let instances = builder.instances();
    let (edges, inbound) = builder.edges(&instances);
    let (losses, unusable_losses) = losses(facts);
    let mut outbound = vec![Vec::new(); instances.len()];
    for edge in &edges {
        outbound[edge.from].push(edge.to);
    }
    let groups = groups(&builder.assets, &instances, &losses);
    let mut graph = ThreatGraph {
        facts: *facts,
        knowledge,
        assets: builder.assets,
        instances,
        edges,
        inbound,
        outbound,
        groups,
        placements: builder.placements,
        weights: builder.weights,
        losses,
        unusable_losses,
    };
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

    /// Cascades along relations and within assets, by target; and where each target's begin.
    fn edges(&self, instances: &[Instance<'a>]) -> (Vec<Edge>, Vec<usize>) {
        let mut at: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        let mut of_asset: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, instance) in instances.iter().enumerate() {
            at.insert((instance.asset, &instance.kind.id), index);
            of_asset.entry(instance.asset).or_default().push(index);
        }
        let mut edges: BTreeMap<(usize, usize), Edge> = BTreeMap::new();
        let mut join = |source: usize, target: usize, factor: f64, how: &str| {
            for from in of_asset.get(&source).into_iter().flatten() {
                for cascade in &instances[*from].kind.cascades_to {
                    let Some(to) = at.get(&(target, cascade.to.as_str())) else { continue };
                    let prior = cascade.prior.clamp(0.0, 1.0) * factor;
                    let via =
                        if how.is_empty() { cascade.via.clone() } else { format!("{}; {how}", cascade.via) };
                    let edge = Edge { from: *from, to: *to, prior, via };
                    match edges.get(&(*to, *from)) {
                        Some(known) if known.prior >= prior => {}
                        _ => drop(edges.insert((*to, *from), edge)),
                    }
                }
            }
        };
        for position in 0..self.assets.len() {
            join(position, position, 1.0, "");
        }
        for relation in self.facts.inventory.relations {
            let (Some(from), Some(to)) =
                (self.positions.get(&relation.from), self.positions.get(&relation.to))
            else {
                continue;
            };
            if from == to {
                continue;
            }
            let (source, target) =
                if relation.kind.harm_flows_backwards() { (*to, *from) } else { (*from, *to) };
            let mut factor = 1.0;
            if relation.confidence == Confidence::Inferred {
                factor *= INFERRED_RELATION;
            }
            if relation.attributes.get("human_gate").is_some_and(|gate| gate == "yes" || gate == "true") {
                factor *= HUMAN_GATE;
            }
            let words = format!("{} {} {}", relation.from, relation.kind, relation.to);
            join(source, target, factor, &words);
            // What comes back along a flow carries harm back, where the owner says that something does.
            if relation.kind == RelationKind::SendsTo {
                let flow = FlowFacts::of(&relation.attributes);
                let back = [flow.instructions, flow.data_direction].into_iter().flatten();
                if back.into_iter().any(Direction::goes_backward) {
                    join(target, source, factor, &format!("{words}, and back"));
                }
            }
        }
        let edges: Vec<Edge> = edges.into_values().collect();
        let inbound = (0..=instances.len()).map(|to| edges.partition_point(|edge| edge.to < to)).collect();
        (edges, inbound)
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
