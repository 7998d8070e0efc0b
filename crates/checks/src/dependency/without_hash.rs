//! `dependency-without-hash`.

use vauban_domain::{Evidence, rule};
use vauban_formats::lock::{Lock, LockedPackage, Source};
use vauban_formats::requirements::Requirements;
use vauban_formats::{Ecosystem, Facts};

use super::place::is_fixed;
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
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Packages(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Requirements(file) if !file.constraints => of_requirements(subject, file, report),
        Facts::Lock(lock) if !lock.installed => of_lock(subject, lock, report),
        _ => {}
    }
}

fn of_requirements(subject: &Subject<'_, Facts>, file: &Requirements, report: &mut Report) {
    for requirement in &file.requirements {
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

/// One finding for a lock: its tool writes hashes for all packages of an index or for none.
fn of_lock(subject: &Subject<'_, Facts>, lock: &Lock, report: &mut Report) {
    let without: Vec<_> = lock.packages.iter().filter(|package| lacks_hash(lock, package)).collect();
    let Some(first) = without.first() else { return };
    let names: Vec<&str> = without.iter().take(10).map(|package| package.name.as_str()).collect();
    let message = match without.as_slice() {
        [only] => format!("`{}` is locked without a hash", only.name),
        many => format!("{} of {} locked packages have no hash", many.len(), lock.packages.len()),
    };
    let place = subject.locator.clone().at_line(first.line);
    let evidence = Evidence::new(place, subject.locator.path.clone(), names.join(", "));
    report.find(&subject.asset.id, message, vec![evidence]);
}

fn lacks_hash(lock: &Lock, package: &LockedPackage) -> bool {
    let fetched = match package.source {
        Source::Registry => true,
        Source::Url => !is_fixed(&package.address),
        // The commit is the hash of a repository.
        Source::Git | Source::Path => false,
    };
    // npm leaves out where bundled packages come from, and Yarn the checksums of what is optional.
    let says_where = lock.ecosystem != Ecosystem::Npm || !package.address.is_empty();
    fetched && says_where && package.hashes.is_empty() && !package.version.is_empty()
}
