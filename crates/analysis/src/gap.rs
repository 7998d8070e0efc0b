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

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    Aspect, Asset, AssetId, AssetKind, Coverage, Finding, Measurement, Outcome, Proof, Rule, Rung, Score,
    TechniqueId, Verdict,
};
use vauban_knowledge::Knowledge;

pub(crate) use applicability::{Served, mapped, platform_mismatch, platforms};
pub(crate) use judge::judge;
pub use ladder::aged;
use ladder::{not_applicable, settle};

use crate::facts::{DetectionInForce, Facts, bare, related, speaks_for};
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
    held: Vec<Held<'k>>,
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

    fn scores(&'a self, technique: String, subject: &Subject<'a, 'k>) -> Coverage {
        Coverage {
            prevent: self.prevent(&technique, subject),
            detect: self.detect(&technique, subject),
            respond: self.settle(
                self.by_controls(&technique, subject, Aspect::Respond),
                "nobody has said or shown what acts on it",
            ),
            tested: self.tested(&technique, subject),
            technique: TechniqueId::from(technique),
            asset: subject.asset.id.clone(),
        }
    }

    fn settle(&self, proofs: Vec<Proof>, otherwise: &str) -> Score {
        settle(proofs, self.facts.now, self.facts.half_life_days(), otherwise)
    }

    /// Proofs of controls that do `aspect` about `technique`.
    fn by_controls(&self, technique: &str, subject: &Subject<'a, 'k>, aspect: Aspect) -> Vec<Proof> {
        subject
            .held
            .iter()
            .filter(|held| held.control.aspects.contains(&aspect))
            .filter(|held| held.control.techniques.iter().any(|id| related(id, technique)))
            .map(|held| held.proof.clone())
            .collect()
    }

    fn prevent(&self, technique: &str, subject: &Subject<'a, 'k>) -> Score {
        let mut proofs = self.by_controls(technique, subject, Aspect::Prevent);
        let mut broken: Vec<String> = Vec::new();
        let mut held_off: Vec<Proof> = Vec::new();
        for (measured, measurement) in &subject.measurements {
            if !measurement.techniques.iter().any(|id| speaks_for(id, technique)) {
                continue;
            }
            match judge(measurement, measured, self.facts.declaration) {
                Some(judgement) if judgement.held => held_off.push(Proof {
                    rung: Rung::Exercised,
                    what: format!("held off: {}", judgement.words),
                    locator: measured.locators.first().cloned(),
                    as_of: self.facts.now,
                }),
                Some(judgement) => broken.push(judgement.words),
                None => {}
            }
        }
        if broken.is_empty() {
            proofs.extend(held_off);
        }
        let found = self.rules_that_found(technique, subject);
        let otherwise = match (broken.first(), found.is_empty()) {
            (Some(_), _) => "no control is in the way".to_owned(),
            (None, false) => format!("looked, and {} has findings here", found.join(", ")),
            (None, true) => self.why_blind(technique, subject, "no control is claimed or seen"),
        };
        let mut score = self.settle(proofs, &otherwise);
        if let Some(worst) = broken.first() {
            score.reason = format!("{}; broken: {worst}", score.reason);
        }
        score
    }

    fn detect(&self, technique: &str, subject: &Subject<'a, 'k>) -> Score {
        let mut proofs = self.by_controls(technique, subject, Aspect::Detect);
        let mut without_log: Vec<&str> = Vec::new();
        for detection in &subject.detections {
            if !detection.techniques.iter().any(|id| speaks_for(id, technique)) {
                continue;
            }
            if !detection.log_present {
                without_log.push(&detection.rule);
                continue;
            }
            proofs.push(Proof {
                rung: Rung::Configured,
                what: format!("{} reads its log", detection.rule),
                locator: detection.log.clone(),
                as_of: self.facts.now,
            });
            for finding in subject.findings.iter().filter(|finding| finding.rule == detection.rule) {
                let evidence = finding.evidence.first();
                proofs.push(Proof {
                    rung: Rung::Exercised,
                    what: format!("{} raised the alarm on real traffic", detection.rule),
                    locator: evidence.map(|evidence| evidence.locator.clone()),
                    as_of: evidence.and_then(|evidence| evidence.observed_at).unwrap_or(self.facts.now),
                });
            }
        }
        let mut missed: Vec<&str> = Vec::new();
        for exercise in self.exercises_on(subject.asset) {
            if !exercise.techniques.iter().any(|id| speaks_for(id, technique)) {
                continue;
            }
            if exercise.detected {
                let alerts = exercise.runs.first().map(|run| run.alerts.join(", ")).unwrap_or_default();
                proofs.push(Proof {
                    rung: Rung::Exercised,
                    what: format!("{alerts} raised the alarm in exercise {}", exercise.id),
                    locator: None,
                    as_of: self.facts.now,
                });
            } else {
                missed.push(&exercise.id);
            }
        }
        let otherwise = if without_log.is_empty() {
            "no detection watches for it".to_owned()
        } else {
            format!("{} has no log to read", without_log.join(", "))
        };
        let mut score = self.settle(proofs, &otherwise);
        if let Some(exercise) = missed.first() {
            score.reason = format!("{}; exercise {exercise} raised no alarm", score.reason);
        }
        score
    }

    fn tested(&self, technique: &str, subject: &Subject<'a, 'k>) -> Score {
        let mut proofs = self.by_controls(technique, subject, Aspect::Tested);
        for (measured, measurement) in &subject.measurements {
            if measurement.techniques.iter().any(|id| speaks_for(id, technique)) {
                let judgement = judge(measurement, measured, self.facts.declaration);
                let result = match &judgement {
                    Some(judgement) if judgement.held => {
                        format!("attacked and held off: {}", judgement.words)
                    }
                    Some(judgement) => format!("attacked and broken: {}", judgement.words),
                    None => format!("measured: {}", measurement.id),
                };
                proofs.push(Proof {
                    rung: Rung::Exercised,
                    what: result,
                    locator: measured.locators.first().cloned(),
                    as_of: self.facts.now,
                });
            }
        }
        for exercise in self.exercises_on(subject.asset) {
            if exercise.techniques.iter().any(|id| speaks_for(id, technique)) {
                proofs.push(Proof {
                    rung: Rung::Exercised,
                    what: format!("exercise {} was run", exercise.id),
                    locator: None,
                    as_of: self.facts.now,
                });
            }
        }
        for outcome in self.looks(technique, subject).filter(|outcome| outcome.verdict.is_known()) {
            proofs.push(Proof {
                rung: Rung::Configured,
                what: match &outcome.verdict {
                    Verdict::Found(count) => format!("{} looked and found {count}", outcome.rule),
                    _ => format!("{} looked and found nothing", outcome.rule),
                },
                locator: subject.asset.locators.first().cloned(),
                as_of: self.facts.now,
            });
        }
        let otherwise = self.why_blind(technique, subject, "nobody looked");
        self.settle(proofs, &otherwise)
    }

    /// Exercises at the asset, or at a model that it serves.
    fn exercises_on(&self, asset: &Asset) -> impl Iterator<Item = &'a vauban_domain::Exercise> {
        let behind = self.served.by_endpoint.get(&asset.id).into_iter().flatten().copied();
        std::iter::once(&asset.id)
            .chain(behind.map(|model| &model.id))
            .flat_map(|id| self.controls.exercises_at(id).to_vec())
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Outcomes at the asset of rules about the technique.
    fn looks<'s>(
        &'s self,
        technique: &'s str,
        subject: &'s Subject<'a, 'k>,
    ) -> impl Iterator<Item = &'s &'a Outcome> {
        subject.outcomes.iter().filter(move |outcome| {
            self.rules
                .get(outcome.rule.as_ref())
                .is_some_and(|rule| rule.techniques.iter().any(|id| speaks_for(id, technique)))
        })
    }

    fn rules_that_found(&self, technique: &str, subject: &Subject<'a, 'k>) -> Vec<&'a str> {
        let rules: BTreeSet<&str> = subject
            .findings
            .iter()
            .filter_map(|finding| self.rules.get(finding.rule.as_ref()))
            .filter(|rule| rule.techniques.iter().any(|id| speaks_for(id, technique)))
            .map(|rule| rule.id.as_ref())
            .collect();
        rules.into_iter().collect()
    }

    /// Why nothing is known: looks that failed or were skipped, else `otherwise`.
    fn why_blind(&self, technique: &str, subject: &Subject<'a, 'k>, otherwise: &str) -> String {
        let failed = self.looks(technique, subject).find_map(|outcome| match &outcome.verdict {
            Verdict::Failed(why) => Some(format!("the look failed: {}: {why}", outcome.rule)),
            Verdict::Skipped(why) => Some(format!("not looked at: {}: {why}", outcome.rule)),
            _ => None,
        });
        failed.unwrap_or_else(|| otherwise.to_owned())
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
