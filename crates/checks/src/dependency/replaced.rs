//! `dependency-replaced`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Ecosystem;
use vauban_formats::manifest::{Manifest, Replacement};

use super::place::without_credentials;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A name installs something that is not what the name says.
    pub(super) const RULE: "dependency-replaced" {
        family: Dependency,
        severity: Medium,
        title: "a package is replaced by another one under its own name",
        why: "the code and its reviewers see the known name, while what is built is a fork that gets no advisories under that name",
        remedy: "depend on the fork by its own name, or say in a comment why it stands in and when it will go",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-1357", "CWE-829"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://go.dev/ref/mod#go-mod-file-replace",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Manifest(check) };

fn check(subject: &Subject<'_, Manifest>, report: &mut Report) {
    for replacement in &subject.facts.replacements {
        let known = subject.knowledge.packages.is_known(subject.facts.ecosystem.as_str(), &replacement.name);
        if replacement.is_local() || !is_stranger(subject.facts, replacement, known) {
            continue;
        }
        let shown = without_credentials(&replacement.by);
        let message = format!("what is called `{}` is `{shown}`", replacement.name);
        let key = format!("{}:{}", subject.locator.path, replacement.name);
        let place = subject.locator.clone().at_line(replacement.line);
        report.find(&subject.asset.id, message, vec![Evidence::new(place, key, shown)]);
    }
}

/// Whether what stands in is another thing than its name says: not another version of it, nor a name of one's own.
fn is_stranger(manifest: &Manifest, replacement: &Replacement, known: bool) -> bool {
    match manifest.ecosystem {
        Ecosystem::Go => replacement.by.split('@').next() != Some(replacement.name.as_str()),
        Ecosystem::Npm => match replacement.by.strip_prefix("npm:") {
            Some(by) => {
                let scope = usize::from(by.starts_with('@'));
                let end = by.get(scope..).and_then(|rest| rest.find('@')).map_or(by.len(), |at| at + scope);
                // An alias of one's own choice hides nothing.
                by.get(..end) != Some(replacement.name.as_str()) && known
            }
            None => true,
        },
        // A version alone is the same package.
        _ => replacement.by.contains("://"),
    }
}
