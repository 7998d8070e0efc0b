//! `dependency-direct-url`.

use vauban_domain::{Evidence, rule};
use vauban_formats::requirements::Requirement;

use super::place::{is_fixed, without_credentials};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A package is installed from an address that can serve something else tomorrow.
    pub(super) const RULE: "dependency-direct-url" {
        family: Dependency,
        severity: Medium,
        title: "a package is installed from a URL or repository without a digest",
        why: "no index has seen the package, and the address can serve other code tomorrow",
        remedy: "publish it to an index and pin version and hash, or name a full commit or #sha256= digest",
        techniques: ["AML.T0010.001@2026.09", "AML.T0011.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-494", "CWE-829"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://packaging.python.org/en/latest/specifications/version-specifiers/#direct-references",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Dependencies(check) };

fn check(subject: &Subject<'_, [Requirement]>, report: &mut Report) {
    for requirement in subject.facts {
        let Some(url) = requirement.url.as_deref().filter(|url| is_open(url)) else { continue };
        if !requirement.hashes.is_empty() {
            continue;
        }
        let shown = without_credentials(url);
        let name = if requirement.written.is_empty() { shown.as_str() } else { requirement.written.as_str() };
        let message = format!(
            "`{name}` is installed from an address, not from an index, and nothing fixes what it serves"
        );
        let key = format!("{}:{name}", subject.locator.path);
        let place = subject.locator.clone().at_line(requirement.line);
        report.find(&subject.asset.id, message, vec![Evidence::new(place, key, shown)]);
    }
}

/// Whether the address is remote and names neither a digest nor a full commit.
fn is_open(url: &str) -> bool {
    url.contains("://") && !url.starts_with("file:") && !is_fixed(url)
}
