//! Risks: gaps with what to do about them, until when and by whom; and findings that nothing is planned for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    NAMESPACE, observation,
    parts::{Sheet, owner_role},
    word::{plain, property, prose, time},
};
use crate::v1::{Action, Document, Finding, PlanStep};

/// Findings that one risk points at.
const FINDINGS: usize = 200;

/// Which action closes which finding, and which step of the plan stands behind which action.
pub(super) struct Answers<'a> {
    closing: BTreeMap<&'a str, &'a Action>,
    steps: BTreeMap<&'a str, Vec<&'a PlanStep>>,
}

impl<'a> Answers<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let mut closing = BTreeMap::new();
        for action in document.actions.iter().flatten() {
            for finding in &action.findings {
                // Actions come most urgent first: the first that closes a finding sets its date.
                closing.entry(finding.as_str()).or_insert(action);
            }
        }
        let mut steps: BTreeMap<&str, Vec<&PlanStep>> = BTreeMap::new();
        for step in document.plan.iter().flat_map(|plan| &plan.steps) {
            steps.entry(&step.control).or_default().push(step);
        }
        Self { closing, steps }
    }

    /// The action that closes the finding.
    pub(super) fn closing(&self, fingerprint: &str) -> Option<&'a Action> {
        self.closing.get(fingerprint).copied()
    }

    /// The step of the plan that puts the action's control in front of one of its assets.
    pub(super) fn step(&self, action: &Action) -> Option<&'a PlanStep> {
        let assets: BTreeSet<&String> = action.assets.iter().collect();
        let steps = self.steps.get(action.control.as_str())?;
        steps.iter().copied().find(|step| step.assets.iter().any(|asset| assets.contains(asset)))
    }
}

/// The number of the risk that an action answers.
pub(super) fn number_of_action(sheet: &Sheet<'_>, action: &Action) -> String {
    sheet.uuid(&["risk", "action", &action.id])
}

/// The number of the risk that a finding is when no action closes it.
pub(super) fn number_of_finding(sheet: &Sheet<'_>, finding: &Finding) -> String {
    sheet.uuid(&["risk", "finding", &finding.fingerprint])
}

/// The gap that an action closes, with its milestones.
pub(super) fn of_action(sheet: &mut Sheet<'_>, answers: &Answers<'_>, action: &Action) -> Value {
    let due = time(&action.due);
    let observed = observed(sheet, &action.findings);
    let done = sheet.uuid(&["milestone", "done", &action.id]);
    let role = owner_role(sheet, &action.owner);
    let timing = due.as_ref().map(|due| json!({"on-date": {"date": due}}));
    let mut milestones = vec![json!({
        "uuid": done,
        "type": "milestone",
        "title": format!("Done: {}", prose(&action.title)),
        "description": prose(&steps_in_words(action)),
        "timing": timing,
        "responsible-roles": role,
    })];
    if !action.silences.is_empty() {
        milestones.push(json!({
            "uuid": sheet.uuid(&["milestone", "shown", &action.id]),
            "type": "milestone",
            "title": "Shown: a review in which the rules fall silent",
            "description": prose(&format!("rules: {}", action.silences.join(", "))),
            "timing": timing,
            "dependencies": [{"task-uuid": done}],
            "responsible-roles": role,
        }));
    }
    let mut subjects: Vec<Value> = Vec::new();
    for asset in action.assets.iter().take(FINDINGS) {
        subjects.push(sheet.subject(asset));
    }
    let number = number_of_action(sheet, action);
    json!({
        "uuid": number,
        "title": prose(&action.title),
        "description": prose(&action.why),
        "statement": prose(&action.why),
        "props": properties(answers, action),
        "status": "open",
        "origins": [sheet.origin()],
        "characterizations": [severity(sheet, action.severity.as_str())],
        "deadline": due,
        "remediations": [{
            "uuid": sheet.uuid(&["remediation", &action.id]),
            "lifecycle": "recommendation",
            "title": prose(&action.title),
            "description": prose(&steps_in_words(action)),
            "origins": [sheet.origin()],
            "required-assets": (!subjects.is_empty()).then(|| json!([{
                "uuid": sheet.uuid(&["required-asset", &action.id]),
                "subjects": subjects,
                "description": "The assets that it is about.",
            }])),
            "tasks": milestones,
            "remarks": remarks(action, due.is_some()),
        }],
        "related-observations": observed,
    })
}

/// A finding that no action closes.
pub(super) fn of_finding(sheet: &mut Sheet<'_>, finding: &Finding) -> Value {
    let number = number_of_finding(sheet, finding);
    let rule = sheet.document.rule(&finding.rule);
    let observation = observation::of_finding(sheet, finding);
    let (status, accepted) = match &finding.acceptance {
        Some(acceptance) => ("deviation-approved", Some(acceptance)),
        None => ("open", None),
    };
    json!({
        "uuid": number,
        "title": prose(&finding.message),
        "description": prose(rule.map_or(&finding.message, |rule| &rule.title)),
        "statement": prose(rule.map_or(&finding.message, |rule| &rule.why)),
        "props": [
            property("fingerprint", &finding.fingerprint),
            property("severity", finding.severity.as_str()),
            property("accepted-until", accepted.map_or("", |acceptance| &acceptance.until)),
            property("accepted-because", accepted.map_or("", |acceptance| &acceptance.reason)),
        ],
        "status": status,
        "origins": [sheet.origin()],
        "characterizations": [severity(sheet, finding.severity.as_str())],
        "remediations": rule.map(|rule| json!([{
            "uuid": sheet.uuid(&["remediation", "finding", &finding.fingerprint]),
            "lifecycle": "recommendation",
            "title": prose(&rule.title),
            "description": prose(&rule.remedy),
            "origins": [sheet.origin()],
        }])),
        "related-observations": [{"observation-uuid": observation}],
    })
}

/// References to the observations behind these findings; what the document does not hold is left out.
pub(super) fn observed(sheet: &mut Sheet<'_>, fingerprints: &[String]) -> Vec<Value> {
    let distinct: BTreeSet<&String> = fingerprints.iter().collect();
    let mut observed = Vec::new();
    for fingerprint in distinct.into_iter().take(FINDINGS) {
        if let Some(finding) = sheet.finding(fingerprint) {
            observed.push(json!({"observation-uuid": observation::of_finding(sheet, finding)}));
        }
    }
    observed
}

/// Facts of an action, and of the step of the plan behind it.
pub(super) fn properties(answers: &Answers<'_>, action: &Action) -> Vec<Option<Value>> {
    let mut facts = vec![
        property("action", &action.id),
        property("severity", action.severity.as_str()),
        property("system", action.system.as_deref().unwrap_or_default()),
        property("owner", &action.owner),
        property("due", &action.due),
        property("control", &action.control),
        property("detection", &action.detection),
        property("playbook", &action.playbook),
        property("techniques", &action.techniques.join(" ")),
    ];
    if let Some(step) = answers.step(action) {
        facts.extend(step_properties(step));
    }
    facts
}

/// Where a step of the plan stands and what it is worth.
pub(super) fn step_properties(step: &PlanStep) -> Vec<Option<Value>> {
    vec![
        property("plan-rank", &step.rank.to_string()),
        property("plan-cost", &format!("{:.0}", step.cost)),
        property("plan-risk-removed-per-year", &format!("{:.0}", step.risk_removed)),
        property("plan-mitigations", &step.mitigations.join(" ")),
    ]
}

/// How bad it is, as Vauban says it.
pub(super) fn severity(sheet: &Sheet<'_>, word: &str) -> Value {
    json!({
        "origin": sheet.origin(),
        "facets": [{"name": "severity", "system": NAMESPACE, "value": plain(word)}],
    })
}

/// What is missing before the recommendation is a plan.
fn remarks(action: &Action, dated: bool) -> String {
    let mut missing = vec!["that the owner has accepted it"];
    if action.owner.trim().is_empty() {
        missing.insert(0, "who has to do it");
    }
    if !dated {
        missing.insert(0, "until when");
    }
    format!("A recommendation until the owner makes it a plan. Not on record: {}.", missing.join(", "))
}

fn steps_in_words(action: &Action) -> String {
    let mut words = Vec::new();
    for (name, value) in
        [("control", &action.control), ("detection", &action.detection), ("playbook", &action.playbook)]
    {
        if !value.is_empty() {
            words.push(format!("{name} {value}"));
        }
    }
    if !action.containment.is_empty() {
        words.push(format!("when it has already happened: {}", action.containment.join("; ")));
    }
    if words.is_empty() { action.title.clone() } else { words.join("; ") }
}
