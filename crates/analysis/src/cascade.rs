//! Attack paths: ways from an entry to a loss, along cascades that can really happen.
//!
//! A path begins with a threat instance happening by itself (probability `1 - exp(-frequency)` a year) and goes on
//! along cascades of the [threat graph](crate::graph), each with the probability left by the controls at its target.
//! Its expected yearly loss is the product of these times the expected loss of the last event. No instance appears
//! twice on a path, so cycles end by themselves.

mod blast;
mod estate;
mod lanes;
mod narrative;
mod search;

use std::collections::BTreeSet;

use vauban_domain::{AttackPath, CaseReference, Digest, Family, Fingerprint, PathStep, StepEvidence, Text};
use vauban_knowledge::atlas::{Atlas, CaseStudy};

pub use estate::cascades;
pub use lanes::lanes_svg;

use crate::facts::speaks_for;
use crate::graph::assumptions::weight;
use crate::graph::{Evaluation, Instance, ThreatGraph};
use search::Found;

/// Paths that a review shows.
pub const PATHS: usize = 20;
/// Controls named per step.
const CONTROLS_PER_STEP: usize = 3;
/// Case studies named per step.
const STUDIES_PER_STEP: usize = 2;
/// The kind of case study that really happened.
const INCIDENT: &str = "incident";

/// The `count` paths with the largest expected yearly loss, at most one from any asset to any other and five to any
/// one asset, so that they tell different stories.
///
/// Without any declared loss they are ranked by probability and how grave the last event is, and say so.
pub fn paths(graph: &ThreatGraph<'_>, count: usize) -> Vec<AttackPath> {
    let evaluation = graph.evaluate();
    let found = search::best(graph, &evaluation, count);
    let rules = graph.facts.rules_by_id();
    let alerts = graph.facts.findings.iter().filter(|finding| {
        rules.get(finding.rule.as_ref()).is_some_and(|rule| rule.family == Family::Detection)
    });
    let alerts = alerts.map(|finding| &finding.fingerprint).collect();
    found.iter().map(|found| path(graph, &evaluation, &alerts, found)).collect()
}

fn path(
    graph: &ThreatGraph<'_>,
    evaluation: &Evaluation,
    alerts: &BTreeSet<&Fingerprint>,
    found: &Found,
) -> AttackPath {
    let mut probability = 1.0;
    let steps: Vec<PathStep> = found
        .instances
        .iter()
        .enumerate()
        .map(|(position, index)| {
            let previous = position.checked_sub(1).and_then(|before| found.instances.get(before));
            let edge =
                previous.and_then(|from| graph.edges_into(*index).iter().find(|edge| edge.from == *from));
            let step = match edge {
                Some(edge) => graph.passage(evaluation, edge),
                None => -(-evaluation.frequency[*index]).exp_m1(),
            };
            probability *= step;
            let instance = &graph.instances[*index];
            PathStep {
                threat: graph.id_of(*index),
                asset: graph.asset_of(*index).id.clone(),
                layer: instance.kind.layer,
                technique: instance.techniques.first().cloned(),
                via: edge.map(|edge| graph.via(edge)).unwrap_or_default(),
                probability: step,
                stopped_by: stopped_by(graph, *index),
                evidence: evidence(instance, alerts),
                case_studies: instance
                    .techniques
                    .first()
                    .map(|technique| case_studies(&graph.knowledge.atlas, technique))
                    .unwrap_or_default(),
            }
        })
        .collect();
    let last = found.instances.last().copied();
    let system = last.and_then(|last| graph.asset_of(last).system.clone());
    let loss = last.map_or(0.0, |last| graph.loss_of_event(last));
    let ids: Vec<&str> = steps.iter().map(|step| step.threat.as_str()).collect();
    let digest = Digest::of(ids.join("\n").as_bytes()).hex();
    AttackPath {
        id: format!("path-{}", digest.get(..12).unwrap_or(&digest)),
        narrative: narrative::tell(graph, &found.instances, &steps, system.as_deref(), probability, loss),
        steps,
        probability,
        system,
        expected_loss: probability * loss,
    }
}

/// What speaks for an instance, alerts apart: they say that somebody tried.
fn evidence(instance: &Instance<'_>, alerts: &BTreeSet<&Fingerprint>) -> StepEvidence {
    let (alerts, findings) = instance.findings.iter().cloned().partition(|finding| alerts.contains(finding));
    StepEvidence { findings, measurements: instance.measurements.clone(), alerts }
}

/// Case studies with a step of this technique or of one below it, what really happened first, then the latest first.
fn case_studies(atlas: &Atlas, technique: &str) -> Vec<CaseReference> {
    let mut studies: Vec<&CaseStudy> = atlas
        .case_studies
        .iter()
        .filter(|study| study.steps.iter().any(|step| speaks_for(&step.technique, technique)))
        .collect();
    studies.sort_by(|one, other| {
        (other.kind == INCIDENT, &other.date, &one.id).cmp(&(one.kind == INCIDENT, &one.date, &other.id))
    });
    studies
        .into_iter()
        .take(STUDIES_PER_STEP)
        .map(|study| CaseReference {
            id: Text::from(study.id.clone()),
            name: Text::from(study.name.clone()),
            incident: study.kind == INCIDENT,
        })
        .collect()
}

/// Controls that would stop the step and are not seen in place yet, the most effective first.
fn stopped_by(graph: &ThreatGraph<'_>, index: usize) -> Vec<String> {
    let in_place = weight(vauban_domain::Rung::Configured);
    let mut controls: Vec<usize> = graph.instances[index]
        .controls
        .iter()
        .filter(|(_, placements)| placements.iter().all(|placement| graph.weights[*placement] < in_place))
        .map(|(control, _)| *control)
        .collect();
    controls.sort_by(|left, right| {
        graph.effectiveness(*right).total_cmp(&graph.effectiveness(*left)).then_with(|| left.cmp(right))
    });
    controls
        .into_iter()
        .take(CONTROLS_PER_STEP)
        .map(|control| graph.knowledge.controls[control].id.clone())
        .collect()
}
