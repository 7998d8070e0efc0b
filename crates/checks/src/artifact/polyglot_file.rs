//! Files that are two formats at once.

use vauban_domain::rule;
use vauban_formats::Facts;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The file is of two formats at once.
    pub const RULE: "polyglot-file" {
        family: Artifact,
        severity: Medium,
        title: "the file is of two formats at once",
        why: "one program checks it as a harmless format, another loads it as one that runs code; both are right",
        remedy: "do not load it; get it again from its publisher and compare digests",
        techniques: ["AML.T0074@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-436", "CWE-434"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: HiddenPayload,
        when: Load,
        loaders: "those that open ZIP by its end (zipfile) against those that go by the first bytes (pickle, safetensors, GGUF, tar)",
        source: "Albertini, \"Abusing file formats\", PoC||GTFO 7 (2015)",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Any(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    super::tell_defects(subject, report, |defect| defect.code == "polyglot");
}
