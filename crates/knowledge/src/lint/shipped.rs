//! Whether the mappings that are compiled in hold: every id exists at its edition, every selector selects something.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Family, Rule};

use crate::frameworks::Entry;
use crate::requirements::{CLASSES, Indicator, JudgedBy, METRICS, ROLES, Requirement, RequirementSet};
use crate::{Control, Knowledge};

/// Something wrong with a mapping that is compiled in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShippedProblem {
    /// Kind and id of the fact, `indicator secrets-kept`.
    pub place: String,
    /// What is wrong with it.
    pub problem: String,
}

/// Everything wrong with the mappings of `knowledge`, given every rule there is; sorted.
pub fn shipped(knowledge: &Knowledge, rules: &[Rule]) -> Vec<ShippedProblem> {
    let mut lint = Lint {
        knowledge,
        rules: rules.iter().map(|rule| (rule.id.as_ref(), rule)).collect(),
        problems: Vec::new(),
    };
    let requirements = &knowledge.requirements;
    for set in &requirements.sets {
        lint.set(set);
    }
    let used: BTreeSet<&str> = requirements
        .sets
        .iter()
        .flat_map(|set| set.requirements.iter().flat_map(|requirement| &requirement.shown))
        .map(String::as_str)
        .collect();
    for indicator in requirements.indicators.values() {
        lint.indicator(indicator);
        if !used.contains(indicator.id.as_str()) {
            lint.report("indicator", &indicator.id, "no requirement is shown by it".to_owned());
        }
    }
    for control in &knowledge.controls {
        lint.control(control);
    }
    lint.threats();
    lint.places();
    lint.catalogues();
    lint.measures();
    lint.detections();
    lint.duties();
    lint.dates();
    lint.problems.sort();
    lint.problems.dedup();
    lint.problems
}

pub(super) struct Lint<'a> {
    pub(super) knowledge: &'a Knowledge,
    rules: BTreeMap<&'a str, &'a Rule>,
    problems: Vec<ShippedProblem>,
}

impl Lint<'_> {
    pub(super) fn report(&mut self, kind: &str, id: &str, problem: String) {
        self.problems.push(ShippedProblem { place: format!("{kind} {id}"), problem });
    }

    fn set(&mut self, set: &RequirementSet) {
        let mut seen = BTreeSet::new();
        for requirement in &set.requirements {
            let id = set.reference(requirement);
            let entry = self.knowledge.frameworks.entry(&requirement.id, &set.edition);
            if entry.is_none_or(|entry| entry.framework != set.framework) {
                let problem = format!("{} {} has no entry of this id", set.framework, set.edition);
                self.report("requirement", &id, problem);
            }
            if !seen.insert(&requirement.id) {
                self.report("requirement", &id, "it is there twice".to_owned());
            }
            self.requirement(&id, requirement);
        }
    }

    fn requirement(&mut self, id: &str, requirement: &Requirement) {
        match (requirement.by, requirement.shown.is_empty()) {
            (JudgedBy::People, false) => {
                self.report("requirement", id, "people judge it alone, yet indicators show it".to_owned());
            }
            (JudgedBy::Evidence | JudgedBy::Both, true) => {
                let problem = "nothing shows it; name indicators or say `by: people`";
                self.report("requirement", id, problem.to_owned());
            }
            _ => {}
        }
        for indicator in &requirement.shown {
            if !self.knowledge.requirements.indicators.contains_key(indicator) {
                self.report("requirement", id, format!("there is no indicator `{indicator}`"));
            }
        }
        for (words, known, what) in
            [(&requirement.roles, ROLES.as_slice(), "role"), (&requirement.classes, &CLASSES, "risk class")]
        {
            for word in words.iter().filter(|word| !known.contains(&word.as_str())) {
                self.report("requirement", id, format!("there is no {what} `{word}`"));
            }
        }
    }

    fn indicator(&mut self, indicator: &Indicator) {
        let id = &indicator.id;
        if indicator.is_empty() {
            self.report(
                "indicator",
                id,
                "it selects nothing; name rules, techniques, controls ...".to_owned(),
            );
        }
        if indicator.what.trim().is_empty() {
            self.report("indicator", id, "it does not say what it shows".to_owned());
        }
        for rule in &indicator.rules {
            match self.rules.get(rule.as_str()) {
                None => self.report("indicator", id, format!("there is no rule `{rule}`")),
                Some(known) if known.family == Family::Detection => {
                    let problem = format!("`{rule}` is an alert, which speaks neither for nor against");
                    self.report("indicator", id, problem);
                }
                Some(_) => {}
            }
        }
        for family in &indicator.families {
            let known = self.rules.values().any(|rule| rule.family.as_str() == family);
            if !known || family == Family::Detection.as_str() {
                self.report("indicator", id, format!("there is no family of rules `{family}`"));
            }
        }
        for reference in &indicator.owasp {
            if self.knowledge.resolve_text(reference).is_none() {
                self.report("indicator", id, format!("there is no entry `{reference}`"));
            } else if !self.rules.values().any(|rule| cites(self.knowledge, rule, reference)) {
                self.report("indicator", id, format!("no rule cites `{reference}`"));
            }
        }
        let techniques = indicator.coverage.iter().flat_map(|coverage| &coverage.techniques);
        for technique in techniques {
            if self.knowledge.atlas.technique(technique).is_none() {
                self.report("indicator", id, self.no_technique(technique));
            }
        }
        for control in &indicator.controls {
            if self.knowledge.control(control).is_none() {
                self.report("indicator", id, format!("there is no control `{control}`"));
            }
        }
        for metric in indicator.metrics.iter().filter(|metric| !METRICS.contains(&metric.as_str())) {
            self.report("indicator", id, format!("no attack reports `{metric}`"));
        }
    }

    fn control(&mut self, control: &Control) {
        let id = &control.id;
        for technique in &control.techniques {
            if self.knowledge.atlas.technique(technique).is_none() {
                self.report("control", id, self.no_technique(technique));
            }
        }
        for mitigation in &control.mitigations {
            if self.knowledge.atlas.mitigation(mitigation).is_none() {
                self.report("control", id, format!("ATLAS has no mitigation `{mitigation}`"));
            }
        }
        for threat in &control.threats {
            if self.knowledge.maestro.threat(threat).is_none() {
                self.report("control", id, format!("MAESTRO has no threat `{threat}`"));
            }
        }
        for rule in &control.silences {
            if !self.rules.contains_key(rule.as_str()) {
                self.report("control", id, format!("there is no rule `{rule}`"));
            }
        }
        self.components("control", id, &control.components);
        let share = control.effectiveness;
        if !(0.0 < share.low && share.low <= share.mode && share.mode <= share.high && share.high < 1.0) {
            self.report("control", id, "its effectiveness is no rising range between 0 and 1".to_owned());
        }
        if !(0.0 < control.cost_low && control.cost_low <= control.cost_high) {
            self.report("control", id, "its cost is no rising range above 0".to_owned());
        }
        if self.knowledge.playbook(&control.playbook).is_none() {
            self.report("control", id, format!("there is no playbook `{}`", control.playbook));
        }
    }

    fn dates(&mut self) {
        for date in &self.knowledge.frameworks.dates {
            let place = format!("{} {}", date.framework, date.from);
            if date.day().is_none() {
                self.report("date", &place, format!("`{}` is no date", date.from));
            }
            for id in date.ids.split_ascii_whitespace().map(|id| id.replace('_', " ")) {
                let known = |entry: &Entry| entry.framework == date.framework && entry.id == id;
                if !self.knowledge.frameworks.entries.iter().any(known) {
                    self.report("date", &place, format!("{} has no entry `{id}`", date.framework));
                }
            }
            for class in date.classes.split_ascii_whitespace().filter(|class| !CLASSES.contains(class)) {
                self.report("date", &place, format!("there is no risk class `{class}`"));
            }
        }
    }

    pub(super) fn no_technique(&self, technique: &str) -> String {
        format!("ATLAS {} has no technique `{technique}`", self.knowledge.atlas.edition)
    }
}

/// Whether a rule that is no alert cites this OWASP entry, at its edition or by where the entry went in the next.
pub fn cites(knowledge: &Knowledge, rule: &Rule, reference: &str) -> bool {
    rule.family != Family::Detection
        && rule.owasp.iter().any(|own| own == reference || knowledge.successor(own) == Some(reference))
}
