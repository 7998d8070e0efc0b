//! Weights with statistics that training does not leave.

use vauban_domain::rule;
use vauban_formats::Facts;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The numbers of a tensor are no numbers.
    pub const RULE: "weights-anomalous" {
        family: Artifact,
        severity: Medium,
        title: "the values of a tensor look like other data",
        why: "encrypted or compressed bytes in the place of weights are a payload for a second stage, or a broken file",
        remedy: "compare the file's digest with its publisher's; compare the tensor with an earlier version of the model",
        techniques: ["AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-506"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02", "L1.3@2025-02"],
        effect: HiddenPayload,
        when: FirstUse,
        loaders: "none by itself: a second stage takes it out",
        source: "Hitaj et al., \"MaleficNet: Hiding Malware into Deep Neural Networks\" (2022)",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Artifact(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    super::tell_defects(subject, report, |defect| defect.code.starts_with("weights-"));
}
