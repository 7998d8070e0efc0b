//! Archives that two readers read differently.

use vauban_domain::rule;
use vauban_formats::Facts;

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
        effect: HiddenPayload,
        when: Load,
        loaders: "zipfile, miniz (torch.load), libzip, Java and streaming readers, each with its own answer; tarfile and GNU tar",
        source: "PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4; CVE-2025-1889, CVE-2025-1944, CVE-2025-1945, CVE-2025-10156",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Artifact(check) };

/// Defects that make readers disagree.
pub(super) const CODES: &[&str] = &[
    "tar-behind-end",
    "tar-checksum",
    "tar-duplicate-member",
    "tar-sizes-differ",
    "zip-appended",
    "zip-crc",
    "zip-duplicate-member",
    "zip-flags-differ",
    "zip-flags-lie",
    "zip-folder-with-content",
    "zip-methods-differ",
    "zip-name-cut",
    "zip-name-empty",
    "zip-names-differ",
    "zip-overlap",
    "zip-prepended",
    "zip-sizes-differ",
    "zip-two-directories",
    "zip-unlisted-member",
];

/// Names under which people expect an archive to begin with itself; programs that carry one along have others.
const PLAIN: &[&str] = &[
    "bin", "ckpt", "keras", "mar", "model", "nemo", "npz", "pkl", "pt", "pt2", "ptl", "pth", "skops", "zip",
];

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let name = subject.locator.member.as_deref().unwrap_or(&subject.locator.path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_lowercase();
    let plain = PLAIN.contains(&extension.as_str());
    super::tell_defects(subject, report, |defect| {
        CODES.contains(&defect.code) && (defect.code != "zip-prepended" || plain)
    });
}
