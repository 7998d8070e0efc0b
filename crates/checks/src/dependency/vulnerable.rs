//! `dependency-vulnerable`.

use std::collections::BTreeMap;

use vauban_domain::{Evidence, Locator, Severity, rule};
use vauban_knowledge::Ecosystem;
use vauban_knowledge::advisories::{Advisory, Knows, Sort, Where};

use super::packages::{self, Package};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A version in use has a published weakness.
    pub(super) const RULE: "dependency-vulnerable" {
        family: Dependency,
        severity: Medium,
        title: "a package is used in a version with a known vulnerability",
        why: "the weakness is published, often with an exploit; whatever loads the package inherits it",
        remedy: "upgrade to the version named or a later one; if the weakness cannot be reached here, accept the finding with the reason",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0023@2026.09"],
        weaknesses: ["CWE-1395"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://ossf.github.io/osv-schema/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// A weakness of a package, under all the ids that records give it.
struct Weakness<'a> {
    records: Vec<&'a Advisory>,
    /// By version, what repairs it.
    affected: BTreeMap<&'a str, Option<String>>,
}

fn check(estate: &Estate<'_>, report: &mut Report) {
    let advisories = &estate.knowledge.advisories;
    for package in packages::all(estate) {
        let Some(ecosystem) = package.ecosystem else {
            report.skip(&package.asset.id, "advisories are matched for PyPI, npm, crates.io and Go only");
            continue;
        };
        let known = advisories.of(ecosystem, package.name);
        for weakness in weaknesses(ecosystem, &package, &known) {
            find(&package, ecosystem, &weakness, report);
        }
        match unknown(estate, ecosystem, &package, &known) {
            Some(why) => report.skip(&package.asset.id, why),
            None => report.looked_at(&package.asset.id),
        }
    }
}

/// Records that share an id are one weakness: databases repeat one another.
fn weaknesses<'a>(ecosystem: Ecosystem, package: &Package<'a>, known: &'a [Advisory]) -> Vec<Weakness<'a>> {
    let mut found: Vec<Weakness<'_>> = Vec::new();
    let versions = package.by_version();
    for advisory in known.iter().filter(|advisory| advisory.sort == Sort::Vulnerability) {
        let mut affected = BTreeMap::new();
        for version in versions.keys() {
            if let Where::Inside { fixed } = advisory.at(ecosystem, version) {
                affected.insert(*version, fixed);
            }
        }
        if affected.is_empty() {
            continue;
        }
        let mut weakness = Weakness { records: vec![advisory], affected };
        let same = |other: &Weakness<'_>| other.records.iter().any(|record| record.is_same(advisory));
        for other in found.extract_if(.., |other| same(other)) {
            weakness.records.extend(other.records);
            for (version, fixed) in other.affected {
                let best = weakness.affected.remove(version).flatten();
                weakness.affected.insert(version, later(ecosystem, best, fixed));
            }
        }
        found.push(weakness);
    }
    found
}

/// The later of two repairs: what both records ask for.
fn later(ecosystem: Ecosystem, one: Option<String>, other: Option<String>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) if ecosystem.compare(&one, &other).is_some_and(|order| order.is_lt()) => {
            Some(other)
        }
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

fn find(package: &Package<'_>, ecosystem: Ecosystem, weakness: &Weakness<'_>, report: &mut Report) {
    let name = weakness
        .records
        .iter()
        .map(|record| record.name())
        .min_by_key(|name| (!name.starts_with("CVE-"), *name));
    let name = name.unwrap_or_default();
    let severity = weakness.records.iter().filter_map(|record| record.severity).max();
    let versions: Vec<&str> = weakness.affected.keys().copied().collect();
    let fixed = weakness.affected.values().cloned().reduce(|one, other| match (one, other) {
        (Some(one), Some(other)) => later(ecosystem, Some(one), Some(other)),
        _ => None,
    });
    let next = match fixed.flatten() {
        Some(fixed) => format!("{fixed} repairs it"),
        None => "no record names a version that repairs it".to_owned(),
    };
    let message = format!("`{}` {} is open to {name}: {next}", package.name, versions.join(", "));
    let evidence = evidence(package, &versions, name);
    report.find_as(severity.unwrap_or(Severity::Medium), &package.asset.id, message, evidence);
}

/// Every place that needs one of the versions.
pub(super) fn evidence(package: &Package<'_>, versions: &[&str], id: &str) -> Vec<Evidence> {
    let mut places: Vec<(&Locator, &str)> = Vec::new();
    for (version, locators) in package.by_version() {
        if versions.contains(&version) {
            places.extend(locators.into_iter().map(|locator| (locator, version)));
        }
    }
    places.sort_unstable();
    places.dedup();
    let excerpt = |version: &str| format!("{} {version}", package.name);
    places
        .into_iter()
        .map(|(locator, version)| Evidence::new(locator.clone(), id, excerpt(version)))
        .collect()
}

/// Why silence about the package would not mean that it is clean.
pub(super) fn unknown(
    estate: &Estate<'_>,
    ecosystem: Ecosystem,
    package: &Package<'_>,
    known: &[Advisory],
) -> Option<String> {
    let now = estate.inventory.now;
    let fresh = estate.knowledge.advisories.fresh_days();
    match estate.knowledge.advisories.knows(ecosystem) {
        Knows::Nothing => {
            return Some(format!(
                "there are no advisories for {ecosystem}; import some with `vauban db import`"
            ));
        }
        Knows::Some { as_of, packages } => {
            let here = if known.is_empty() {
                "and not this one"
            } else {
                "this one among them, perhaps not all of it"
            };
            return Some(format!(
                "the built-in table of {} knows {packages} packages of {ecosystem} {here}; import a database with `vauban db import`",
                as_of.day()
            ));
        }
        Knows::All { as_of } if now.days_since(as_of) > fresh => {
            return Some(format!(
                "the advisories for {ecosystem} are of {}, more than {fresh} days old; import newer ones with `vauban db import`",
                as_of.day()
            ));
        }
        Knows::All { .. } => {}
    }
    package.uses.iter().any(|used| used.version.is_none()).then(|| {
        let places = package.uses.iter().filter(|used| used.version.is_none());
        let place = places.map(|used| used.locator).min().map(ToString::to_string).unwrap_or_default();
        format!("no version is fixed at {place}")
    })
}
