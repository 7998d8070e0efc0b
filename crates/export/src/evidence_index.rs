//! From requirement to evidence to place: one row for every piece of evidence of every requirement (RFC 4180).

use std::collections::BTreeMap;

use crate::{
    csv::row,
    v1::{Document, Finding, Locator, RequirementEvidence},
};

const COLUMNS: [&str; 14] = [
    "framework",
    "edition",
    "requirement",
    "system",
    "status",
    "speaks",
    "kind",
    "id",
    "asset",
    "what",
    "as_of",
    "record",
    "place",
    "review",
];

/// The index as a table. A requirement without evidence has a row too, in which its reason stands.
pub(crate) fn table(document: &Document) -> Vec<u8> {
    let places = Places::of(document);
    let mut table = String::new();
    row(&mut table, &COLUMNS.map(str::to_owned));
    for framework in document.compliance.iter().flatten() {
        for requirement in &framework.requirements {
            let begin = [
                framework.framework.clone(),
                framework.edition.clone(),
                requirement.id.clone(),
                requirement.system.clone().unwrap_or_default(),
                requirement.status.to_string(),
            ];
            let review = document.review.id.clone();
            for evidence in &requirement.evidence {
                let (record, place) = places.of_evidence(document, evidence);
                let end = [
                    if evidence.supports { "for" } else { "against" }.to_owned(),
                    evidence.kind.clone(),
                    evidence.id.clone(),
                    evidence.asset.clone().unwrap_or_default(),
                    evidence.what.clone(),
                    evidence.as_of.clone(),
                    record,
                    place,
                    review.clone(),
                ];
                row(&mut table, &[begin.as_slice(), &end].concat());
            }
            if requirement.evidence.is_empty() {
                let mut end = vec!["none".to_owned(), String::new(), String::new(), String::new()];
                end.push(requirement.reason.clone());
                end.extend([String::new(), String::new(), String::new(), review]);
                row(&mut table, &[begin.as_slice(), &end].concat());
            }
        }
    }
    table.into_bytes()
}

/// Where things of a document were seen, by id.
struct Places<'a> {
    findings: BTreeMap<&'a str, &'a Finding>,
    claims: BTreeMap<&'a str, &'a Locator>,
    systems: BTreeMap<&'a str, &'a Locator>,
    measured: BTreeMap<&'a str, &'a str>,
}

impl<'a> Places<'a> {
    fn of(document: &'a Document) -> Self {
        let declaration = &document.review.declaration;
        Self {
            findings: document.findings().iter().map(|one| (one.fingerprint.as_str(), one)).collect(),
            claims: declaration.claims.iter().map(|one| (one.control.as_str(), &one.locator)).collect(),
            systems: declaration.systems.iter().map(|one| (one.name.as_str(), &one.locator)).collect(),
            measured: document
                .results()
                .iter()
                .map(|one| (one.id.as_str(), one.reproduce.as_str()))
                .collect(),
        }
    }

    /// The list of the JSON v1 document that holds it, and where in what was reviewed it was seen.
    fn of_evidence(&self, document: &Document, evidence: &RequirementEvidence) -> (String, String) {
        let id = evidence.id.as_str();
        let at = |locator: &&Locator| locator.to_string();
        let (record, place) = match evidence.kind.as_str() {
            "finding" => (
                self.findings.get(id).map(|_| "findings"),
                self.findings.get(id).and_then(|one| one.evidence.first()).map(|one| one.locator.to_string()),
            ),
            "measurement" => (
                self.measured.get(id).map(|_| "measurements.results"),
                self.measured.get(id).map(|command| (*command).to_owned()),
            ),
            "control" => {
                (self.claims.get(id).map(|_| "review.declaration.claims"), self.claims.get(id).map(at))
            }
            "declaration" => {
                (self.systems.get(id).map(|_| "review.declaration.systems"), self.systems.get(id).map(at))
            }
            "outcome" => (document.outcomes.as_ref().map(|_| "outcomes"), None),
            "coverage" => (document.coverage.as_ref().map(|_| "coverage"), None),
            "asset" => (document.asset(id).map(|_| "assets"), None),
            _ => (None, None),
        };
        let asset = evidence.asset.as_deref().or((evidence.kind == "asset").then_some(id));
        let seen = || asset.and_then(|id| document.asset(id)?.locators.first().map(ToString::to_string));
        let place = place.filter(|place| !place.is_empty()).or_else(seen);
        (record.unwrap_or("compliance").to_owned(), place.unwrap_or_default())
    }
}
