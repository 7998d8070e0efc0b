//! `dependency-lock-mismatch`.

use vauban_domain::{Evidence, Locator, rule};
use vauban_formats::lock::{Lock, LockedPackage, Source};
use vauban_formats::manifest::Manifest;
use vauban_formats::requirements::Requirement;
use vauban_formats::{Ecosystem, Facts};

use super::place::{and_above, beside, folder, locks, manifest};
use super::range::satisfies;
use crate::{Check, Estate, File, Look, Report};

rule! {
    /// What the lock holds is not what the manifest asks for.
    pub(super) const RULE: "dependency-lock-mismatch" {
        family: Dependency,
        severity: Medium,
        title: "a lock file does not hold what its manifest asks for",
        why: "the installer resolves anew where it may, so what was reviewed is not what runs; a version outside its range may have been put there by hand",
        remedy: "write the lock again (uv lock, npm install, go mod tidy), commit both together and install with --locked or npm ci",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-1357", "CWE-345"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02"],
        source: "https://docs.astral.sh/uv/concepts/projects/sync/#checking-the-lockfile",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for file in estate.inventory.files {
        let Some(manifest) = manifest(file) else { continue };
        let own = folder(&file.path);
        for above in and_above(own) {
            for name in locks(manifest.format, manifest.ecosystem) {
                let Some(locked) = beside(estate, above, name) else { continue };
                let Facts::Lock(lock) = &locked.parsed.facts else { continue };
                // Above, a lock is this project's only if it names it as a member of its workspace.
                if above == own && speaks_of(&manifest, lock) || above != own && is_member(&manifest, lock) {
                    report.looked_at(&file.home);
                    judge(file, &manifest, locked, lock, report);
                }
            }
        }
    }
}

/// Whether the lock was made from such a manifest: one that is empty or was cut off says nothing, and an export may
/// leave groups out.
fn speaks_of(manifest: &Manifest, lock: &Lock) -> bool {
    let made_by = match lock.format {
        "poetry-lock" | "uv-lock" | "pdm-lock" => manifest.format == "pyproject",
        "pylock" => false,
        "pixi-lock" => matches!(manifest.format, "pixi" | "pyproject"),
        _ => true,
    };
    made_by && !lock.packages.is_empty()
}

fn is_member(manifest: &Manifest, lock: &Lock) -> bool {
    let Some(name) = &manifest.name else { return false };
    let name = manifest.ecosystem.normalise(name);
    lock.packages.iter().any(|package| package.source == Source::Path && package.name == name)
}

fn judge(file: &File, manifest: &Manifest, locked: &File, lock: &Lock, report: &mut Report) {
    if locked.parsed.defects.iter().any(|defect| defect.is_limit() || defect.code.ends_with("-syntax")) {
        report.skip(&file.home, format!("{} could not be read as a whole", locked.path));
        return;
    }
    let replaced = |name: &str| manifest.replacements.iter().any(|replacement| replacement.name == name);
    let left_out = |requirement: &Requirement| {
        requirement.is_direct()
            || requirement.editable
            || requirement.build
            || requirement.transitive
            || requirement.name.is_empty()
            || requirement.marker.is_some()
            || replaced(&requirement.name)
            || (requirement.ecosystem == Ecosystem::Conda && requirement.name == "python")
    };
    for requirement in manifest.requirements.iter().filter(|requirement| !left_out(requirement)) {
        let versions: Vec<&LockedPackage> = lock
            .packages
            .iter()
            .filter(|package| package.ecosystem == requirement.ecosystem && is_named(package, requirement))
            .collect();
        let Some(wrong) = what_is_wrong(requirement, &versions, lock) else { continue };
        let message = format!("`{}` {wrong} in {}", requirement.written, locked.path);
        let key = format!("{}:{}", file.path, requirement.name);
        let place = Locator::file(&file.path).at_line(requirement.line);
        let excerpt = format!("{} {}", requirement.written, requirement.specifier);
        let mut evidence = vec![Evidence::new(place, key.clone(), excerpt.trim())];
        if let Some(first) = versions.first() {
            let place = Locator::file(&locked.path).at_line(first.line);
            evidence.push(Evidence::new(place, key, format!("{} {}", first.name, first.version)));
        }
        report.find(&file.home, message, evidence);
    }
}

fn is_named(package: &LockedPackage, requirement: &Requirement) -> bool {
    package.name == requirement.name || package.alias.as_deref() == Some(&requirement.written)
}

fn what_is_wrong(requirement: &Requirement, locked: &[&LockedPackage], lock: &Lock) -> Option<String> {
    if requirement.ecosystem == Ecosystem::Go {
        let held = locked.iter().any(|package| package.version == requirement.specifier);
        return (!held).then(|| format!("{} has no hash", requirement.specifier));
    }
    if locked.is_empty() {
        // Cargo leaves out what no member of a workspace uses.
        return (lock.ecosystem != Ecosystem::Cargo).then(|| "is missing".to_owned());
    }
    let mut outside = Vec::new();
    for package in locked {
        if package.version.is_empty() || package.source != Source::Registry {
            return None;
        }
        if satisfies(requirement.ecosystem, &requirement.specifier, &package.version)? {
            return None;
        }
        outside.push(package.version.as_str());
    }
    Some(format!("is asked for as {} and locked as {}", requirement.specifier, outside.join(", ")))
}
