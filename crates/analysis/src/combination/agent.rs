//! One agent that takes in what strangers write, has private data and has a way out.
//!
//! Looked at are the agent, what it uses, and its flows. A person who approves what leaves, or what comes in, takes that
//! flow or tool out of the combination. What is not known shows nothing.

use vauban_domain::{
    Asset, AssetKind, Direction, FlowFacts, Relation, RelationKind, Severity, ToxicCombination,
};
use vauban_knowledge::priors::Exposure;

use super::scene::{Scene, flow_data};
use super::{Proof, combination, part};

/// Rules whose findings show conditions by themselves, sorted.
const SHOWING: &[(&str, &[&str])] = &[
    ("agent-hook-sends-data", &[OUT]),
    ("agent-untrusted-to-exit", &[UNTRUSTED, PRIVATE, OUT]),
    ("ci-agent-on-untrusted-text", &[UNTRUSTED]),
    ("detection-prompt-injection", &[UNTRUSTED]),
];
const UNTRUSTED: &str = "untrusted-input";
const PRIVATE: &str = "private-data";
const OUT: &str = "way-out";

pub(super) fn combinations(scene: &Scene<'_, '_>) -> Vec<ToxicCombination> {
    (0..scene.graph.assets.len())
        .filter(|position| scene.asset(*position).kind == AssetKind::Agent)
        .filter_map(|agent| one(scene, agent))
        .collect()
}

fn one(scene: &Scene<'_, '_>, agent: usize) -> Option<ToxicCombination> {
    let asset = scene.asset(agent);
    let (untrusted, public) = untrusted(scene, agent);
    let parts = vec![
        part(UNTRUSTED, untrusted)?,
        part(PRIVATE, private(scene, agent))?,
        part(OUT, way_out(scene, agent))?,
    ];
    let severity = if public { Severity::Critical } else { Severity::High };
    let title = format!(
        "{} takes in what strangers write, has private data and can send it away: one text is enough to make it leak",
        asset.id
    );
    Some(combination(scene, "agent-trifecta", &[asset], title, severity, parts))
}

/// The agent and what it uses.
fn own(scene: &Scene<'_, '_>, agent: usize) -> Vec<usize> {
    let used = scene.from[agent].iter().filter(|(relation, _)| relation.kind == RelationKind::Uses);
    let mut own: Vec<usize> = std::iter::once(agent).chain(used.map(|(_, target)| *target)).collect();
    own.sort_unstable();
    own.dedup();
    own
}

/// Findings at the agent and what it uses that show the condition.
fn found<'a>(scene: &Scene<'_, 'a>, agent: usize, condition: &str) -> Vec<Proof<'a>> {
    let shows =
        |rule: &str| SHOWING.iter().any(|(id, conditions)| *id == rule && conditions.contains(&condition));
    own(scene, agent)
        .into_iter()
        .flat_map(|position| {
            scene
                .findings_at(position)
                .filter(|finding| shows(&finding.rule))
                .map(move |finding| scene.shown(position, finding))
        })
        .collect()
}

/// The attribute says so at the agent or at what it uses; `unless` is an attribute by which a person stands in between.
fn said<'a>(scene: &Scene<'_, 'a>, agent: usize, attribute: &str, unless: &str) -> Vec<Proof<'a>> {
    own(scene, agent)
        .into_iter()
        .map(|position| scene.asset(position))
        .filter(|asset| asset.attribute(attribute) == Some("yes") && asset.attribute(unless) != Some("yes"))
        .map(|asset| Proof { asset, words: format!("{} says {attribute} = yes", asset.id), finding: None })
        .collect()
}

fn outside(asset: &Asset) -> bool {
    asset.component == "external_service"
}

/// A declared flow in words.
fn flow(relation: &Relation) -> String {
    format!("declared: {} sends to {} ({})", relation.from, relation.to, relation.locator)
}

/// What shows that strangers' words arrive, and whether anyone on the internet can write them.
fn untrusted<'a>(scene: &Scene<'_, 'a>, agent: usize) -> (Vec<Proof<'a>>, bool) {
    let asset = scene.asset(agent);
    let mut proofs = found(scene, agent, UNTRUSTED);
    proofs.extend(said(scene, agent, "untrusted_input", "human_gate"));
    let (exposure, words) = scene.exposure(agent);
    let mut public = exposure == Exposure::Public;
    if exposure >= Exposure::Partner {
        proofs.push(Proof { asset, words, finding: None });
    }
    for (relation, source) in scene.to[agent].iter().filter(|(one, _)| one.kind == RelationKind::SendsTo) {
        let facts = FlowFacts::of(&relation.attributes);
        let (reach, _) = scene.exposure(*source);
        let strangers =
            outside(scene.asset(*source)) || reach >= Exposure::Partner || facts.boundary.is_some();
        let travels = facts.data_direction.is_none_or(Direction::goes_forward);
        if strangers && travels && facts.human_gate != Some(true) {
            let anyone = facts.boundary.as_deref().is_some_and(|name| name.contains("internet"));
            public |= anyone || reach == Exposure::Public;
            proofs.push(Proof { asset, words: flow(relation), finding: None });
        }
    }
    (proofs, public)
}

fn private<'a>(scene: &Scene<'_, 'a>, agent: usize) -> Vec<Proof<'a>> {
    let asset = scene.asset(agent);
    let mut proofs = found(scene, agent, PRIVATE);
    for position in own(scene, agent) {
        proofs.extend(scene.data(position));
    }
    for (relation, target) in &scene.from[agent] {
        if matches!(relation.kind, RelationKind::Reads | RelationKind::Loads) {
            proofs.extend(scene.data(*target));
        }
    }
    for (relation, _) in scene.from[agent].iter().chain(&scene.to[agent]) {
        if let Some(words) = flow_data(relation) {
            proofs.push(Proof { asset, words, finding: None });
        }
    }
    proofs
}

fn way_out<'a>(scene: &Scene<'_, 'a>, agent: usize) -> Vec<Proof<'a>> {
    let mut proofs = found(scene, agent, OUT);
    proofs.extend(said(scene, agent, "way_out", "approval"));
    for position in own(scene, agent) {
        for (relation, target) in &scene.from[position] {
            let facts = FlowFacts::of(&relation.attributes);
            let leaves = relation.kind == RelationKind::SendsTo
                && (outside(scene.asset(*target)) || facts.boundary.is_some());
            let travels = facts.data_direction.is_none_or(Direction::goes_forward);
            if leaves && travels && facts.human_gate != Some(true) {
                proofs.push(Proof { asset: scene.asset(position), words: flow(relation), finding: None });
            }
        }
    }
    proofs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_show_conditions_that_exist() {
        assert!(SHOWING.is_sorted_by_key(|(rule, _)| *rule));
        for (rule, conditions) in SHOWING {
            assert!(conditions.iter().all(|one| [UNTRUSTED, PRIVATE, OUT].contains(one)), "{rule}");
        }
    }
}
