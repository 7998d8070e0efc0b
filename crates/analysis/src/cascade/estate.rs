//! What the threats of the whole estate come to: impacts, what falls with what, layers, choke points.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use vauban_domain::{
    AssetId, AttackPath, BlastRadius, Cascades, ChokePoint, ImpactForecast, Layer, LayerLink,
};

use crate::ThreatGraph;
use crate::facts::means;
use crate::graph::Evaluation;
use crate::graph::assumptions::MOST_CASCADE;

/// Threats named per impact.
const THREATS: usize = 20;
/// Components whose blast radius is told; vendors are told all.
const COMPONENTS: usize = 50;
/// Assets that count as choke points.
const CHOKE_POINTS: usize = 20;
/// Probability below which harm is not followed further.
const LEAST: f64 = 0.001;

/// Works out everything that needs the whole graph; `paths` are the worst ones.
pub fn cascades(graph: &ThreatGraph<'_>, paths: &[AttackPath]) -> Cascades {
    let evaluation = graph.evaluate();
    Cascades {
        impacts: impacts(graph, &evaluation),
        blast_radii: blast_radii(graph, &evaluation),
        matrix: matrix(graph, &evaluation),
        choke_points: choke_points(paths),
        combinations: Vec::new(),
    }
}

/// The declared losses as probabilities: at least one Poisson event within a year.
fn impacts(graph: &ThreatGraph<'_>, evaluation: &Evaluation) -> Vec<ImpactForecast> {
    let mut impacts: Vec<ImpactForecast> = graph
        .losses
        .iter()
        .zip(graph.loss_rates(evaluation))
        .map(|(loss, rate)| ImpactForecast {
            system: loss.system.name.clone(),
            impact: loss.impact.to_owned(),
            probability: -(-rate.frequency).exp_m1(),
            frequency: rate.frequency,
            threats: rate.parts.iter().take(THREATS).map(|(index, _)| graph.id_of(*index)).collect(),
        })
        .collect();
    impacts.sort_by(|one, other| {
        other
            .probability
            .total_cmp(&one.probability)
            .then_with(|| (&one.system, &one.impact).cmp(&(&other.system, &other.impact)))
    });
    impacts
}

/// A partial way in the queue: probability, then instance.
#[derive(PartialEq)]
struct Reached(f64, usize);

impl Eq for Reached {}
impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Reached {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0).then_with(|| other.1.cmp(&self.1))
    }
}

/// Cascades out of every instance: target and probability under today's controls.
fn outbound(graph: &ThreatGraph<'_>, evaluation: &Evaluation) -> Vec<Vec<(usize, f64)>> {
    let mut outbound = vec![Vec::new(); graph.instances().len()];
    for edge in &graph.edges {
        let probability = (edge.prior * evaluation.through[edge.to]).min(MOST_CASCADE);
        outbound[edge.from].push((edge.to, probability));
    }
    outbound
}

/// Probability that each instance is reached when all `origins` have happened: the best product of cascades on one way.
/// Ways are not added up, because they share their attacker.
fn spread(outbound: &[Vec<(usize, f64)>], origins: &[usize]) -> BTreeMap<usize, f64> {
    let mut best: BTreeMap<usize, f64> = origins.iter().map(|origin| (*origin, 1.0)).collect();
    let mut queue: BinaryHeap<Reached> = origins.iter().map(|origin| Reached(1.0, *origin)).collect();
    while let Some(Reached(probability, instance)) = queue.pop() {
        if best.get(&instance).is_some_and(|known| probability < *known) {
            continue;
        }
        for (next, chance) in &outbound[instance] {
            let reached = probability * chance;
            if reached >= LEAST && best.get(next).is_none_or(|known| reached > *known) {
                best.insert(*next, reached);
                queue.push(Reached(reached, *next));
            }
        }
    }
    best
}

fn blast_radii(graph: &ThreatGraph<'_>, evaluation: &Evaluation) -> Vec<BlastRadius> {
    let outbound = outbound(graph, evaluation);
    let mut at: BTreeMap<&AssetId, Vec<usize>> = BTreeMap::new();
    for index in 0..graph.instances().len() {
        at.entry(&graph.asset_of(index).id).or_default().push(index);
    }
    let mut components: Vec<BlastRadius> = at
        .iter()
        .map(|(asset, origins)| radius(graph, &outbound, asset.to_string(), false, origins))
        .collect();
    let largest = |one: &BlastRadius, other: &BlastRadius| {
        other.expected_loss.total_cmp(&one.expected_loss).then_with(|| one.origin.cmp(&other.origin))
    };
    components.sort_by(largest);
    components.truncate(COMPONENTS);
    let vendors = graph.facts.declaration.vendors.iter().map(|vendor| {
        let name = format!("vendor/{}", vendor.name);
        let origins: Vec<usize> = (0..graph.instances().len())
            .filter(|index| {
                let asset = graph.asset_of(*index);
                asset.name == name || vendor.assets.iter().any(|pattern| means(pattern, asset))
            })
            .collect();
        radius(graph, &outbound, vendor.name.clone(), true, &origins)
    });
    components.extend(vendors);
    components.sort_by(largest);
    components
}

/// What follows when everything at the origins has happened. Per system and kind of impact only the costliest event
/// counts, so that a loss is not counted once per asset.
fn radius(
    graph: &ThreatGraph<'_>,
    outbound: &[Vec<(usize, f64)>],
    origin: String,
    vendor: bool,
    origins: &[usize],
) -> BlastRadius {
    let mut reached: BTreeMap<&AssetId, f64> = BTreeMap::new();
    let mut losses: BTreeMap<&str, f64> = BTreeMap::new();
    for (instance, probability) in spread(outbound, origins) {
        let asset = graph.asset_of(instance);
        let best = reached.entry(&asset.id).or_default();
        *best = best.max(probability);
        if let Some(system) = asset.system.as_deref() {
            let loss = losses.entry(system).or_default();
            *loss = loss.max(probability * graph.loss_of_event(instance));
        }
    }
    let mut assets: Vec<(AssetId, f64)> =
        reached.into_iter().map(|(asset, probability)| (asset.clone(), probability)).collect();
    assets.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    BlastRadius {
        origin,
        vendor,
        reached: assets,
        systems: losses.keys().map(|system| (*system).to_owned()).collect(),
        expected_loss: losses.values().sum(),
    }
}

/// Cascades from layer to layer, with the events a year that they carry.
fn matrix(graph: &ThreatGraph<'_>, evaluation: &Evaluation) -> Vec<LayerLink> {
    let mut links: BTreeMap<(Layer, Layer), (u32, f64)> = BTreeMap::new();
    for edge in &graph.edges {
        let layers = (graph.instances()[edge.from].kind.layer, graph.instances()[edge.to].kind.layer);
        let probability = (edge.prior * evaluation.through[edge.to]).min(MOST_CASCADE);
        let link = links.entry(layers).or_default();
        link.0 += 1;
        link.1 += evaluation.rate[edge.from] * probability;
    }
    links
        .into_iter()
        .map(|((from, to), (cascades, frequency))| LayerLink { from, to, cascades, frequency })
        .collect()
}

/// Assets by the share of the paths' expected loss that passes through them on its way to another asset.
fn choke_points(paths: &[AttackPath]) -> Vec<ChokePoint> {
    let total: f64 = paths.iter().map(|path| path.expected_loss).sum();
    if total <= 0.0 {
        return Vec::new();
    }
    let mut points: BTreeMap<&AssetId, ChokePoint> = BTreeMap::new();
    for path in paths {
        let end = path.steps.last().map(|step| &step.asset);
        let passed: BTreeSet<&AssetId> =
            path.steps.iter().map(|step| &step.asset).filter(|asset| Some(*asset) != end).collect();
        for asset in passed {
            let point = points.entry(asset).or_insert_with(|| ChokePoint {
                asset: asset.clone(),
                share: 0.0,
                paths: Vec::new(),
                controls: Vec::new(),
            });
            point.share += path.expected_loss / total;
            point.paths.push(path.id.clone());
            for control in
                path.steps.iter().filter(|step| step.asset == *asset).flat_map(|step| &step.stopped_by)
            {
                if !point.controls.contains(control) && point.controls.len() < 3 {
                    point.controls.push(control.clone());
                }
            }
        }
    }
    let mut points: Vec<ChokePoint> = points.into_values().collect();
    points.sort_by(|one, other| other.share.total_cmp(&one.share).then_with(|| one.asset.cmp(&other.asset)));
    points.truncate(CHOKE_POINTS);
    points
}
