//! `dependency-unpinned`.

use vauban_domain::{Evidence, Locator, rule};
use vauban_formats::manifest::Manifest;
use vauban_formats::requirements::Requirement;
use vauban_formats::{Ecosystem, Facts};

use super::place::{and_above, beside, folder, locks, manifest};
use crate::{Check, Estate, File, Look, Report};

rule! {
    /// A dependency may be another one tomorrow.
    pub(super) const RULE: "dependency-unpinned" {
        family: Dependency,
        severity: Low,
        title: "a dependency has no exact version, and no lock file holds one",
        why: "every installation can bring other code; a release that is taken over spreads at once, and a result cannot be reproduced",
        remedy: "pin an exact version or keep a lock file (uv lock, pip-compile --generate-hashes, package-lock.json, Cargo.lock)",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0023@2026.09"],
        weaknesses: ["CWE-1357"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02"],
        source: "https://pip.pypa.io/en/stable/topics/repeatable-installs/",
    }
}

/// The check. It looks at the estate because the lock file lies beside the file that it locks.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for file in estate.inventory.files {
        if let Facts::Requirements(facts) = &file.parsed.facts {
            if !facts.constraints {
                let pinned_elsewhere = |name: &str| {
                    facts.includes.iter().any(|(path, _)| is_constrained(estate, file, path, name))
                };
                judge(file, facts.requirements.iter().filter(|r| !pinned_elsewhere(&r.name)), report);
            }
        } else if let Some(manifest) = manifest(file) {
            if has_lock(estate, file, &manifest) || !is_installed_from(estate, file, &manifest) {
                report.looked_at(&file.home);
            } else {
                judge(file, manifest.requirements.iter(), report);
            }
        }
    }
}

/// Whether something is installed by this manifest alone: a library of Rust leaves the choice to what uses it.
fn is_installed_from(estate: &Estate<'_>, file: &File, manifest: &Manifest) -> bool {
    manifest.ecosystem != Ecosystem::Cargo || beside(estate, folder(&file.path), "src/main.rs").is_some()
}

/// What conda environments hold beside packages: the interpreter and what installs.
const TOOLS: [&str; 4] = ["pip", "python", "setuptools", "wheel"];

fn judge<'a>(file: &File, requirements: impl Iterator<Item = &'a Requirement>, report: &mut Report) {
    report.looked_at(&file.home);
    for requirement in requirements {
        let tool = requirement.ecosystem == Ecosystem::Conda && TOOLS.contains(&requirement.name.as_str());
        let elsewhere = requirement.is_direct() || requirement.editable || requirement.name.is_empty();
        if elsewhere || tool || requirement.exact_version().is_some() {
            continue;
        }
        let message = if requirement.specifier.is_empty() {
            format!("`{}` has no version", requirement.written)
        } else {
            format!("`{}` may be any version {}", requirement.written, requirement.specifier)
        };
        let key = format!("{}:{}", file.path, requirement.name);
        let excerpt = format!("{}{}", requirement.written, requirement.specifier);
        let place = Locator::file(&file.path).at_line(requirement.line);
        report.find(&file.home, message, vec![Evidence::new(place, key, excerpt)]);
    }
}

/// A lock file beside the project or in a folder above it (a workspace has one for all its members).
fn has_lock(estate: &Estate<'_>, file: &File, manifest: &Manifest) -> bool {
    let names = locks(manifest.format, manifest.ecosystem);
    and_above(folder(&file.path))
        .any(|folder| names.iter().any(|name| beside(estate, folder, name).is_some()))
}

/// Whether a file named by `-c` pins the package.
fn is_constrained(estate: &Estate<'_>, file: &File, path: &str, name: &str) -> bool {
    let other = beside(estate, folder(&file.path), path).map(|file| &file.parsed.facts);
    let Some(Facts::Requirements(other)) = other else { return false };
    other.constraints && other.requirements.iter().any(|r| r.name == name && r.exact_version().is_some())
}
