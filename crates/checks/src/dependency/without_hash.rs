//! `dependency-without-hash`.

use vauban_domain::{Evidence, rule};
use vauban_formats::requirements::Requirements;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A version is pinned, its bytes are not.
    pub(super) const RULE: "dependency-without-hash" {
        family: Dependency,
        severity: Info,
        title: "a pinned dependency has no hash",
        why: "a version can be served with other bytes by a mirror or proxy; only a hash fixes what is installed",
        remedy: "write hashes with pip-compile --generate-hashes or uv export, and install with --require-hashes",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-494"],
        owasp: ["LLM03:2025"],
        threats: ["L3.4@2025-02"],
        source: "https://pip.pypa.io/en/stable/topics/secure-installs/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Requirements(check) };

fn check(subject: &Subject<'_, Requirements>, report: &mut Report) {
    if subject.facts.constraints {
        return;
    }
    for requirement in &subject.facts.requirements {
        let Some(version) = requirement.exact_version().filter(|_| requirement.hashes.is_empty()) else {
            continue;
        };
        let message = format!("`{}` is pinned to {version} without a hash", requirement.written);
        let key = format!("{}:{}", subject.locator.path, requirement.name);
        let excerpt = format!("{}=={version}", requirement.written);
        let place = subject.locator.clone().at_line(requirement.line);
        report.find(&subject.asset.id, message, vec![Evidence::new(place, key, excerpt)]);
    }
}
