//! Programs, scripts, archives and pickles where nobody looks for them.

use vauban_domain::rule;
use vauban_formats::Facts;

use crate::{Check, Look, Report, Subject};

rule! {
    /// Something travels along in the file that its format has no place for.
    pub const RULE: "hidden-payload" {
        family: Artifact,
        severity: Medium,
        title: "something travels along in the file that its format has no place for",
        why: "a program behind the data, between tensors or in the low bits of weights is there for a second stage that takes it out and starts it",
        remedy: "find out what it is and who put it there; get the file again from its publisher and compare digests",
        techniques: ["AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-506", "CWE-345"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02", "L1.3@2025-02"],
        effect: HiddenPayload,
        when: FirstUse,
        loaders: "none by itself: a second stage takes it out",
        source: "Wang, Liu, Cui, \"EvilModel: Hiding Malware Inside of Neural Network Models\" (2021)",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Any(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    super::tell_defects(subject, report, |defect| defect.code.starts_with("hidden-"));
}
