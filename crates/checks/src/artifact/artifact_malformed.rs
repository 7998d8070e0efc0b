//! Model files whose structure is broken or lies.

use vauban_domain::rule;
use vauban_formats::Facts;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The file is not built as its format says.
    pub const RULE: "artifact-malformed" {
        family: Artifact,
        severity: Medium,
        title: "the file is not built as its format says",
        why: "a file that breaks its format reaches code paths of loaders that were never meant to run, and can hide data from scanners",
        remedy: "get the file again from its publisher and compare digests; do not load this one",
        techniques: ["AML.T0076@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-20", "CWE-1284"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: MemoryCorruption,
        when: Load,
        loaders: "native loaders that trust lengths and offsets: llama.cpp, ONNX Runtime, TensorFlow, HDF5 in old versions",
        source: "specifications named in the parsers",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Artifact(check) };

/// Bounds that no honest file hits: these count as lies, other bounds as looks that did not happen.
const BOUNDS: &[&str] = &["limit-memo", "limit-search", "limit-stack", "limit-streams"];

/// Beginnings of codes that have rules of their own.
const ELSEWHERE: &[&str] = &["hidden-", "polyglot", "weights-"];

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    super::tell_defects(subject, report, |defect| {
        BOUNDS.contains(&defect.code)
            || !defect.is_limit()
                && !super::archive_ambiguous::CODES.contains(&defect.code)
                && !ELSEWHERE.iter().any(|start| defect.code.starts_with(start))
    });
}
