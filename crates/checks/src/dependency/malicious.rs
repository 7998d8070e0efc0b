//! `dependency-malicious`.

use vauban_domain::{Evidence, rule};
use vauban_knowledge::advisories::{Advisory, Sort, Span, Where};

use super::packages;
use super::vulnerable::{evidence, unknown};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A package that was made, or taken over, to do harm.
    pub(super) const RULE: "dependency-malicious" {
        family: Dependency,
        severity: Critical,
        title: "a package is known to be malicious",
        why: "installing it is enough to run the attacker's code with the rights of the build, the notebook or the service",
        remedy: "remove it, take every machine that installed it as compromised, and replace the credentials that were there",
        techniques: ["AML.T0010.001@2026.09", "AML.T0011.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-506"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://github.com/ossf/malicious-packages",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for package in packages::all(estate) {
        let Some(ecosystem) = package.ecosystem else { continue };
        let known = estate.knowledge.advisories.of(ecosystem, package.name);
        let mut bad: Vec<&Advisory> = Vec::new();
        for advisory in known.iter().filter(|advisory| advisory.sort == Sort::Malicious) {
            if !bad.iter().any(|other| other.is_same(advisory)) {
                bad.push(advisory);
            }
        }
        let versions = package.by_version();
        for advisory in &bad {
            let inside = |version: &&&str| matches!(advisory.at(ecosystem, version), Where::Inside { .. });
            let hit: Vec<&str> = versions.keys().filter(inside).copied().collect();
            let name = advisory.name();
            if !hit.is_empty() {
                let message = format!("`{}` {} is malicious ({name})", package.name, hit.join(", "));
                report.find(&package.asset.id, message, evidence(&package, &hit, name));
            } else if advisory.spans.iter().any(Span::is_everything) {
                // Nothing of it is good, so that the version does not matter.
                let message = format!("`{}` is malicious in every version ({name})", package.name);
                let places =
                    package.uses.iter().map(|used| Evidence::new(used.locator.clone(), name, package.name));
                report.find(&package.asset.id, message, places.collect());
            }
        }
        match unknown(estate, ecosystem, &package, &known) {
            Some(why) => report.skip(&package.asset.id, why),
            None => report.looked_at(&package.asset.id),
        }
    }
}
