//! Every status, every kind of evidence.

use vauban_domain::{
    FrameworkAssessment, RequirementAssessment, RequirementEvidence, RequirementStatus, Timestamp,
};

use super::results::findings;
use super::{HOSTILE, WEAK, november, reader};

/// One piece of evidence, about the form reader unless its kind is about no asset.
fn shows(kind: &str, id: &str, what: &str, supports: bool) -> RequirementEvidence {
    let about_asset = !matches!(kind, "declaration" | "statement" | "control");
    RequirementEvidence {
        kind: kind.to_owned(),
        id: id.to_owned(),
        what: what.to_owned(),
        supports,
        asset: about_asset.then(reader),
        as_of: november(12),
    }
}

/// Every status, every kind of evidence, ids that are no tokens, and a framework that tries to be a formula.
pub(super) fn compliance() -> Vec<FrameworkAssessment> {
    let requirement = |id: &str, name: &str, status, reason: &str, evidence| RequirementAssessment {
        id: id.to_owned(),
        name: name.to_owned(),
        system: Some("form reader".to_owned()),
        status,
        reason: reason.to_owned(),
        applies_from: Timestamp::from_date(2026, 8, 2),
        evidence,
    };
    let weak = findings().into_iter().find(|one| one.rule == WEAK.id).map(|one| one.fingerprint.to_string());
    let weak = shows("finding", &weak.unwrap(), "small changes change the answer", false);
    let fidelity = "copycat/surrogate-fidelity/models/form-reader.onnx";
    let mut policy = requirement(
        "A.2.2@2023",
        "AI policy",
        RequirementStatus::Satisfied,
        "the board adopted one",
        vec![shows("statement", "A.2.2@2023", "the board adopted a policy", true)],
    );
    policy.system = None;
    policy.applies_from = None;
    vec![
        FrameworkAssessment {
            framework: "eu-ai-act".to_owned(),
            edition: "2024/1689".to_owned(),
            name: "EU AI Act".to_owned(),
            requirements: vec![
                requirement(
                    "Art.14@2024/1689",
                    "Human oversight",
                    RequirementStatus::Unknown,
                    "nobody has said who looks at the outputs",
                    vec![],
                ),
                requirement(
                    "Art.15@2024/1689",
                    "Accuracy, robustness and cybersecurity",
                    RequirementStatus::NotSatisfied,
                    "robust accuracy is below what the owner declared",
                    vec![
                        weak.clone(),
                        shows("measurement", fidelity, "a copy agrees in 94 of 100 answers", false),
                        shows("outcome", "dependency-without-hash", "packages were looked at", true),
                        shows("asset", "model:models/form-reader.onnx", "the model is known", true),
                    ],
                ),
                requirement(
                    "Art.50@2024/1689",
                    "Transparency towards persons",
                    RequirementStatus::NotApplicable,
                    "it answers no person",
                    vec![shows("declaration", "form reader", "reads forms only", true)],
                ),
            ],
        },
        FrameworkAssessment {
            framework: "iso-42001".to_owned(),
            edition: "2023".to_owned(),
            name: "ISO/IEC 42001, Annex A".to_owned(),
            requirements: vec![policy],
        },
        FrameworkAssessment {
            framework: "nist-ai-rmf".to_owned(),
            edition: "1.0".to_owned(),
            name: HOSTILE.to_owned(),
            requirements: vec![
                requirement(
                    "MEASURE 2.7@1.0",
                    HOSTILE,
                    RequirementStatus::Partly,
                    HOSTILE,
                    vec![
                        weak,
                        shows("control", "rate-limit", "the gateway allows 60 requests a minute", true),
                        shows("coverage", "AML.T0024.002", "detected in an exercise", true),
                        shows(HOSTILE, HOSTILE, HOSTILE, false),
                    ],
                ),
                requirement("MEASURE-2.7@1.0", "", RequirementStatus::Unknown, "", vec![]),
            ],
        },
    ]
}
