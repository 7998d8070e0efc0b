//! Pages and pointers that stand where a model should be.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A text stands where the name promises a model.
    pub const RULE: "model-placeholder" {
        family: Artifact,
        severity: Low,
        title: "a text stands where the name promises a model",
        why: "the download ended in an error page, or large files were never fetched: whoever loads it fails, and nothing was scanned",
        remedy: "fetch the file again (`git lfs pull`, or the publisher's download with your credentials) and scan that",
        techniques: ["AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-345"],
        owasp: ["LLM03:2025"],
        threats: ["L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "all refuse it",
        source: "Git LFS specification, section \"The Pointer\"",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Any(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let Facts::Text(text) = subject.facts else { return };
    let name = subject.locator.member.as_deref().unwrap_or(&subject.locator.path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_lowercase();
    if !vauban_formats::executable::MODEL_EXTENSIONS.contains(&extension.as_str()) {
        return;
    }
    let start = text.text.trim_start();
    let lower: String = start.chars().take(64).collect::<String>().to_lowercase();
    let (key, what) = if lower.starts_with("version https://git-lfs") {
        ("lfs-pointer", "a Git LFS pointer; the file itself was not fetched")
    } else if lower.starts_with("<!doctype") || lower.starts_with("<html") || lower.starts_with("<?xml") {
        ("page", "a page, perhaps of an error")
    } else if lower.starts_with("{\"error\"")
        || ["entry not", "access denied", "404: not"].iter().any(|page| lower.starts_with(page))
    {
        ("error", "an error message")
    } else {
        return;
    };
    let excerpt: String = start.chars().take(120).collect();
    let message = format!("`.{extension}` promises a model and the file is {what}");
    report.find(&subject.asset.id, message, vec![Evidence::new(subject.locator.clone(), key, excerpt)]);
}
