//! Toxic combinations: conditions that are bearable one by one and a way in together.
//!
//! Two kinds are looked for. `exposed-path`: something reached from outside leads, past an open weakness and wide rights, to
//! sensitive data. `agent-trifecta`: one agent, with its tools and flows, takes in what strangers write, has private
//! data and has a way out (Willison, "The lethal trifecta for AI agents", 2025). Every condition stands on a finding, an
//! attribute or a declaration and names it; what nobody has found or said makes no combination, and its absence here
//! is no proof of safety.

mod agent;
mod breaking;
mod path;
mod scene;

use vauban_domain::{Asset, CombinationPart, Digest, Fingerprint, Severity, ToxicCombination};

use crate::ThreatGraph;
use scene::Scene;

/// Combinations of one kind that a review tells, worst first.
const MOST: usize = 50;
/// Proofs of one condition that are told in words.
const TOLD: usize = 3;

/// All combinations, worst first.
pub(crate) fn combinations(graph: &ThreatGraph<'_>) -> Vec<ToxicCombination> {
    let scene = Scene::new(graph);
    let mut all = path::combinations(&scene);
    worst(&mut all);
    let mut agents = agent::combinations(&scene);
    worst(&mut agents);
    all.extend(agents);
    worst_first(&mut all);
    all
}

fn worst(combinations: &mut Vec<ToxicCombination>) {
    worst_first(combinations);
    combinations.truncate(MOST);
}

fn worst_first(combinations: &mut [ToxicCombination]) {
    combinations.sort_by(|one, other| (other.severity, &one.id).cmp(&(one.severity, &other.id)));
}

/// Something that shows a condition at an asset.
#[derive(Debug, Clone, PartialEq)]
struct Proof<'a> {
    asset: &'a Asset,
    /// In words, with where it was declared or seen.
    words: String,
    /// The finding that shows it.
    finding: Option<&'a Fingerprint>,
}

/// A condition out of what shows it: at the asset of the first proof, findings before words. `None` without any proof.
fn part(condition: &'static str, mut proofs: Vec<Proof<'_>>) -> Option<CombinationPart> {
    proofs.sort_by(|one, other| {
        (one.finding.is_none(), &one.asset.id, &one.words).cmp(&(
            other.finding.is_none(),
            &other.asset.id,
            &other.words,
        ))
    });
    proofs.dedup();
    let first = proofs.first()?;
    let mut words: Vec<&str> = proofs.iter().take(TOLD).map(|proof| proof.words.as_str()).collect();
    let more = format!("{} more", proofs.len().saturating_sub(TOLD));
    if proofs.len() > TOLD {
        words.push(&more);
    }
    let mut findings: Vec<Fingerprint> = proofs.iter().filter_map(|proof| proof.finding.cloned()).collect();
    findings.sort();
    findings.dedup();
    Some(CombinationPart {
        condition: condition.into(),
        asset: first.asset.id.clone(),
        shown_by: words.join("; "),
        findings,
    })
}

/// A combination with the controls that break it.
fn combination(
    scene: &Scene<'_, '_>,
    kind: &'static str,
    ends: &[&Asset],
    title: String,
    severity: Severity,
    parts: Vec<CombinationPart>,
) -> ToxicCombination {
    let ids: Vec<&str> = ends.iter().map(|asset| asset.id.as_str()).collect();
    let digest = Digest::of(ids.join("\n").as_bytes()).hex();
    let broken_by = breaking::controls(scene, &parts);
    ToxicCombination {
        id: format!("{kind}-{}", digest.get(..12).unwrap_or(&digest)),
        kind: kind.into(),
        title,
        severity,
        parts,
        broken_by,
    }
}
