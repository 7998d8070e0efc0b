//! Coverage: how well each ATLAS technique is covered on each asset, and what proves it.
//!
//! For every asset and technique there are four scores (prevent, detect, respond, tested), each on the strongest
//! evidence that still holds today:
//!
//! - **prevent**: controls at the asset, or at an endpoint in front of it: claimed, seen in a configuration, or held
//!   in an exercise; and attacks that the asset itself held off. A technique that any measured attack broke gets
//!   nothing from the others.
//! - **detect**: a detection with its log there; `exercised` once it raised the alarm on an attack.
//! - **respond**: controls that act on it.
//! - **tested**: attacks run are `exercised` whatever came of them; passive rules that looked are `configured`.
//!
//! What was skipped or failed is `blind` and says so. Techniques that cannot happen to a model, an endpoint or an
//! agent are listed as not applicable with the reason; the rest of the matrix is left out.

mod applicability;
mod judge;
mod ladder;
mod scores;

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    Asset, AssetId, AssetKind, Coverage, Finding, Measurement, Outcome, Rule, TechniqueId, Verdict,
};
use vauban_knowledge::Knowledge;

pub(crate) use applicability::{Served, mapped, platform_mismatch, platforms};
pub(crate) use judge::judge;
pub use ladder::aged;
use ladder::not_applicable;

use crate::facts::{DetectionInForce, Facts, bare};
use crate::held::{Controls, Held};

/// Coverage of every technique that applies, by asset and then technique.
pub fn coverage(facts: &Facts<'_>, knowledge: &Knowledge) -> Vec<Coverage> {
    let look = Look {
        facts: *facts,
        knowledge,
        rules: facts.rules_by_id(),
        served: Served::of(facts),
        controls: Controls::new(*facts, knowledge),
        mapped: facts
            .inventory
            .assets
            .iter()
            .map(|asset| asset.component.as_str())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|component| (component, mapped(component, knowledge)))
            .collect(),
    };
    let mut coverage: Vec<Coverage> =
        facts.inventory.assets.iter().flat_map(|asset| look.at(asset)).collect();
    coverage.sort_by(|left, right| (&left.asset, &left.technique).cmp(&(&right.asset, &right.technique)));
    coverage
}

/// Everything coverage is read from, indexed.
struct Look<'a, 'k> {
    facts: Facts<'a>,
    knowledge: &'k Knowledge,
    rules: BTreeMap<&'a str, &'a Rule>,
    served: Served<'a>,
    controls: Controls<'a, 'k>,
    /// Techniques by component kind.
    mapped: BTreeMap<&'a str, BTreeSet<&'k str>>,
}

/// What is known about one asset before any technique is asked about.
struct Subject<'a, 'k> {
    asset: &'a Asset,
    /// Controls at the asset and at endpoints in front of it.
    held: Vec<Held<'a, 'k>>,
    /// Measurements of the asset and of the models it serves.
    measurements: Vec<(&'a Asset, &'a Measurement)>,
    detections: Vec<&'a DetectionInForce>,
    outcomes: &'a [&'a Outcome],
    findings: &'a [&'a Finding],
}

impl<'a, 'k> Look<'a, 'k> {
    fn at(&'a self, asset: &'a Asset) -> Vec<Coverage> {
        let subject = self.subject(asset);
        let platforms = platforms(asset, &self.served);
        let mut wanted: BTreeMap<String, Option<String>> = BTreeMap::new();
        let empty = BTreeSet::new();
        let mapped = self.mapped.get(asset.component.as_str()).unwrap_or(&empty);
        let explained = matches!(asset.kind, AssetKind::Agent | AssetKind::Endpoint | AssetKind::Model);
        for technique in &self.knowledge.atlas.techniques {
            let id = technique.id.as_str();
            let mismatch = platform_mismatch(technique, asset, &platforms, self.knowledge);
            if mismatch.is_none() && mapped.contains(id) {
                wanted.insert(id.to_owned(), None);
            } else if explained && mismatch.is_some() {
                wanted.insert(id.to_owned(), mismatch);
            }
        }
        for (technique, reason) in self.asked_for(&subject) {
            if !wanted.contains_key(technique) {
                wanted.insert(technique.to_owned(), Some(reason));
            }
        }
        // Evidence outranks the table: what was attacked or found here can happen here.
        for technique in self.evident(&subject) {
            wanted.insert(technique.to_owned(), None);
        }
        wanted
            .into_iter()
            .map(|(technique, why_not)| match why_not {
                Some(reason) => blank(technique, &asset.id, &reason),
                None => self.scores(technique, &subject),
            })
            .collect()
    }

    fn subject(&'a self, asset: &'a Asset) -> Subject<'a, 'k> {
        let mut held = self.controls.held_at(asset);
        for front in self.served.by_model.get(&asset.id).into_iter().flatten() {
            held.extend(self.controls.held_at(front).into_iter().map(|mut held| {
                held.proof.what = format!("{}, at {} in front of it", held.proof.what, front.id);
                // What the endpoint has from this very model is no second hand.
                let own = held.proof.inherited_from.as_deref() == Some(asset.id.as_str());
                held.proof.inherited_from = (!own).then(|| front.id.to_string());
                held
            }));
        }
        let own = std::iter::once(asset);
        let behind = self.served.by_endpoint.get(&asset.id).into_iter().flatten().copied();
        let measurements = own
            .chain(behind)
            .flat_map(|measured| {
                self.facts
                    .measurements
                    .iter()
                    .filter(move |measurement| measurement.asset == measured.id)
                    .map(move |measurement| (measured, measurement))
            })
            .collect();
        Subject {
            asset,
            held,
            measurements,
            detections: self
                .facts
                .detections
                .iter()
                .filter(|detection| detection.assets.contains(&asset.id))
                .collect(),
            outcomes: self.controls.outcomes_at(&asset.id),
            findings: self.controls.findings_at(&asset.id),
        }
    }

    /// Techniques that evidence at the asset names.
    fn evident(&'a self, subject: &Subject<'a, 'k>) -> BTreeSet<&'a str> {
        let measured = subject.measurements.iter().flat_map(|(_, measurement)| &measurement.techniques);
        let exercised =
            self.controls.exercises_at(&subject.asset.id).iter().flat_map(|exercise| &exercise.techniques);
        let found = subject
            .findings
            .iter()
            .filter_map(|finding| self.rules.get(finding.rule.as_ref()))
            .flat_map(|rule| rule.techniques.iter());
        measured.chain(exercised).chain(found).map(|technique| bare(technique)).collect()
    }

    /// Techniques that a detection or a rule asked about, with the reason why they do not apply.
    fn asked_for(&'a self, subject: &Subject<'a, 'k>) -> Vec<(&'a str, String)> {
        let mut asked: Vec<(&str, String)> = Vec::new();
        for outcome in subject.outcomes {
            if let Verdict::NotApplicable(why) = &outcome.verdict
                && let Some(rule) = self.rules.get(outcome.rule.as_ref())
            {
                asked.extend(rule.techniques.iter().map(|id| (bare(id), format!("{}: {why}", rule.id))));
            }
        }
        for detection in &subject.detections {
            let why = format!(
                "{} watches for it, but no MAESTRO threat of a {} uses it",
                detection.rule, subject.asset.component
            );
            asked.extend(detection.techniques.iter().map(|id| (bare(id), why.clone())));
        }
        asked
    }
}

/// The row of a technique that cannot happen here.
fn blank(technique: String, asset: &AssetId, reason: &str) -> Coverage {
    Coverage {
        technique: TechniqueId::from(technique),
        asset: asset.clone(),
        prevent: not_applicable(reason),
        detect: not_applicable(reason),
        respond: not_applicable(reason),
        tested: not_applicable(reason),
    }
}
