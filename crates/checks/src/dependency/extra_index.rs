//! `dependency-extra-index`.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::requirements::Index;

use super::place::{host, is_vendor};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A second index can answer for any package.
    pub(super) const RULE: "dependency-extra-index" {
        family: Dependency,
        severity: High,
        title: "a second package index stands beside the main one",
        why: "installers take the highest version that any index offers, so whoever registers an internal name on the public index is installed instead (dependency confusion)",
        remedy: "use one index that proxies the others, or bind packages to their index (explicit = true in uv)",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-427", "CWE-829"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-extra-index-url",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Indexes(check) };

fn check(subject: &Subject<'_, [Index]>, report: &mut Report) {
    for index in subject.facts.iter().filter(|index| index.extra && index.url.contains("://")) {
        let host = host(&index.url);
        let severity = if is_vendor(host) { Severity::Low } else { Severity::High };
        let message = format!("packages may come from `{host}` as well as from the main index");
        let key = format!("{}:{host}", subject.locator.path);
        let place = subject.locator.clone().at_line(index.line);
        report.find_as(severity, &subject.asset.id, message, vec![Evidence::new(place, key, host)]);
    }
}
