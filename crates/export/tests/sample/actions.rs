//! What is to be done.

use vauban_domain::{Action, ActionKind, AssetKind, Rule, Timestamp};

use super::results::findings;
use super::{HOSTILE, UNHASHED, WEAK, id, reader};

/// One action that a step of the plan stands behind and one that nobody is named for.
pub(super) fn actions() -> Vec<Action> {
    let closing = |rule: &Rule| -> Vec<_> {
        findings().into_iter().filter(|one| one.rule == rule.id).map(|one| one.fingerprint).collect()
    };
    let action = |id: &str, title: &str, owner: &str, rule: &Rule| Action {
        id: id.to_owned(),
        kind: ActionKind::Findings,
        title: title.to_owned(),
        why: rule.why.to_string(),
        severity: rule.severity,
        system: Some("form reader".to_owned()),
        assets: vec![reader()],
        techniques: rule.techniques.iter().map(|id| id.to_string().into()).collect(),
        control: "rate-limit".to_owned(),
        detection: "detection-request-volume".to_owned(),
        log: "inference log of the endpoint".to_owned(),
        playbook: "extraction-response".to_owned(),
        containment: vec!["freeze the model version".to_owned()],
        owner: owner.to_owned(),
        due: Timestamp::from_date(2026, 12, 20).unwrap(),
        silences: vec![rule.id.to_string()],
        done_when: vec![format!("{} falls silent", rule.id)],
        findings: closing(rule),
    };
    let mut nobody = action(&format!("triage/{HOSTILE}"), HOSTILE, "", &UNHASHED);
    nobody.kind = ActionKind::BlindSpot;
    nobody.control = String::new();
    nobody.system = None;
    nobody.assets = vec![id(AssetKind::Package, "pypi/torch"), id(AssetKind::Notebook, HOSTILE)];
    vec![action("form reader/rate-limit", "limit requests per client", "Ann Lee", &WEAK), nobody]
}
