//! `dependency-off-registry`.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::lock::{Lock, Source};

use super::place::{host, is_fixed, is_vendor, without_credentials};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A locked package does not come from a registry.
    pub(super) const RULE: "dependency-off-registry" {
        family: Dependency,
        severity: Low,
        title: "a locked package comes from a repository or an address, past every registry",
        why: "no registry has scanned it, nobody can yank it, advisories do not name it, and who controls the address controls the next version",
        remedy: "take a release from the registry, or mirror the commit in a registry of your own",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-829", "CWE-1357"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://slsa.dev/spec/v1.0/threats#d-external-build-parameters",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Lock(check) };

fn check(subject: &Subject<'_, Lock>, report: &mut Report) {
    if subject.facts.installed {
        return;
    }
    for package in &subject.facts.packages {
        if !matches!(package.source, Source::Git | Source::Url) || is_vendor(host(&package.address)) {
            continue;
        }
        let shown = without_credentials(&package.address);
        let open = package.hashes.is_empty() && !is_fixed(&package.address);
        let (severity, fixed) = match open {
            true => (Severity::Medium, ", and nothing fixes what it serves"),
            false => (Severity::Low, ""),
        };
        let what = if package.source == Source::Git { "a repository" } else { "an address" };
        let message = format!("`{}` comes from {what}, not from a registry{fixed}", package.name);
        let key = format!("{}:{}", subject.locator.path, package.name);
        let place = subject.locator.clone().at_line(package.line);
        report.find_as(severity, &subject.asset.id, message, vec![Evidence::new(place, key, shown)]);
    }
}
