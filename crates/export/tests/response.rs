//! Playbooks, issues, rules, the response book and the procurement summary: what a stranger would read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "every test file uses its own part")]
mod sample;

use std::collections::BTreeSet;

use serde_json::Value;
use vauban_domain::{Action, ActionKind, Severity, Timestamp};
use vauban_export::v1::Document;

fn document() -> Document {
    let mut review = sample::review();
    let assets: Vec<_> = review.assets.iter().map(|asset| asset.id.clone()).collect();
    let action = |kind, title: &str| Action {
        id: format!("action-{title}"),
        kind,
        title: format!("={title} @team <b>\n"),
        why: "1 open finding | {code} @team".to_owned(),
        severity: Severity::High,
        system: Some("a system".to_owned()),
        assets: assets.clone(),
        techniques: vec!["AML.T0024.002".into()],
        control: "rate-limit".to_owned(),
        detection: "detection-request-volume".to_owned(),
        log: "inference log about endpoint:x".to_owned(),
        playbook: "model-extraction".to_owned(),
        containment: vec!["L4: limit the caller".to_owned()],
        owner: "=Ann".to_owned(),
        due: Timestamp(1_800_000_000),
        silences: vec!["a-rule".to_owned()],
        done_when: vec!["a-rule is silent".to_owned()],
        findings: Vec::new(),
    };
    review.actions = vec![action(ActionKind::BlindSpot, "blind"), action(ActionKind::Findings, "found")];
    Document::from(&review)
}

fn text(format: &str) -> String {
    let exporter = vauban_export::find(format).expect("it is in the list");
    String::from_utf8((exporter.write)(&document()).unwrap()).unwrap()
}

/// Every string below a value.
fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(list) => list.iter().for_each(|value| strings(value, found)),
        Value::Object(map) => map.values().for_each(|value| strings(value, found)),
        _ => {}
    }
}

#[test]
fn every_step_of_a_playbook_is_reached_and_contains_at_the_assets() {
    let playbooks: Value = serde_json::from_str(&text("cacao")).unwrap();
    let playbooks = playbooks.as_array().unwrap();
    assert_eq!(playbooks.len(), 2);
    assert_ne!(playbooks[0]["id"], playbooks[1]["id"]);
    for playbook in playbooks {
        let steps = playbook["workflow"].as_object().unwrap();
        let mut reached = BTreeSet::new();
        let mut todo = vec![playbook["workflow_start"].as_str().unwrap()];
        while let Some(id) = todo.pop() {
            if let Some(step) = steps.get(id)
                && reached.insert(id)
            {
                strings(step, &mut todo);
            }
        }
        assert_eq!(reached.len(), steps.len(), "{playbook:#}");
        assert!(playbook["id"].as_str().unwrap().as_bytes()[24] == b'5', "{}", playbook["id"]);
    }
    assert!(playbooks[0].get("target_definitions").is_none(), "nothing has happened at a blind spot");
    let targets = playbooks[1]["target_definitions"].as_object().unwrap();
    assert_eq!(targets.len(), document().assets().len());
}

#[test]
fn issues_carry_owner_date_and_proof_and_nothing_that_runs() {
    let issues: Value = serde_json::from_str(&text("tickets-github")).unwrap();
    let body = issues[1]["body"].as_str().unwrap();
    assert_eq!(issues[1]["title"], "=found @team <b> ");
    assert_eq!(issues[1]["due"], "2027-01-15");
    for part in
        ["- Owner: =Ann", "### Steps", "### Done when\n\n- [ ] a-rule is silent", "L4: limit the caller"]
    {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert!(!body.contains(" @team"), "{body}");
    let table = text("tickets-jira");
    assert!(table.contains("\"'=found @team <b> \""), "{table}");
    assert!(table.contains("\"'=Ann\",\"2027-01-15\",\"vauban\",\"findings\",\"severity-high\""), "{table}");
    assert!(table.contains("\\{code\\}"), "{table}");
}

#[test]
fn the_missing_rule_is_written_and_only_what_sigma_reads() {
    let rules = text("sigma");
    assert!(rules.contains("name: detection-request-volume\n"), "{rules}");
    assert!(!rules.contains("vauban:") && !rules.contains("examples:"), "{rules}");
    assert!(rules.contains("  - https://atlas.mitre.org/techniques/AML.T0024.002\n"), "{rules}");
}

#[test]
fn the_book_has_every_chapter_for_every_system() {
    let book = text("response-book");
    let systems = document().review.declaration.systems.len();
    for heading in [
        "Whom to call",
        "What can happen",
        "How it shows",
        "Containment",
        "Whom to tell, until when",
        "How to drill",
    ] {
        assert_eq!(book.matches(&format!("### {heading}\n")).count(), systems, "{heading}: {book}");
    }
    assert!(!book.contains("<script>"), "{book}");
}

#[test]
fn the_procurement_summary_states_its_rule() {
    let summary = text("procurement");
    assert!(summary.contains("The rule: Do not renew as it stands"), "{summary}");
}
