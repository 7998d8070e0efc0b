use serde_json::{Value, json};

use super::*;

fn proof(rung: &str, what: &str, day: &str) -> Value {
    json!({ "rung": rung, "what": what, "as_of": format!("{day}T00:00:00Z") })
}

fn score(rung: &str, decayed_from: Option<&str>, proofs: &[Value]) -> Value {
    let mut score = json!({ "rung": rung, "reason": "a reason", "proofs": proofs });
    if let Some(from) = decayed_from {
        score["decayed_from"] = from.into();
    }
    score
}

fn row(technique: &str, asset: &str, prevent: Value) -> Value {
    let blind = || score("blind", None, &[]);
    json!({ "technique": technique, "asset": asset, "prevent": prevent, "detect": blind(), "respond": blind(), "tested": blind() })
}

/// A whole document of a clinic with two assets.
fn document(id: &str) -> Value {
    let finding = |fingerprint: &str, rule: &str| json!({ "fingerprint": fingerprint, "rule": rule, "asset": "model:a", "severity": "high", "message": "m", "evidence": [] });
    let asset = |id: &str, digest: &str| {
        json!({ "id": id, "kind": "model", "component": "c", "name": "n", "layer": "L1", "confidence": "verified",
                "locators": [], "digest": digest })
    };
    let threat = |id: &str, likelihood: f64| {
        json!({ "id": id, "kind": "L1.1", "name": "n", "layer": "L1", "asset": "model:a", "techniques": [],
                "support": "structural", "frequency": 1.0, "likelihood": likelihood })
    };
    let curve = |mean: f64| {
        json!({ "points": [], "mean": mean, "mean_interval": { "low": mean - 10.0, "high": mean + 10.0, "level": 0.95 },
                "value_at_risk_95": 3.0 * mean, "tail_mean_95": 4.0 * mean, "trials": 1000, "seed": 1 })
    };
    let step = |control: &str| {
        json!({ "rank": 1, "control": control, "name": control, "assets": ["model:a"], "cost": 1.0, "risk_removed": 1.0,
                "risk_left": 1.0, "mitigations": [], "playbook": "p" })
    };
    json!({
        "schema": "vauban/v1",
        "review": { "id": id, "subject": "clinic", "trigger": "manual", "taken_at": "2026-11-20T00:00:00Z",
                    "tool_version": "1", "atlas_edition": "2026.09", "maestro_edition": "1", "seed": 1 },
        "assets": [asset("model:a", "sha256:1"), asset("model:b", "sha256:2")],
        "findings": [finding("01", "one"), finding("02", "two")],
        "outcomes": [{ "rule": "one", "asset": "model:a", "verdict": "found" }],
        "coverage": [row("AML.T0001@2026.09", "model:a", score("configured", None, &[proof("configured", "c: seen", "2026-11-01")]))],
        "threats": { "instances": [threat("t1", 0.5), threat("t2", 0.1)], "paths": [] },
        "risk": { "currency": "EUR", "total": curve(1000.0), "scenarios": [
            { "id": "clinic/safety", "system": "clinic", "title": "t", "threats": [], "frequency": 1.0, "loss_low": 100.0,
              "loss_high": 4000.0, "annual_loss": 1000.0, "annual_range": { "low": 0.0, "high": 3000.0, "level": 0.9 } }] },
        "plan": { "steps": [step("rate-limit"), step("model-signing"), step("old")], "unaddressed": [] },
        "vendors": [{ "vendor": "v", "supplies": "s", "assets": [], "systems": [], "due": "2027-01-01T00:00:00Z",
                      "reached": 1, "expected_loss": 0.0, "conditions": ["a contract"],
                      "questions": [{ "id": "v/q", "control": "c", "text": "t", "rung": "blind" }] }],
        "compliance": [{ "framework": "f", "edition": "1", "name": "F", "requirements": [
            { "id": "1@1", "name": "one", "status": "satisfied", "reason": "r" },
            { "id": "2@1", "name": "two", "status": "unknown", "reason": "r" },
            { "id": "3@1", "name": "three", "status": "satisfied", "reason": "r" }] }],
    })
}

fn compare(before: &Value, after: &Value) -> ReviewDiff {
    let read = |value: &Value| Document::read(value.to_string().as_bytes()).unwrap();
    review_diff(&read(before), &read(after))
}

#[test]
fn a_document_does_not_differ_from_itself() {
    let diff = compare(&document("a"), &document("a"));
    assert!(diff.is_empty() && diff.cautions.is_empty() && diff.not_compared.is_empty(), "{diff:?}");
    assert!(diff.regressions().is_empty());
}

#[test]
fn findings_are_fixed_only_where_somebody_looked() {
    let mut after = document("b");
    after["findings"] = json!([]);
    after["outcomes"] = json!([{ "rule": "one", "asset": "model:a", "verdict": "clean" },
                               { "rule": "two", "asset": "model:a", "verdict": "skipped", "reason": "no time" }]);
    let diff = compare(&document("a"), &after);
    let findings = diff.findings.clone().unwrap();
    assert_eq!((findings.fixed[0].rule.as_str(), findings.unchecked[0].rule.as_str()), ("one", "two"));
    after["assets"] = json!([]);
    let gone = compare(&document("a"), &after);
    assert_eq!(gone.findings.unwrap().fixed.len(), 2, "the asset is gone");
    assert_eq!(gone.assets_removed.unwrap(), ["model:a", "model:b"]);
    // Without a part of assets nobody knows that.
    after.as_object_mut().unwrap().remove("assets");
    let unknown = compare(&document("a"), &after);
    assert_eq!(unknown.findings.unwrap().unchecked.len(), 1);
    assert_eq!(unknown.assets_removed, None);
}

#[test]
fn scores_say_why_they_moved() {
    let cause = |before: Value, after: Value| {
        let (mut one, mut other) = (document("a"), document("b"));
        one["coverage"] = json!([row("AML.T0001", "model:a", before)]);
        other["coverage"] = json!([row("AML.T0001@2026.09", "model:a", after)]);
        let coverage = compare(&one, &other).coverage.unwrap();
        let change = coverage.up.iter().chain(&coverage.down).next().unwrap();
        (change.cause, change.after > change.before, change.why.clone())
    };
    let seen = || proof("configured", "rate-limit: seen", "2026-01-01");
    let claim = || proof("claimed", "rate-limit: claimed by x", "2026-11-01");
    let held = || proof("exercised", "held off: hsj success 0.12", "2026-11-20");
    let (cause_of, up, why) =
        cause(score("claimed", None, &[claim()]), score("configured", None, &[seen(), claim()]));
    assert_eq!((cause_of, up, why.as_str()), ("new-evidence", true, "rate-limit: seen (2026-01-01)"));
    let (cause_of, up, why) =
        cause(score("configured", None, &[seen()]), score("claimed", Some("configured"), &[seen()]));
    assert_eq!((cause_of, up), ("decay", false));
    assert_eq!(why, "rate-limit: seen of 2026-01-01 is configured no more by age");
    let (cause_of, up, _) = cause(score("configured", None, &[seen()]), score("blind", None, &[]));
    assert_eq!((cause_of, up), ("lost-evidence", false));
    let mut broken = score("blind", None, &[]);
    broken["reason"] = "no control is in the way; broken: hsj".into();
    assert_eq!(cause(score("exercised", None, &[held()]), broken).0, "broken");
    let renewed = proof("configured", "rate-limit: seen", "2026-11-20");
    let (cause_of, up, _) =
        cause(score("claimed", Some("configured"), &[seen()]), score("configured", None, &[renewed]));
    assert_eq!((cause_of, up), ("refreshed", true));
}

#[test]
fn a_technique_of_a_new_edition_is_new() {
    let mut before = document("a");
    before["review"]["atlas_edition"] = "2026.07".into();
    let mut after = document("b");
    after["coverage"].as_array_mut().unwrap().push(row(
        "AML.T0999@2026.09",
        "model:a",
        score("blind", None, &[]),
    ));
    let diff = compare(&before, &after);
    assert_eq!(diff.techniques_new.unwrap(), ["AML.T0999"]);
    assert_eq!(diff.cautions, ["another edition of ATLAS: 2026.07 before, 2026.09 after"]);
    let coverage = diff.coverage.unwrap();
    assert_eq!(
        coverage.applies[0].why,
        "not scored before; now prevent blind, detect blind, respond blind, tested blind"
    );
    assert_eq!(compare(&document("a"), &after).techniques_new.unwrap(), [""; 0], "the same edition");
}

#[test]
fn a_loss_that_nobody_had_declared_was_not_nought() {
    let mut before = document("review:01");
    before["risk"]["scenarios"] = json!([]);
    before["risk"]["total"]["mean"] = 0.0.into();
    let risk = compare(&before, &document("review:02")).risk.unwrap();
    assert_eq!(risk.annual_loss, Amount { before: None, after: Some(1000.0) });
    assert_eq!(risk.annual_loss_interval_before, None);
    assert!(!risk.within_error && !risk.is_worse());
}

#[test]
fn threats_risk_plan_requirements_and_vendors() {
    let mut after = document("b");
    after["threats"]["instances"][0]["likelihood"] = 0.6.into();
    after["threats"]["instances"][1]["likelihood"] = 0.105.into();
    after["risk"]["total"]["mean"] = 1015.0.into();
    after["risk"]["total"]["mean_interval"] = json!({ "low": 1005.0, "high": 1025.0, "level": 0.95 });
    after["plan"]["steps"] = json!([after["plan"]["steps"][2].clone()]);
    after["plan"]["steps"][0]["control"] = "new".into();
    after["coverage"][0]["prevent"]["proofs"] = json!([
        proof("configured", "rate-limit: rate_limit = 10", "2026-11-20"),
        proof("claimed", "model-signing: claimed by x", "2026-11-20")
    ]);
    after["compliance"][0]["requirements"] = json!([
        { "id": "1@1", "name": "one", "status": "partly", "reason": "half" },
        { "id": "2@1", "name": "two", "status": "satisfied", "reason": "r" },
        { "id": "3@1", "name": "three", "status": "not-applicable", "reason": "sold" }]);
    after["vendors"][0]["questions"][0]["answer"] = "yes".into();
    after["vendors"][0]["conditions"] = json!([]);
    let diff = compare(&document("a"), &after);
    let threats = diff.threats.clone().unwrap();
    assert_eq!(
        (threats.more_likely.len(), threats.more_likely[0].id.as_str()),
        (1, "t1"),
        "half a point is nothing"
    );
    let risk = diff.risk.clone().unwrap();
    assert!(risk.within_error && !risk.is_worse());
    let plan = diff.plan.clone().unwrap();
    let controls = |list: &[PlanChange]| list.iter().map(|one| one.control.clone()).collect::<Vec<_>>();
    assert_eq!(controls(&plan.new), ["new"]);
    assert_eq!(controls(&plan.done), ["rate-limit"]);
    // What is only claimed is not done.
    assert_eq!(controls(&plan.dropped), ["model-signing", "old"]);
    let worse: Vec<bool> = diff.requirements.iter().flatten().map(RequirementChange::is_worse).collect();
    assert_eq!(worse, [true, false, false]);
    assert_eq!(
        diff.vendors.clone().unwrap()[0].changes,
        ["question v/q: no answer before, yes now", "settled: a contract"]
    );
    assert_eq!(diff.regressions(), ["1 threats are more likely", "1 requirements are met less"]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let mut after = document("b");
    let parts = ["assets", "findings", "coverage", "threats", "plan", "compliance", "vendors"];
    for part in parts {
        after.as_object_mut().unwrap().remove(part);
    }
    after["risk"]["currency"] = "USD".into();
    let diff = compare(&document("a"), &after);
    let missing: Vec<&str> = diff.not_compared.iter().map(|one| one.part).collect();
    assert_eq!(
        missing,
        ["assets", "findings", "coverage", "threats", "risk", "plan", "compliance", "vendors"]
    );
    assert!(diff.is_empty() && diff.regressions().is_empty());
    assert_eq!(diff.not_compared[0].why, "b does not have this part");
    assert_eq!(diff.not_compared[4].why, "one is in EUR and the other in USD");
}
