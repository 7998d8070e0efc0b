//! Vulnerabilities and what was decided about them (VEX).

use serde_json::json;

use super::{element, graph::Graph};
use crate::{bill, v1::Document};

/// Adds them; false if there are none.
pub(super) fn add(document: &Document, graph: &mut Graph) -> bool {
    let found = bill::vulnerabilities(document);
    for vulnerability in &found {
        let finding = vulnerability.finding;
        let Some(asset) = document.asset(&finding.asset) else { continue };
        let id = graph.id(&format!("vulnerability/{}", vulnerability.id));
        if !graph.has(&id) {
            let identifiers: Vec<_> = std::iter::once(&vulnerability.id)
                .chain(&vulnerability.aliases)
                .map(|name| {
                    let kind = if name.starts_with("CVE-") { "cve" } else { "securityOther" };
                    json!({
                        "type": "ExternalIdentifier",
                        "externalIdentifierType": kind,
                        "identifier": name,
                        "identifierLocator": [bill::advisory_source(name).1],
                    })
                })
                .collect();
            graph.add(
                &id,
                "security_Vulnerability",
                json!({
                    "name": vulnerability.id,
                    "description": finding.message,
                    "externalIdentifier": identifiers,
                }),
            );
        }
        let reason = finding.acceptance.as_ref().map(|acceptance| acceptance.reason.as_str());
        let (class, kind, more) = match vulnerability.state {
            "not_affected" | "false_positive" => (
                "security_VexNotAffectedVulnAssessmentRelationship",
                "doesNotAffect",
                json!({
                    "security_justificationType": vulnerability.justification.and_then(justification),
                    "security_impactStatement": reason.unwrap_or("not affected"),
                }),
            ),
            "resolved" => ("security_VexFixedVulnAssessmentRelationship", "fixedIn", json!({})),
            "exploitable" => (
                "security_VexAffectedVulnAssessmentRelationship",
                "affects",
                json!({"security_actionStatement": format!("accepted: {}", reason.unwrap_or_default())}),
            ),
            _ => (
                "security_VexUnderInvestigationVulnAssessmentRelationship",
                "underInvestigationFor",
                json!({}),
            ),
        };
        let name = format!("vex/{}/{}", vulnerability.id, finding.fingerprint);
        let affected = element::ids_of(asset, &bill::affected(finding, &bill::versions(asset)), graph);
        graph.relate_as(class, &name, &id, kind, affected, more);
    }
    !found.is_empty()
}

/// SPDX's word for one of CycloneDX, where it has one.
fn justification(word: &str) -> Option<&'static str> {
    Some(match word {
        "code_not_present" => "vulnerableCodeNotPresent",
        "code_not_reachable" => "vulnerableCodeNotInExecutePath",
        "requires_dependency" => "componentNotPresent",
        "requires_configuration" | "requires_environment" => "vulnerableCodeCannotBeControlledByAdversary",
        "protected_by_compiler"
        | "protected_at_runtime"
        | "protected_at_perimeter"
        | "protected_by_mitigating_control" => "inlineMitigationsAlreadyExist",
        _ => return None,
    })
}
