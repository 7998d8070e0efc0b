//! What is claimed, and what supports or contradicts it: coverage, findings and measurements as evidence.
//!
//! A claim is one technique on one asset for which something is more than blind. Measurements and proofs are its
//! evidence, findings of rules about that technique its counter evidence. ATLAS is the standard that attestations map to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vauban_knowledge::Knowledge;

use super::references::References;
use crate::summary::bare;
use crate::v1::{Coverage, Document, Finding, Rung};

const ASSESSOR: &str = "assessor:vauban";

/// What one claim stands on.
struct Claim<'a> {
    coverage: &'a Coverage,
    reference: String,
    target: &'a str,
    evidence: Vec<String>,
    counter: Vec<String>,
}

fn claims<'a>(document: &'a Document, references: &'a References<'_>) -> Vec<Claim<'a>> {
    // Findings by asset and technique.
    let mut against: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in document.findings() {
        for technique in document.rule(&finding.rule).iter().flat_map(|rule| &rule.techniques) {
            against.entry((&finding.asset, bare(technique))).or_default().push(finding);
        }
    }
    let one = |coverage: &'a Coverage| {
        let technique = bare(&coverage.technique);
        let supported = coverage
            .scores()
            .iter()
            .any(|(_, score)| matches!(score.rung, Rung::Claimed | Rung::Configured | Rung::Exercised));
        let target = references.first(&coverage.asset)?;
        if !supported {
            return None;
        }
        let measured = document
            .results()
            .iter()
            .filter(|result| result.asset == coverage.asset)
            .filter(|result| result.techniques.iter().any(|id| bare(id) == technique))
            .map(|result| format!("evidence:measurement:{}", result.id));
        let proofs = format!("evidence:coverage:{technique}:{}", coverage.asset);
        let counter = against.get(&(coverage.asset.as_str(), technique)).into_iter().flatten();
        Some(Claim {
            coverage,
            reference: format!("claim:{technique}:{}", coverage.asset),
            target,
            evidence: std::iter::once(proofs).chain(measured).collect(),
            counter: counter.map(|finding| format!("evidence:finding:{}", finding.fingerprint)).collect(),
        })
    };
    document.coverage().iter().filter_map(one).collect()
}

pub(super) fn declarations(document: &Document, references: &References<'_>) -> Option<Value> {
    let claims = claims(document, references);
    let declared: Vec<Value> = document
        .review
        .declaration
        .claims
        .iter()
        .enumerate()
        .map(|(at, claim)| {
            json!({
                "bom-ref": format!("claim:declared:{}:{at}", claim.control),
                "predicate": format!("{} is in place for {}", claim.control, claim.applies_to.join(", ")),
                "reasoning": format!("{} ({}, {})", claim.statement, claim.owner, claim.date),
            })
        })
        .collect();
    if claims.is_empty() && declared.is_empty() {
        return None;
    }
    let organisation = &document.review.declaration.organisation;
    let assessor = if organisation.is_empty() { "the owner of this review" } else { organisation };
    let map: Vec<Value> = by_technique(&claims)
        .into_iter()
        .map(|(technique, claims)| requirement(technique, &claims))
        .collect();
    let ours = claims.iter().map(|claim| {
        let rungs: Vec<String> = claim
            .coverage
            .scores()
            .iter()
            .map(|(aspect, score)| format!("{aspect} {}", score.rung))
            .collect();
        json!({
            "bom-ref": claim.reference,
            "target": claim.target,
            "predicate": format!("{}: {}", claim.coverage.technique, rungs.join(", ")),
            "reasoning": claim.coverage.scores().iter()
                .filter(|(_, score)| score.rung > Rung::Blind)
                .map(|(aspect, score)| format!("{aspect}: {}", score.reason))
                .collect::<Vec<_>>().join("; "),
            "evidence": claim.evidence,
            "counterEvidence": claim.counter,
        })
    });
    Some(json!({
        "assessors": [{
            "bom-ref": ASSESSOR,
            "thirdParty": false,
            "organization": {"name": format!("{assessor}, by Vauban {}", document.review.tool_version)},
        }],
        "attestations": [{
            "summary": format!("what is proven, claimed and contradicted per ATLAS technique, review {}", document.review.id),
            "assessor": ASSESSOR,
            "map": map,
        }],
        "claims": ours.chain(declared).collect::<Vec<_>>(),
        "evidence": evidence(document, &claims),
    }))
}

fn by_technique<'a, 'b>(claims: &'b [Claim<'a>]) -> BTreeMap<&'a str, Vec<&'b Claim<'a>>> {
    let mut grouped: BTreeMap<&str, Vec<&Claim<'_>>> = BTreeMap::new();
    for claim in claims {
        grouped.entry(bare(&claim.coverage.technique)).or_default().push(claim);
    }
    grouped
}

fn requirement(technique: &str, claims: &[&Claim<'_>]) -> Value {
    let score = claims.iter().map(|claim| ladder(claim.coverage)).fold(1.0, f64::min);
    let contradicted = claims.iter().filter(|claim| !claim.counter.is_empty()).count();
    json!({
        "requirement": format!("requirement:{technique}"),
        "claims": claims.iter().map(|claim| claim.reference.as_str()).collect::<Vec<_>>(),
        "conformance": {
            "score": score,
            "rationale": format!(
                "the weakest of {} assets with any support; findings contradict {contradicted} of them",
                claims.len()
            ),
        },
    })
}

/// Mean height on the ladder of the four scores, 0 to 1.
fn ladder(coverage: &Coverage) -> f64 {
    let heights = coverage.scores().map(|(_, score)| match score.rung {
        Rung::Blind => 0.0,
        Rung::Claimed => 0.25,
        Rung::Configured => 0.5,
        Rung::Exercised | Rung::NotApplicable => 1.0,
    });
    heights.iter().sum::<f64>() / 4.0
}

fn evidence(document: &Document, claims: &[Claim<'_>]) -> Vec<Value> {
    let used: BTreeSet<&str> = claims
        .iter()
        .flat_map(|claim| claim.evidence.iter().chain(&claim.counter))
        .map(String::as_str)
        .collect();
    let created = &document.review.taken_at;
    let entry = |reference: String, name: &str, description: String, text: String| {
        json!({
            "bom-ref": reference,
            "propertyName": format!("vauban:{name}"),
            "description": description,
            "data": (!text.is_empty()).then(|| json!([{
                "name": name,
                "contents": {"attachment": {"contentType": "text/plain", "content": text}},
            }])),
            "created": created,
        })
    };
    let proofs = claims.iter().map(|claim| {
        let lines: Vec<String> = claim
            .coverage
            .scores()
            .iter()
            .flat_map(|(aspect, score)| {
                score.proofs.iter().map(move |proof| {
                    let place = proof.locator.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
                    format!("{aspect}: {} {}{place}, as of {}", proof.rung, proof.what, proof.as_of)
                })
            })
            .collect();
        let technique = bare(&claim.coverage.technique);
        let reference = format!("evidence:coverage:{technique}:{}", claim.coverage.asset);
        entry(reference, "coverage", format!("coverage of {technique}"), lines.join("\n"))
    });
    let measured = document.results().iter().filter_map(|result| {
        let reference = format!("evidence:measurement:{}", result.id);
        used.contains(reference.as_str()).then(|| {
            let text = format!(
                "{} = {} ({} to {}), {} trials, {} queries",
                result.metric,
                result.value,
                result.interval.low,
                result.interval.high,
                result.trials,
                result.queries
            );
            entry(reference, "measurement", format!("attack {}", result.attack), text)
        })
    });
    let found = document.findings().iter().filter_map(|finding| {
        let reference = format!("evidence:finding:{}", finding.fingerprint);
        used.contains(reference.as_str()).then(|| {
            let places: Vec<String> =
                finding.evidence.iter().map(|evidence| evidence.locator.to_string()).collect();
            let text = format!("{}: {} in {}", finding.rule, finding.message, places.join(", "));
            entry(reference, "finding", format!("a {} finding", finding.severity), text)
        })
    });
    proofs.chain(measured).chain(found).collect()
}

/// ATLAS as the standard whose techniques are the requirements that attestations map to.
pub(super) fn standards(document: &Document, references: &References<'_>) -> Vec<Value> {
    let claims = claims(document, references);
    let techniques = by_technique(&claims);
    if techniques.is_empty() {
        return Vec::new();
    }
    let known = &Knowledge::builtin().atlas.techniques;
    let requirements: Vec<Value> = techniques
        .keys()
        .map(|id| {
            let name =
                known.iter().find(|technique| technique.id == *id).map(|technique| technique.name.as_str());
            json!({
                "bom-ref": format!("requirement:{id}"),
                "identifier": id,
                "title": name.map(|name| format!("withstand {name}")),
            })
        })
        .collect();
    vec![json!({
        "bom-ref": "standard:atlas",
        "name": "MITRE ATLAS",
        "version": document.review.atlas_edition,
        "owner": "MITRE",
        "requirements": requirements,
    })]
}
