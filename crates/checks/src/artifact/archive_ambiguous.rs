//! Archives that two readers read differently.

use vauban_domain::rule;
use vauban_formats::zip::Zip;

use crate::{Check, Look, Report, Subject};

rule! {
    /// Loaders disagree about what is in the archive.
    pub const RULE: "archive-ambiguous" {
        family: Artifact,
        severity: Medium,
        title: "loaders disagree about what is in the archive",
        why: "a scanner and the program that loads the file can see different members, which is how payloads are hidden",
        remedy: "get the file again from its publisher and compare digests; do not load this one",
        techniques: ["AML.T0074@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-436", "CWE-345"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        source: "PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Archive(check) };

/// Defects that make readers disagree.
pub(super) const CODES: &[&str] = &[
    "zip-appended",
    "zip-crc",
    "zip-duplicate-member",
    "zip-flags-differ",
    "zip-methods-differ",
    "zip-name-cut",
    "zip-names-differ",
    "zip-prepended",
    "zip-sizes-differ",
    "zip-two-directories",
    "zip-unlisted-member",
];

fn check(subject: &Subject<'_, Zip>, report: &mut Report) {
    super::tell_defects(subject, report, |defect| CODES.contains(&defect.code));
}
