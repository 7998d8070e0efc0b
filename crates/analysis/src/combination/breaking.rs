//! Controls that take a condition out of a combination.

use std::collections::BTreeSet;

use vauban_domain::{Aspect, CombinationPart, Rung};
use vauban_knowledge::Control;

use super::scene::Scene;
use crate::facts::related;
use crate::graph::assumptions::weight;
use crate::held::fits;

/// Controls named, at most.
const MOST: usize = 8;

/// Techniques that make use of each condition, sorted by condition.
const USED_BY: &[(&str, &[&str])] = &[
    ("exposure", &["AML.T0040", "AML.T0049", "AML.T0132"]),
    ("private-data", &["AML.T0036", "AML.T0057", "AML.T0085"]),
    ("privilege", &["AML.T0012", "AML.T0091", "AML.T0105"]),
    ("sensitive-data", &["AML.T0035", "AML.T0036", "AML.T0037", "AML.T0057"]),
    ("untrusted-input", &["AML.T0051", "AML.T0093"]),
    ("way-out", &["AML.T0025", "AML.T0086"]),
];

/// Preventing controls that act on a part where it holds and are not seen in place there, cheapest first.
pub(super) fn controls(scene: &Scene<'_, '_>, parts: &[CombinationPart]) -> Vec<String> {
    let in_place = in_place(scene, parts);
    let mut acting: Vec<&Control> = scene
        .graph
        .knowledge
        .controls
        .iter()
        .enumerate()
        .filter(|(index, control)| {
            // What only notices or answers leaves the way open.
            control.aspects.contains(&Aspect::Prevent)
                && parts.iter().any(|part| {
                    let Some(position) = scene.position(&part.asset) else { return false };
                    fits(control, scene.asset(position))
                        && acts_on(scene, control, position, part)
                        && !in_place.contains(&(*index, position))
                })
        })
        .map(|(_, control)| control)
        .collect();
    acting.sort_by(|one, other| {
        (one.cost_low + one.cost_high)
            .total_cmp(&(other.cost_low + other.cost_high))
            .then_with(|| one.id.cmp(&other.id))
    });
    acting.into_iter().take(MOST).map(|control| control.id.clone()).collect()
}

/// Controls at the assets of the parts that are at least seen in a configuration.
fn in_place(scene: &Scene<'_, '_>, parts: &[CombinationPart]) -> BTreeSet<(usize, usize)> {
    let places: BTreeSet<usize> = parts.iter().filter_map(|part| scene.position(&part.asset)).collect();
    let graph = scene.graph;
    (graph.placements.iter().zip(&graph.weights))
        .filter(|(placement, held)| **held >= weight(Rung::Configured) && places.contains(&placement.asset))
        .map(|(placement, _)| (placement.control, placement.asset))
        .collect()
}

/// A control acts on a condition when it silences the finding that shows it, or is made against what makes use of it.
fn acts_on(scene: &Scene<'_, '_>, control: &Control, position: usize, part: &CombinationPart) -> bool {
    let findings: Vec<_> =
        scene.findings_at(position).filter(|finding| part.findings.contains(&finding.fingerprint)).collect();
    let silences = findings
        .iter()
        .any(|finding| control.silences.iter().any(|rule| rule.as_str() == finding.rule.as_ref()));
    let against = |technique: &str| control.techniques.iter().any(|own| related(own, technique));
    let used_by = USED_BY.iter().find(|(condition, _)| *condition == part.condition);
    silences
        || used_by.is_some_and(|(_, techniques)| techniques.iter().any(|technique| against(technique)))
        || findings
            .iter()
            .filter_map(|finding| scene.rule(finding))
            .flat_map(|rule| rule.techniques.iter())
            .any(|technique| part.condition == "weakness" && against(technique))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vauban_knowledge::Knowledge;

    #[test]
    fn techniques_exist_and_some_control_is_made_against_each_condition() {
        let knowledge = Knowledge::builtin();
        assert!(USED_BY.is_sorted_by_key(|(condition, _)| *condition));
        for (condition, techniques) in USED_BY {
            for technique in *techniques {
                assert!(knowledge.atlas.technique(technique).is_some(), "{technique}");
            }
            let against = |control: &Control| {
                techniques.iter().any(|one| control.techniques.iter().any(|own| related(own, one)))
            };
            assert!(knowledge.controls.iter().any(against), "{condition}");
        }
    }
}
