//! Streams and archives that inflate far beyond their size.

use vauban_domain::rule;
use vauban_formats::Facts;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The file inflates beyond bounds.
    pub const RULE: "archive-bomb" {
        family: Artifact,
        severity: High,
        title: "the file inflates beyond bounds",
        why: "whoever unpacks it runs out of memory or disk; nothing that is meant to be loaded looks like this",
        remedy: "get the file again from its publisher and compare digests; do not load this one",
        techniques: ["AML.T0029@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0036@2026.09"],
        weaknesses: ["CWE-409"],
        owasp: ["LLM10:2025"],
        threats: ["L1.7@2025-02"],
        effect: ResourceExhaustion,
        when: Load,
        loaders: "all that inflate: zipfile, tarfile, gzip, joblib.load, numpy.load, torch.load",
        source: "CWE-409",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Artifact(check) };

/// Bounds that a bomb hits.
const CODES: &[&str] = &["limit-depth", "limit-inflated", "limit-members", "limit-overlap", "limit-ratio"];

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    super::tell_defects(subject, report, |defect| CODES.contains(&defect.code));
}
