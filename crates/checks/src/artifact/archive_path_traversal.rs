//! Archives whose member names or links lead outside.

use vauban_domain::{Evidence, rule};
use vauban_formats::zip::Zip;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A member of the archive leaves the folder it is unpacked to.
    pub const RULE: "archive-path-traversal" {
        family: Artifact,
        severity: High,
        title: "a member of the archive leaves the folder it is unpacked to",
        why: "unpacking overwrites or reads files elsewhere: start-up scripts, keys, other models",
        remedy: "do not unpack it; get it again from its publisher",
        techniques: ["AML.T0010.003@2026.09", "AML.T0011.000@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22", "CWE-59"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        source: "CWE-22",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Archive(check) };

fn check(subject: &Subject<'_, Zip>, report: &mut Report) {
    for entry in subject.facts.entries.iter().filter(|entry| leaves(&entry.name) || entry.is_link()) {
        let what = if entry.is_link() { "is a symbolic link" } else { "leaves the folder" };
        let name: String = entry.name.escape_debug().take(200).collect();
        let message = format!("member `{name}` {what}; do not unpack the archive");
        let evidence = Evidence::new(subject.locator.clone(), entry.name.clone(), name);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}

/// Whether a path is absolute, has a drive, or climbs.
pub(super) fn leaves(path: &str) -> bool {
    let path = path.replace('\\', "/");
    let drive =
        path.as_bytes().get(1) == Some(&b':') && path.starts_with(|char: char| char.is_ascii_alphabetic());
    path.starts_with('/') || drive || path.split('/').any(|part| part == "..")
}
