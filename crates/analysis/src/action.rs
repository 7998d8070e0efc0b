//! What to do about each gap: blind spots, then open findings grouped by the control that closes them, or by their rule.

mod blind_spot;

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    Action, ActionKind, Asset, AssetId, Coverage, Digest, Finding, Fingerprint, RemediationDays, Severity,
    TechniqueId, Timestamp,
};
use vauban_knowledge::{Control, Detection, Knowledge};

use crate::Facts;
use crate::facts::related;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// Blind spots of `coverage` first; then one action for each system and control that closes findings there, and for each
/// rule that no control closes. The most urgent first in both. Accepted findings and mere notes ask for nothing.
pub fn actions(facts: &Facts<'_>, knowledge: &Knowledge, coverage: &[Coverage]) -> Vec<Action> {
    let systems: BTreeMap<&AssetId, Option<&str>> =
        facts.inventory.assets.iter().map(|asset| (&asset.id, asset.system.as_deref())).collect();
    let accepted = crate::facts::accepted(facts);
    let mut groups: BTreeMap<(Option<&str>, &str, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in facts.findings {
        if finding.severity == Severity::Info || accepted.contains(finding.fingerprint.as_str()) {
            continue;
        }
        let system = systems.get(&finding.asset).copied().flatten();
        let control = cheapest(knowledge, &finding.rule);
        let key = match control {
            Some(control) => (system, control.id.as_str(), ""),
            None => (system, "", finding.rule.as_ref()),
        };
        groups.entry(key).or_default().push(finding);
    }
    let mut actions: Vec<Action> = groups
        .into_iter()
        .map(|((system, control, rule), findings)| action(facts, knowledge, system, control, rule, &findings))
        .collect();
    actions.extend(blind_spot::actions(facts, knowledge, coverage));
    actions.sort_by(|one, other| {
        (one.kind, other.severity, one.due, &one.id).cmp(&(other.kind, one.severity, other.due, &other.id))
    });
    actions
}

/// The cheapest control that keeps the rule silent.
fn cheapest<'k>(knowledge: &'k Knowledge, rule: &str) -> Option<&'k Control> {
    knowledge
        .controls
        .iter()
        .filter(|control| control.silences.iter().any(|silenced| silenced == rule))
        .min_by(|one, other| {
            (one.cost_low + one.cost_high)
                .total_cmp(&(other.cost_low + other.cost_high))
                .then_with(|| one.id.cmp(&other.id))
        })
}

fn action(
    facts: &Facts<'_>,
    knowledge: &Knowledge,
    system: Option<&str>,
    control: &str,
    rule: &str,
    findings: &[&Finding],
) -> Action {
    let severity = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Low);
    let rules: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.as_ref()).collect();
    let assets: BTreeSet<&AssetId> = findings.iter().map(|finding| &finding.asset).collect();
    let techniques: BTreeSet<TechniqueId> = facts
        .rules
        .iter()
        .filter(|known| rules.contains(known.id.as_ref()))
        .flat_map(|known| known.techniques.iter().cloned())
        .collect();
    let facts_of = knowledge.control(control);
    let playbook = facts_of.map(|control| control.playbook.clone()).unwrap_or_default();
    let containment = knowledge.playbook(&playbook).map_or_else(Vec::new, |playbook| {
        playbook.containment.iter().map(|step| format!("{}: {}", step.layer, step.action)).collect()
    });
    let place = system.unwrap_or("assets of no declared system");
    let title = match facts_of {
        Some(control) => format!("put `{}` in place for {place}", control.name),
        None => format!("close `{rule}` at {place}"),
    };
    let detection = detection(knowledge, &techniques);
    let about = facts.inventory.assets.iter().filter(|asset: &&Asset| assets.contains(&asset.id));
    let log = detection.map_or_else(String::new, |detection| blind_spot::log(detection, about));
    let first = rules.iter().copied().collect::<Vec<_>>().join(", ");
    Action {
        id: identify(system, control, rule),
        kind: ActionKind::Findings,
        title,
        why: format!("{} open findings at {} assets: {first}", findings.len(), assets.len()),
        severity,
        system: system.map(str::to_owned),
        assets: assets.into_iter().cloned().collect(),
        detection: detection.map(|detection| detection.rule.id.to_string()).unwrap_or_default(),
        log,
        techniques: techniques.into_iter().collect(),
        control: control.to_owned(),
        playbook,
        containment,
        owner: owner(facts, system, control),
        due: due(facts.now, severity, &facts.declaration.remediation),
        done_when: vec![format!("`vauban review` looks again and finds nothing with {first}")],
        silences: rules.into_iter().map(str::to_owned).collect(),
        findings: findings
            .iter()
            .map(|finding| finding.fingerprint.clone())
            .collect::<BTreeSet<Fingerprint>>()
            .into_iter()
            .collect(),
    }
}

/// The same gap in the same system has the same id in every review.
fn identify(system: Option<&str>, control: &str, rule: &str) -> String {
    let digest = Digest::of(format!("{}\n{control}\n{rule}", system.unwrap_or_default()).as_bytes()).hex();
    format!("action-{}", digest.get(..12).unwrap_or(&digest))
}

/// The first detection that watches for one of the techniques.
fn detection<'k>(knowledge: &'k Knowledge, techniques: &BTreeSet<TechniqueId>) -> Option<&'k Detection> {
    knowledge.detections.iter().find(|detection| {
        detection.rule.techniques.iter().any(|own| techniques.iter().any(|id| related(own, id)))
    })
}

/// Who puts the control in place, else who answers for the system.
fn owner(facts: &Facts<'_>, system: Option<&str>, control: &str) -> String {
    let terms = facts.declaration.controls.iter().find(|terms| terms.control == control);
    if let Some(terms) = terms.filter(|terms| !terms.owner.is_empty()) {
        return terms.owner.clone();
    }
    let named = facts.declaration.systems.iter().find(|known| Some(known.name.as_str()) == system);
    named.map(|system| system.owner.clone()).unwrap_or_default()
}

fn due(now: Timestamp, severity: Severity, days: &RemediationDays) -> Timestamp {
    let days = match severity {
        Severity::Critical => days.critical,
        Severity::High => days.high,
        Severity::Medium => days.medium,
        Severity::Low | Severity::Info => days.low,
    };
    Timestamp(now.0.saturating_add(i64::from(days) * DAY))
}
