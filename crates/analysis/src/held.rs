//! Which controls hold at an asset, and what proves each of them.

use std::collections::BTreeMap;

use vauban_domain::{
    Asset, AssetId, Claim, Exercise, Family, Finding, Outcome, Proof, Rule, Rung, TechniqueId, Verdict,
};
use vauban_knowledge::{Control, Knowledge};

use crate::facts::{Facts, VendorAnswer, by_asset, means, speaks_for};
use crate::gap::{Served, aged};

/// A fact about an asset that shows a control in place.
struct Sign {
    /// Asset attribute.
    attribute: &'static str,
    /// Values that do *not* show it; any other value does.
    denials: &'static [&'static str],
    /// Control it shows.
    control: &'static str,
}

/// Values that say "no" or "not known".
const NO: &[&str] = &["", "0", "false", "no", "none", "off", "unknown"];

/// Attributes that show controls, by attribute.
const SIGNS: &[Sign] = &[
    Sign { attribute: "authentication", denials: NO, control: "authenticate-endpoint" },
    Sign { attribute: "encrypted", denials: NO, control: "encrypt-at-rest" },
    Sign { attribute: "human_gate", denials: NO, control: "human-approval" },
    Sign { attribute: "network_policy", denials: NO, control: "network-policy" },
    Sign { attribute: "rate_limit", denials: NO, control: "rate-limit" },
    Sign { attribute: "signed", denials: NO, control: "model-signing" },
];

/// A control at an asset, with one piece of proof.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Held<'a, 'k> {
    pub(crate) control: &'k Control,
    pub(crate) proof: Proof,
    /// Techniques it was put to the test against; empty for proofs that are no test.
    pub(crate) exercised: &'a [TechniqueId],
}

impl Held<'_, '_> {
    /// The proof as far as it goes for `technique`: a control that held against another technique is one seen in
    /// place.
    pub(crate) fn proof_for(&self, technique: &str) -> Proof {
        let mut proof = self.proof.clone();
        if proof.rung == Rung::Exercised && !self.exercised.iter().any(|own| speaks_for(own, technique)) {
            proof.rung = Rung::Configured;
            proof.what.push_str(", against another technique");
        }
        proof
    }
}

/// What speaks for and against controls, sorted by asset.
pub(crate) struct Controls<'a, 'k> {
    facts: Facts<'a>,
    knowledge: &'k Knowledge,
    rules: BTreeMap<&'a str, &'a Rule>,
    served: Served<'a>,
    findings: BTreeMap<&'a AssetId, Vec<&'a Finding>>,
    outcomes: BTreeMap<&'a AssetId, Vec<&'a Outcome>>,
    exercises: BTreeMap<&'a AssetId, Vec<&'a Exercise>>,
}

impl<'a, 'k> Controls<'a, 'k> {
    pub(crate) fn new(facts: Facts<'a>, knowledge: &'k Knowledge) -> Self {
        Self {
            facts,
            knowledge,
            rules: facts.rules_by_id(),
            served: Served::of(&facts),
            findings: by_asset(facts.findings, |finding| &finding.asset),
            outcomes: by_asset(facts.outcomes, |outcome| &outcome.asset),
            exercises: by_asset(facts.exercises, |exercise| &exercise.asset),
        }
    }

    pub(crate) fn answers(&self) -> &'a [VendorAnswer] {
        &self.facts.brought.answers
    }

    pub(crate) fn findings_at(&self, asset: &AssetId) -> &[&'a Finding] {
        self.findings.get(asset).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn outcomes_at(&self, asset: &AssetId) -> &[&'a Outcome] {
        self.outcomes.get(asset).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn exercises_at(&self, asset: &AssetId) -> &[&'a Exercise] {
        self.exercises.get(asset).map_or(&[], Vec::as_slice)
    }

    /// Every control with proof at `asset`, by control id; a control can appear more than once.
    pub(crate) fn held_at(&self, asset: &Asset) -> Vec<Held<'a, 'k>> {
        let claims: Vec<&Claim> = self
            .facts
            .declaration
            .claims
            .iter()
            .filter(|claim| claim.applies_to.iter().any(|pattern| means(pattern, asset)))
            .collect();
        let answers = self.affirmed_at(asset);
        let mut held = Vec::new();
        for control in &self.knowledge.controls {
            let fits = fits(control, asset);
            let mut push = |proof, exercised| held.push(Held { control, proof, exercised });
            // What held in an exercise counts wherever that was, and at endpoints in front of it.
            let behind = self.served.by_endpoint.get(&asset.id).filter(|_| fits).into_iter().flatten();
            for place in std::iter::once(&asset.id).chain(behind.map(|model| &model.id)) {
                for exercise in self.exercises_at(place) {
                    if exercise.holding.contains(&control.id) {
                        let mut proof = self.proof_of_exercise(control, exercise);
                        proof.inherited_from = (*place != asset.id).then(|| place.to_string());
                        push(proof, &exercise.techniques);
                    }
                }
            }
            if !fits {
                continue;
            }
            let supposed = self.facts.supposed.iter().any(|supposed| {
                supposed.control == control.id && (supposed.at.is_empty() || means(&supposed.at, asset))
            });
            if supposed {
                let proof = Proof {
                    rung: Rung::Configured,
                    what: format!("{}: supposed to be in place", control.id),
                    locator: None,
                    as_of: self.facts.now,
                    inherited_from: None,
                };
                push(proof, &[]);
                continue;
            }
            if self.contradicted(control, asset) {
                // A rule that the control should keep silent has findings here: neither the word of a person nor a
                // setting outweighs that.
                continue;
            }
            for sign in SIGNS.iter().filter(|sign| sign.control == control.id) {
                if let Some(value) = asset.attribute(sign.attribute)
                    && !sign.denials.contains(&value)
                {
                    let proof = Proof {
                        rung: Rung::Configured,
                        what: format!("{}: {} = {value}", control.id, sign.attribute),
                        locator: asset.locators.first().map(|place| place.clone().at_key(sign.attribute)),
                        as_of: self.facts.now,
                        inherited_from: None,
                    };
                    push(proof, &[]);
                }
            }
            if let Some(proof) = self.proof_of_silence(control, asset) {
                push(proof, &[]);
            }
            for claim in claims.iter().filter(|claim| claim.control == control.id) {
                let proof = Proof {
                    rung: Rung::Claimed,
                    what: format!("{}: claimed by {}", control.id, claim.owner),
                    locator: Some(claim.locator.clone()),
                    as_of: claim.date,
                    inherited_from: of_system(claim, asset),
                };
                push(proof, &[]);
            }
            for answer in answers.iter().filter(|answer| answer.control == control.id) {
                let shown = if answer.evidence.is_empty() { "" } else { " and shows something for it" };
                let proof = Proof {
                    rung: Rung::Claimed,
                    what: format!("{}: {} says yes{shown}", control.id, answer.vendor),
                    locator: Some(answer.locator.clone()),
                    as_of: answer.answered,
                    inherited_from: None,
                };
                push(proof, &[]);
            }
        }
        held
    }

    /// What vendors of the asset say yes to.
    fn affirmed_at(&self, asset: &Asset) -> Vec<&'a VendorAnswer> {
        let vendors: Vec<&str> = self
            .facts
            .declaration
            .vendors
            .iter()
            .filter(|vendor| vendor.assets.iter().any(|pattern| means(pattern, asset)))
            .map(|vendor| vendor.name.as_str())
            .collect();
        let answers = self.facts.brought.answers.iter();
        answers.filter(|one| one.answer == "yes" && vendors.contains(&one.vendor.as_str())).collect()
    }

    /// Findings at the asset of rules that the control should keep silent.
    pub(crate) fn against(&self, control: &Control, asset: &Asset) -> Vec<&'a Finding> {
        let findings = self.findings_at(&asset.id).iter().copied();
        findings.filter(|finding| self.speaks_of(control, &finding.rule)).collect()
    }

    /// Whether `rule` is one that a working control keeps silent because nothing is wrong, rather than because nobody
    /// attacks: an alert, or the absence of one, says nothing about a control.
    fn speaks_of(&self, control: &Control, rule: &str) -> bool {
        control.silences.iter().any(|silenced| silenced == rule)
            && self.rules.get(rule).is_some_and(|rule| rule.family != Family::Detection)
    }

    /// Whether a rule that this control should keep silent has findings at the asset.
    fn contradicted(&self, control: &Control, asset: &Asset) -> bool {
        self.findings_at(&asset.id).iter().any(|finding| self.speaks_of(control, &finding.rule))
    }

    /// All rules that the control keeps silent and that can apply here looked, and none found anything.
    fn proof_of_silence(&self, control: &Control, asset: &Asset) -> Option<Proof> {
        let mut clean = Vec::new();
        for outcome in self.outcomes_at(&asset.id) {
            if !self.speaks_of(control, &outcome.rule) {
                continue;
            }
            match &outcome.verdict {
                Verdict::Clean => clean.push(outcome.rule.as_ref()),
                Verdict::NotApplicable(_) => {}
                Verdict::Found(_) | Verdict::Skipped(_) | Verdict::Failed(_) => return None,
            }
        }
        (!clean.is_empty()).then(|| Proof {
            rung: Rung::Configured,
            what: format!("{}: {} looked and found nothing", control.id, clean.join(", ")),
            locator: asset.locators.first().cloned(),
            as_of: self.facts.now,
            inherited_from: None,
        })
    }

    fn proof_of_exercise(&self, control: &Control, exercise: &Exercise) -> Proof {
        let bare = exercise.runs.first().map(|run| run.success);
        let with = exercise
            .runs
            .iter()
            .filter(|run| run.controls.iter().any(|setting| setting.control == control.id))
            .map(|run| run.success)
            .min_by(f64::total_cmp);
        let what = match (bare, with) {
            (Some(bare), Some(with)) => format!(
                "{}: {} came down from {bare:.2} to {with:.2} in exercise {}",
                control.id, exercise.attack, exercise.id
            ),
            _ => format!("{}: held in exercise {}", control.id, exercise.id),
        };
        Proof { rung: Rung::Exercised, what, locator: None, as_of: self.facts.now, inherited_from: None }
    }

    /// The best rung each control holds at `asset` today, by control id; only rungs above `Blind`.
    pub(crate) fn rungs_at(&self, asset: &Asset) -> BTreeMap<&'k str, (Rung, String)> {
        let mut rungs: BTreeMap<&str, (Rung, String)> = BTreeMap::new();
        for Held { control, proof, .. } in self.held_at(asset) {
            let rung = aged(proof.rung, proof.as_of, self.facts.now, self.facts.half_life_days());
            let better = rungs.get(control.id.as_str()).is_none_or(|(best, _)| rung > *best);
            if rung > Rung::Blind && better {
                rungs.insert(&control.id, (rung, proof.what));
            }
        }
        rungs
    }
}

/// `system:NAME` when the claim names the asset's system and not the asset itself.
fn of_system(claim: &Claim, asset: &Asset) -> Option<String> {
    let system = asset.system.as_deref()?;
    let own = |pattern: &String| pattern != system && means(pattern, asset);
    (claim.applies_to.iter().any(|pattern| pattern == system) && !claim.applies_to.iter().any(own))
        .then(|| format!("system:{system}"))
}

/// Whether a control can be placed on this asset.
pub(crate) fn fits(control: &Control, asset: &Asset) -> bool {
    control.components.is_empty() || control.components.contains(&asset.component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_names_a_control_of_the_library() {
        let knowledge = Knowledge::builtin();
        assert!(SIGNS.is_sorted_by_key(|sign| sign.attribute));
        for sign in SIGNS {
            assert!(knowledge.control(sign.control).is_some(), "{}", sign.control);
        }
    }
}
