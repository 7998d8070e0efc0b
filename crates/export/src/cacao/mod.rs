//! Actions as CACAO 2.0 playbooks, a JSON list of them: CACAO itself has no container for several.
//!
//! <https://docs.oasis-open.org/cacao/security-playbooks/v2.0/security-playbooks-v2.0.html>. A playbook about findings asks
//! first whether the gap was used; if it was, containment runs in parallel at the very assets, chosen by the kind of each.
//! Playbooks have version 5 UUIDs made as section 10.10 recommends; of steps it demands version 4, and theirs have
//! that shape but are made from the action's id, so that the same review gives the same bytes.

mod workflow;

use serde_json::{Map, Value, json};
use vauban_domain::{AssetKind, day};
use vauban_knowledge::Knowledge;

use crate::exporter::{ExportError, Exporter};
use crate::tree::{bytes, tidy, uuid_4, uuid_5};
use crate::v1::{Action, Asset, Document, Severity};
use workflow::{Doing, Workflow};

/// Actions as CACAO playbooks.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "cacao",
    extension: "cacao.json",
    media_type: "application/json",
    summary: "actions as CACAO 2.0 playbooks, a JSON list",
    write,
};

/// Namespace of playbooks, CACAO 2.0 section 10.10: `aa7caf3a-d55a-4e9a-b34e-056215fba56a`.
const PLAYBOOKS: [u8; 16] =
    [0xaa, 0x7c, 0xaf, 0x3a, 0xd5, 0x5a, 0x4e, 0x9a, 0xb3, 0x4e, 0x05, 0x62, 0x15, 0xfb, 0xa5, 0x6a];
/// References that a playbook carries at most.
const REFERENCES: usize = 30;
/// Assets that one step names at most; the rest is told as a number.
const TARGETS: usize = 50;
/// Set by whoever runs the playbook.
const USED: &str = "__gap_was_used__";

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(actions) = &document.actions else {
        return Err(ExportError::MissingPart { format: "cacao", part: "actions" });
    };
    let playbooks: Vec<Value> = actions.iter().map(|action| playbook(document, action)).collect();
    Ok(bytes(&Value::Array(playbooks))?)
}

fn playbook(document: &Document, action: &Action) -> Value {
    let knowledge = Knowledge::builtin();
    let blind = action.kind == "blind-spot";
    let types = if blind { json!(["prevention", "detection"]) } else { json!(["mitigation", "remediation"]) };
    let mut flow = Workflow::new(&action.id);
    let end = flow.end("end");
    let proof = action.done_when.join("; ");
    let last = Doing {
        name: "show that it is done".to_owned(),
        action: if proof.is_empty() { "run `vauban review` again".to_owned() } else { proof },
        actor: "security engineer".to_owned(),
        activity: "scan-system",
        targets: Vec::new(),
    };
    let mut next = flow.act("show", last, &end);
    for (at, doing) in doings(action, knowledge).into_iter().enumerate().rev() {
        next = flow.act(&format!("step {at}"), doing, &next);
    }
    let mut variables = Map::new();
    if !blind {
        let branches = contain(&mut flow, document, action, knowledge);
        if let Some(contained) = flow.side_by_side("contain", "contain what happened", branches) {
            let condition = format!("{USED}:value = 'true'");
            let name = "was the gap used against us, or is that not known";
            next = flow.condition("used", name, condition, &contained, &next);
            variables.insert(
                USED.to_owned(),
                json!({
                    "type": "bool",
                    "value": "true",
                    "external": true,
                    "description": "false once it is shown that nobody used the gap",
                }),
            );
        }
    }
    let start = flow.start(&next);
    let name = action.title.as_str();
    let key = json!({"name": name, "playbook_types": types}).to_string();
    let time = document.review.taken_at.replace('Z', ".000Z");
    let organisation = &document.review.declaration.organisation;
    let (priority, severity) = weights(action.severity);
    tidy(json!({
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": format!("playbook--{}", uuid_5(PLAYBOOKS, &key)),
        "name": name,
        "description": description(action),
        "playbook_types": types,
        "playbook_activities": flow.activities(),
        "playbook_processing_summary": {
            "manual_playbook": true,
            "parallel_processing": flow.has("parallel"),
            "if_logic": flow.has("if-condition"),
        },
        "created_by": format!("identity--{}", uuid_4(&format!("organisation\n{organisation}"))),
        "created": time,
        "modified": time,
        "priority": priority,
        "severity": severity,
        "labels": labels(action),
        "external_references": references(document, action),
        "playbook_variables": variables,
        "workflow_start": start,
        "workflow": flow.steps,
        "agent_definitions": flow.agents,
        "target_definitions": flow.targets,
    }))
}

/// What is to be done once nothing is on fire: the blind spot's own steps, or those of the playbook.
fn doings<'a>(action: &'a Action, knowledge: &'a Knowledge) -> Vec<Doing<'a>> {
    let owner = if action.owner.is_empty() { "system owner" } else { &action.owner };
    let doing = |name: &str, what: String, actor: &str, activity: &'static str| Doing {
        name: name.to_owned(),
        action: what,
        actor: actor.to_owned(),
        activity,
        targets: Vec::new(),
    };
    let mut doings = Vec::new();
    let control = knowledge.control(&action.control);
    if action.kind == "blind-spot" || knowledge.playbook(&action.playbook).is_none() {
        match control {
            Some(control) => {
                let what = format!("put in place: {}", control.description.trim());
                doings.push(doing(&control.name, what, owner, "configure-systems"));
            }
            None => doings.push(doing(&action.title, action.why.clone(), owner, "identify-steps")),
        }
    } else if let Some(playbook) = knowledge.playbook(&action.playbook) {
        for step in &playbook.steps {
            let what = format!("{}; done when {}", step.action, step.done_when);
            doings.push(doing(&step.action, what, &step.actor, "eliminate-risk"));
        }
        if let Some(control) = control {
            let what = format!("put in place: {}", control.description.trim());
            doings.push(doing(&control.name, what, owner, "configure-systems"));
        }
    }
    if !action.detection.is_empty() {
        let log = format!("let the detection have its log: {}", action.log);
        doings.push(doing("bring the log", log, "platform engineer", "configure-systems"));
        let what = format!("switch on `{}`; the export `sigma` holds the rule", action.detection);
        doings.push(doing("switch on the detection", what, "security engineer", "match-indicator"));
    }
    doings
}

/// One branch for each measure, with the assets it is for.
fn contain(flow: &mut Workflow, document: &Document, action: &Action, knowledge: &Knowledge) -> Vec<String> {
    let mut measures: Vec<(&vauban_knowledge::Measure, Vec<&Asset>)> = Vec::new();
    for asset in action.assets.iter().filter_map(|id| document.asset(id)) {
        let Some(kind) = AssetKind::parse(asset.kind.as_str()) else { continue };
        for measure in knowledge.measures(kind, &asset.component) {
            match measures.iter_mut().find(|(known, _)| known.id == measure.id) {
                Some((_, assets)) => assets.push(asset),
                None => measures.push((measure, vec![asset])),
            }
        }
    }
    measures.sort_by(|(one, _), (other, _)| (one.layer, &one.id).cmp(&(other.layer, &other.id)));
    let mut branches = Vec::new();
    for (measure, assets) in measures {
        let more = assets.len().saturating_sub(TARGETS);
        let more = if more == 0 { String::new() } else { format!(", and {more} more assets") };
        let targets: Vec<String> = assets.iter().take(TARGETS).map(|asset| flow.target(asset)).collect();
        let end = flow.end(&format!("end of {}", measure.id));
        let doing = Doing {
            name: measure.id.replace('-', " "),
            action: format!(
                "{}: {}{more}; keep first: {}; come back: {}",
                measure.layer, measure.action, measure.evidence, measure.recovery
            ),
            actor: measure.owner.clone(),
            activity: &measure.activity,
            targets,
        };
        branches.push(flow.act(&measure.id, doing, &end));
    }
    branches
}

fn description(action: &Action) -> String {
    let owner = if action.owner.is_empty() { "nobody is named" } else { &action.owner };
    let due = day(&action.due);
    format!("{}. Owner: {owner}. Due: {due}. Action: {}.", action.why, action.id)
}

fn labels(action: &Action) -> Vec<String> {
    let mut labels = vec![action.id.clone(), action.kind.clone()];
    labels.extend(action.system.clone());
    labels.extend([&action.control, &action.playbook].into_iter().filter(|id| !id.is_empty()).cloned());
    labels
}

fn references(document: &Document, action: &Action) -> Vec<Value> {
    let edition = &document.review.atlas_edition;
    let atlas = action.techniques.iter().take(REFERENCES).map(|id| {
        let bare = id.split_once('@').map_or(id.as_str(), |(bare, _)| bare);
        json!({"name": "MITRE ATLAS", "external_id": format!("{bare}@{edition}")})
    });
    atlas.collect()
}

/// Priority (1 is first) and severity (100 is worst).
const fn weights(severity: Severity) -> (u8, u8) {
    match severity {
        Severity::Critical => (1, 100),
        Severity::High => (20, 75),
        Severity::Medium => (50, 50),
        Severity::Low => (80, 25),
        Severity::Info => (100, 1),
    }
}
