//! `dependency-foreign-address`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Ecosystem;
use vauban_formats::lock::{Lock, LockedPackage, Source};

use super::place::without_credentials;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A lock fetches one package from the address of another.
    pub(super) const RULE: "dependency-foreign-address" {
        family: Dependency,
        severity: High,
        title: "a locked package is fetched from an address of another package or version",
        why: "nobody reads a lock file, so an address changed in it installs code under a name that everyone trusts",
        remedy: "write the lock anew from the manifest with the registry that is meant, and find out who changed it",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-829", "CWE-345"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://docs.npmjs.com/cli/configuring-npm/package-lock-json",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Lock(check) };

fn check(subject: &Subject<'_, Lock>, report: &mut Report) {
    if subject.facts.installed {
        return;
    }
    for package in &subject.facts.packages {
        let Some(fetched) = other_than_said(package) else { continue };
        let said = format!("{} {}", package.name, package.version);
        let message = format!("`{said}` is fetched from the address of `{fetched}`");
        let key = format!("{}:{}", subject.locator.path, package.name);
        let place = subject.locator.clone().at_line(package.line);
        let shown = without_credentials(&package.address);
        report.find(&subject.asset.id, message, vec![Evidence::new(place, key, shown)]);
    }
}

/// Name and version that the address of a registry's tarball has, if they are not the package's own:
/// `https://host/any/path/@scope/name/-/name-1.0.0.tgz`.
fn other_than_said(package: &LockedPackage) -> Option<String> {
    if package.ecosystem != Ecosystem::Npm || package.source != Source::Registry || package.version.is_empty()
    {
        return None;
    }
    let address =
        package.address.split(['?', '#']).next()?.replace("%2f", "/").replace("%2F", "/").replace("%40", "@");
    let (before, file) = address.split_once("/-/")?;
    // GitLab and Nexus put the scope before the file too.
    let file = file.rsplit('/').next()?.strip_suffix(".tgz")?;
    let same_name = before.ends_with(&format!("/{}", package.name));
    let base = package.name.rsplit('/').next().unwrap_or(&package.name);
    let version = file.strip_prefix(base).and_then(|rest| rest.strip_prefix('-'));
    let build = package.version.split('+').next();
    let same_version = version.is_some_and(|version| version == package.version || Some(version) == build);
    if same_name && same_version {
        return None;
    }
    let mut parts = before.rsplit('/');
    let name = parts.next()?;
    let scope = parts.next().filter(|part| part.starts_with('@'));
    let name = scope.map_or_else(|| name.to_owned(), |scope| format!("{scope}/{name}"));
    // A file named after something else entirely gives no version to compare.
    let version = file.strip_prefix(name.rsplit('/').next()?).and_then(|rest| rest.strip_prefix('-'));
    match version {
        Some(version) => Some(format!("{name} {version}")),
        None => (!same_name).then_some(name),
    }
}
