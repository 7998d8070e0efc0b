//! Observations: what was seen, how, where and when.

use serde_json::{Value, json};

use super::{
    parts::Sheet,
    word::{plain, property, prose, time},
};
use crate::{
    tree,
    v1::{Finding, Measurement, RequirementEvidence},
};

/// Pieces of evidence told of one finding; the rest stands in the JSON v1 document.
const SHOWN: usize = 20;

/// Adds the observation behind a finding and gives its number.
pub(super) fn of_finding(sheet: &mut Sheet<'_>, finding: &Finding) -> String {
    let number = sheet.uuid(&["observation", "finding", &finding.fingerprint]);
    sheet.observe(&number, |sheet| {
        let rule = sheet.document.rule(&finding.rule);
        let attacked = rule.is_some_and(|rule| matches!(rule.family.as_str(), "robustness" | "privacy" | "detection"));
        let seen = finding.evidence.iter().filter_map(|one| one.observed_at.as_deref()).filter_map(time).max();
        let mut shown: Vec<Value> = Vec::new();
        for one in finding.evidence.iter().take(SHOWN) {
            shown.push(json!({
                "href": address(&one.locator.path),
                "description": prose(&format!("{}: {}", one.locator, one.excerpt)),
                "props": [property("key", &one.key)],
            }));
        }
        let left = finding.evidence.len().saturating_sub(SHOWN);
        json!({
            "uuid": number,
            "title": prose(&finding.message),
            "description": prose(&match rule {
                Some(rule) => format!("{}: {}", rule.title, rule.why),
                None => finding.message.clone(),
            }),
            "props": [
                property("kind", "finding"),
                property("fingerprint", &finding.fingerprint),
                property("rule", &finding.rule),
                property("severity", finding.severity.as_str()),
                property("status", finding.status.map_or("", |status| status.as_str())),
            ],
            "methods": [if attacked { "TEST" } else { "EXAMINE" }],
            "types": ["finding"],
            "origins": [sheet.origin()],
            "subjects": [sheet.subject(&finding.asset)],
            "relevant-evidence": shown,
            "collected": seen.unwrap_or_else(|| sheet.taken_at.clone()),
            "remarks": (left > 0).then(|| format!("{left} more pieces of evidence are in the JSON v1 document.")),
        })
    });
    number
}

/// Adds what a requirement stands on and gives its number: evidence of many requirements is one observation.
pub(super) fn of_evidence(sheet: &mut Sheet<'_>, evidence: &RequirementEvidence) -> String {
    if evidence.kind == "finding"
        && let Some(finding) = sheet.finding(&evidence.id)
    {
        return of_finding(sheet, finding);
    }
    let asset = evidence.asset.as_deref().unwrap_or_default();
    let supports = if evidence.supports { "yes" } else { "no" };
    let number = sheet.uuid(&[
        "observation",
        &evidence.kind,
        &evidence.id,
        asset,
        supports,
        &evidence.as_of,
        &evidence.what,
    ]);
    sheet.observe(&number, |sheet| {
        let claim = sheet.document.review.declaration.claims.iter().find(|claim| claim.control == evidence.id);
        let claim = claim.filter(|_| evidence.kind == "control");
        let method = match evidence.kind.as_str() {
            "measurement" => "TEST",
            "statement" | "declaration" => "INTERVIEW",
            "control" if claim.is_some() => "INTERVIEW",
            "finding" | "outcome" | "coverage" | "control" | "asset" => "EXAMINE",
            _ => "UNKNOWN",
        };
        let measured = sheet.document.results().iter().find(|one| one.id == evidence.id);
        let measured = measured.filter(|_| evidence.kind == "measurement");
        let when = time(&evidence.as_of);
        let mut origins = vec![sheet.origin()];
        if let Some(claim) = claim.filter(|claim| !claim.owner.trim().is_empty()) {
            let person = sheet.person(claim.owner.trim());
            origins.push(json!({"actors": [{"type": "party", "actor-uuid": person}]}));
        }
        let place = claim.map(|claim| address(&claim.locator.path));
        json!({
            "uuid": number,
            "title": prose(&format!("{} {}", evidence.kind, evidence.id)),
            "description": prose(&evidence.what),
            "props": [
                property("kind", &evidence.kind),
                property("id", &evidence.id),
                property("supports", supports),
            ],
            "methods": [method],
            "types": [if evidence.kind == "asset" { "discovery" } else { "control-objective" }],
            "origins": origins,
            "subjects": evidence.asset.as_ref().map(|asset| json!([sheet.subject(asset)])),
            "relevant-evidence": [{
                "href": place,
                "description": prose(&measured.map_or_else(|| evidence.what.clone(), number_of)),
                "props": [
                    property("kind", &evidence.kind),
                    property("id", &evidence.id),
                    property("reproduce", measured.map_or("", |one| &one.reproduce)),
                ],
            }],
            "collected": when.as_ref().unwrap_or(&sheet.taken_at),
            "remarks": when.is_none().then_some("When it was true is not on record; the date is the review's."),
        })
    });
    number
}

/// A measurement with its interval and what it stands on.
fn number_of(one: &Measurement) -> String {
    format!(
        "{} under {}: {:.4} ({:.0} % interval {:.4} to {:.4}, {} trials, seed {})",
        one.metric,
        one.attack,
        one.value,
        one.interval.level * 100.0,
        one.interval.low,
        one.interval.high,
        one.trials,
        one.seed
    )
}

/// A path as a reference relative to the reviewed root.
fn address(path: &str) -> String {
    // A colon in the first part would make it a scheme.
    tree::percent(&plain(path)).replace(':', "%3A")
}
