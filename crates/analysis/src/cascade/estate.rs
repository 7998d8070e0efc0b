//! What the threats of the whole estate come to: impacts, what falls with what, layers, choke points.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{AssetId, AttackPath, Cascades, ChokePoint, ImpactForecast, Layer, LayerLink};

use super::blast::blast_radii;
use crate::ThreatGraph;
use crate::combination::combinations;
use crate::graph::Evaluation;

/// Threats named per impact.
const THREATS: usize = 20;
/// Assets that count as choke points.
const CHOKE_POINTS: usize = 20;

/// Works out everything that needs the whole graph; `paths` are the worst ones.
pub fn cascades(graph: &ThreatGraph<'_>, paths: &[AttackPath]) -> Cascades {
    let evaluation = graph.evaluate();
    Cascades {
        impacts: impacts(graph, &evaluation),
        blast_radii: blast_radii(graph, &evaluation),
        matrix: matrix(graph, &evaluation),
        choke_points: choke_points(paths),
        combinations: combinations(graph),
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

/// Cascades from layer to layer, with the events a year that they carry.
fn matrix(graph: &ThreatGraph<'_>, evaluation: &Evaluation) -> Vec<LayerLink> {
    let mut links: BTreeMap<(Layer, Layer), (u32, f64)> = BTreeMap::new();
    for edge in graph.edges.iter() {
        let layers = (graph.instances()[edge.from].kind.layer, graph.instances()[edge.to].kind.layer);
        let probability = graph.passage(evaluation, edge);
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
