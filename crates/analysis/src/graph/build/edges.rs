//! Cascades between instances: within assets and along relations, as far as their conditions can hold.

use std::collections::BTreeSet;

use vauban_domain::{Confidence, Direction, FlowFacts, Relation, RelationKind};
use vauban_knowledge::condition::{End, Fact};

use super::Builder;
use crate::graph::assumptions::{HUMAN_GATE, INFERRED_RELATION};
use crate::graph::condition::{Ends, Reduced, reduce};
use crate::graph::{Edge, Instance};

/// Ids of threats with their instances, sorted, for each asset.
type At<'a> = Vec<Vec<(&'a str, usize)>>;

/// What each asset has as a relation, and to which component.
type Neighbours<'a> = Vec<BTreeSet<(RelationKind, &'a str)>>;

/// All cascades by target, and where each target's begin.
pub(super) fn edges<'a>(
    builder: &Builder<'_, 'a>,
    instances: &[Instance<'a>],
) -> (Vec<Edge<'a>>, Vec<usize>) {
    let at = instances_at(builder, instances);
    let neighbours = neighbours(builder);
    let mut edges: Vec<Edge<'a>> = Vec::new();
    let mut join = |source: usize, target: usize, factor: f64, along: Option<(&'a Relation, bool)>| {
        let between = Between { builder, at: &at, neighbours: &neighbours, source, target, along };
        for (_, from) in &at[source] {
            for cascade in &instances[*from].kind.cascades_to {
                let Some(to) = between.instance(&cascade.to, End::Target) else { continue };
                let reduced = match &cascade.when {
                    None => Reduced::default(),
                    Some(when) => match reduce(when, &between) {
                        None => continue,
                        Some(reduced) => reduced,
                    },
                };
                let prior = cascade.prior.clamp(0.0, 1.0) * factor;
                let Reduced { needs, assumed } = reduced;
                edges.push(Edge { from: *from, to, prior, cascade, along, needs, assumed });
            }
        }
    };
    for position in 0..builder.assets.len() {
        join(position, position, 1.0, None);
    }
    for relation in builder.facts.inventory.relations {
        let (Some(from), Some(to)) =
            (builder.positions.get(&relation.from), builder.positions.get(&relation.to))
        else {
            continue;
        };
        if from == to {
            continue;
        }
        let (source, target) = if relation.kind.harm_flows_backwards() { (*to, *from) } else { (*from, *to) };
        let mut factor = 1.0;
        if relation.confidence == Confidence::Inferred {
            factor *= INFERRED_RELATION;
        }
        if relation.attributes.get("human_gate").is_some_and(|gate| gate == "yes" || gate == "true") {
            factor *= HUMAN_GATE;
        }
        join(source, target, factor, Some((relation, false)));
        // What comes back along a flow carries harm back, where the owner says that something does.
        if relation.kind == RelationKind::SendsTo {
            let flow = FlowFacts::of(&relation.attributes);
            let back = [flow.instructions, flow.data_direction].into_iter().flatten();
            if back.into_iter().any(Direction::goes_backward) {
                join(target, source, factor, Some((relation, true)));
            }
        }
    }
    // Of several relations between two assets the one that lets most through counts, those before that wait for nothing
    // else; the first of equals.
    edges.sort_by(|left, right| {
        let order = |edge: &Edge<'_>| (edge.to, edge.from, edge.needs.is_some());
        order(left).cmp(&order(right)).then_with(|| right.prior.total_cmp(&left.prior))
    });
    edges.dedup_by_key(|edge| (edge.to, edge.from));
    let inbound = (0..=instances.len()).map(|to| edges.partition_point(|edge| edge.to < to)).collect();
    (edges, inbound)
}

fn instances_at<'a>(builder: &Builder<'_, 'a>, instances: &[Instance<'a>]) -> At<'a> {
    let mut at: At<'a> = vec![Vec::new(); builder.assets.len()];
    for (index, instance) in instances.iter().enumerate() {
        at[instance.asset].push((&instance.kind.id, index));
    }
    for here in &mut at {
        here.sort_unstable();
    }
    at
}

fn neighbours<'a>(builder: &Builder<'_, 'a>) -> Neighbours<'a> {
    let mut neighbours = vec![BTreeSet::new(); builder.assets.len()];
    for relation in builder.facts.inventory.relations {
        if let (Some(from), Some(to)) =
            (builder.positions.get(&relation.from), builder.positions.get(&relation.to))
        {
            neighbours[*from].insert((relation.kind, builder.assets[*to].component.as_str()));
        }
    }
    neighbours
}

/// Two assets and what joins them.
struct Between<'b, 'f, 'a> {
    builder: &'b Builder<'f, 'a>,
    at: &'b At<'a>,
    neighbours: &'b Neighbours<'a>,
    source: usize,
    target: usize,
    along: Option<(&'a Relation, bool)>,
}

impl Between<'_, '_, '_> {
    const fn position(&self, end: End) -> usize {
        match end {
            End::Source => self.source,
            End::Target => self.target,
        }
    }
}

impl Ends for Between<'_, '_, '_> {
    fn fact(&self, fact: &Fact) -> Option<bool> {
        match fact {
            Fact::Attribute { key, values, end } => {
                let value = self.builder.assets[self.position(*end)].attribute(key)?;
                Some(value.split(',').any(|one| values.iter().any(|wanted| wanted == one.trim())))
            }
            Fact::Component { components, end } => {
                Some(components.contains(&self.builder.assets[self.position(*end)].component))
            }
            Fact::Relation(ways) => Some(ways.contains(&self.along.map(|(relation, _)| relation.kind))),
            Fact::Flow { key, values } => match self.along {
                Some((relation, _)) if relation.kind == RelationKind::SendsTo => {
                    let value = relation.attributes.get(key).filter(|value| !value.is_empty())?;
                    let value = if key == "human_gate" && value == "true" { "yes" } else { value };
                    Some(values.iter().any(|wanted| wanted == value))
                }
                _ => Some(false),
            },
            Fact::Neighbour { relations, components, end } => {
                let has = &self.neighbours[self.position(*end)];
                Some(has.iter().any(|(kind, component)| {
                    relations.contains(kind) && components.iter().any(|wanted| wanted == component)
                }))
            }
        }
    }

    fn instance(&self, threat: &str, end: End) -> Option<usize> {
        let here = &self.at[self.position(end)];
        here.binary_search_by(|(id, _)| (*id).cmp(threat)).ok().map(|found| here[found].1)
    }
}
