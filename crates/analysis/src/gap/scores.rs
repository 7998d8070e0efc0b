//! The four scores of one technique on one asset.

use std::collections::BTreeSet;

use vauban_domain::{
    Aspect, Asset, AssetId, Coverage, Exercise, Outcome, Proof, Rung, Score, TechniqueId, Verdict,
};

use super::judge::{Judgement, judge};
use super::ladder::settle;
use super::{Look, Subject};
use crate::facts::{related, speaks_for};

impl<'a, 'k> Look<'a, 'k> {
    pub(super) fn scores(&'a self, technique: String, subject: &Subject<'a, 'k>) -> Coverage {
        Coverage {
            prevent: self.prevent(&technique, subject),
            detect: self.detect(&technique, subject),
            respond: self.respond(&technique, subject),
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
            .map(|held| held.proof_for(technique))
            .collect()
    }

    fn prevent(&self, technique: &str, subject: &Subject<'a, 'k>) -> Score {
        let mut proofs = self.by_controls(technique, subject, Aspect::Prevent);
        let mut broken: Vec<Judgement> = Vec::new();
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
                    inherited_from: other(&measured.id, subject),
                }),
                Some(judgement) => broken.push(judgement),
                None => {}
            }
        }
        if broken.is_empty() {
            proofs.extend(held_off);
        }
        let worst = broken.iter().max_by(|left, right| left.success.total_cmp(&right.success));
        let found = self.rules_that_found(technique, subject);
        let otherwise = match (worst, found.is_empty()) {
            (Some(_), _) => "no control is in the way".to_owned(),
            (None, false) => format!("looked, and {} has findings here", found.join(", ")),
            (None, true) => self.why_blind(technique, subject, "no control is claimed or seen"),
        };
        let mut score = self.settle(proofs, &otherwise);
        if let Some(worst) = worst {
            score.reason = format!("{}; broken: {}", score.reason, worst.words);
        }
        score
    }

    /// Controls that act on it, and drills of a path that goes through here by this technique.
    fn respond(&self, technique: &str, subject: &Subject<'a, 'k>) -> Score {
        let mut proofs = self.by_controls(technique, subject, Aspect::Respond);
        for drill in &self.facts.brought.drills {
            let here = drill.assets.contains(&subject.asset.id)
                && drill.techniques.iter().any(|id| speaks_for(id, technique));
            // Whoever dates a drill into the future has not played it yet.
            if !here || drill.finished > self.facts.now {
                continue;
            }
            let (rung, left) = match drill.missed {
                0 => (Rung::Exercised, String::new()),
                missed => (Rung::Configured, format!(", but {missed} steps of containment were left out")),
            };
            proofs.push(Proof {
                rung,
                what: format!("drill {} was played{left}", drill.id),
                locator: Some(drill.locator.clone()),
                as_of: drill.finished,
                inherited_from: None,
            });
        }
        self.settle(proofs, "nobody has said or shown what acts on it")
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
            // A log that no longer arrives proves less with every day.
            let arrived = detection.last_event.map_or(self.facts.now, |last| last.min(self.facts.now));
            proofs.push(Proof {
                rung: Rung::Configured,
                what: format!("{} reads its log", detection.rule),
                locator: detection.log.clone(),
                as_of: arrived,
                inherited_from: None,
            });
            for finding in subject.findings.iter().filter(|finding| finding.rule == detection.rule) {
                let evidence = finding.evidence.first();
                proofs.push(Proof {
                    rung: Rung::Exercised,
                    what: format!("{} raised the alarm on real traffic", detection.rule),
                    locator: evidence.map(|evidence| evidence.locator.clone()),
                    as_of: evidence.and_then(|evidence| evidence.observed_at).unwrap_or(arrived),
                    inherited_from: None,
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
                    inherited_from: other(&exercise.asset, subject),
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
                    inherited_from: other(&measured.id, subject),
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
                    inherited_from: other(&exercise.asset, subject),
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
                inherited_from: None,
            });
        }
        let otherwise = self.why_blind(technique, subject, "nobody looked");
        self.settle(proofs, &otherwise)
    }

    /// Exercises at the asset, or at a model that it serves.
    fn exercises_on(&self, asset: &Asset) -> impl Iterator<Item = &'a Exercise> {
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

/// The asset that evidence is about, when it is not the one that is scored.
fn other(asset: &AssetId, subject: &Subject<'_, '_>) -> Option<String> {
    (*asset != subject.asset.id).then(|| asset.to_string())
}
