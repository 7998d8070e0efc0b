//! Statement of applicability: every requirement, whether it applies, why, and how it stands (RFC 4180).

use std::collections::BTreeMap;

use crate::{
    csv,
    exporter::{ExportError, Exporter},
    v1::{Document, RequirementAssessment, RequirementStatus},
};

/// Requirements of frameworks as a table.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "statement-of-applicability",
    extension: "applicability.csv",
    media_type: "text/csv",
    summary: "every requirement: whether it applies, why, how it stands and on what",
    write,
};

const COLUMNS: [&str; 15] = [
    "framework",
    "edition",
    "requirement",
    "name",
    "system",
    "applicable",
    "justification",
    "status",
    "evidence_for",
    "evidence_against",
    "owner",
    "evidence_date",
    "assessed",
    "applies_from",
    "review",
];

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.compliance.is_none() {
        return Err(ExportError::MissingPart { format: "statement-of-applicability", part: "compliance" });
    }
    Ok(csv::table(&rows(document)))
}

/// Names of columns, then a row for each requirement.
pub(crate) fn rows(document: &Document) -> Vec<Vec<String>> {
    let systems = &document.review.declaration.systems;
    let owners: BTreeMap<&str, &str> =
        systems.iter().map(|system| (system.name.as_str(), system.owner.as_str())).collect();
    let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
    for framework in document.compliance.iter().flatten() {
        for requirement in &framework.requirements {
            let system = requirement.system.as_deref();
            let newest = requirement.evidence.iter().map(|evidence| evidence.as_of.as_str()).max();
            rows.push(vec![
                framework.framework.clone(),
                framework.edition.clone(),
                requirement.id.clone(),
                requirement.name.clone(),
                system.unwrap_or_default().to_owned(),
                applicable(requirement.status).to_owned(),
                requirement.reason.clone(),
                requirement.status.to_string(),
                ids(requirement, true),
                ids(requirement, false),
                system.and_then(|name| owners.get(name)).copied().unwrap_or_default().to_owned(),
                newest.unwrap_or_default().to_owned(),
                document.review.taken_at.clone(),
                requirement.applies_from.clone().unwrap_or_default(),
                document.review.id.clone(),
            ]);
        }
    }
    rows
}

/// What nobody has looked at applies until somebody says why it does not.
fn applicable(status: RequirementStatus) -> &'static str {
    if status == RequirementStatus::NotApplicable { "no" } else { "yes" }
}

/// Kind and id of the evidence on one side.
fn ids(requirement: &RequirementAssessment, supports: bool) -> String {
    let side = requirement.evidence.iter().filter(|evidence| evidence.supports == supports);
    side.map(|evidence| format!("{} {}", evidence.kind, evidence.id)).collect::<Vec<_>>().join("; ")
}
