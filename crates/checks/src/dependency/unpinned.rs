//! `dependency-unpinned`.

use vauban_domain::{Evidence, Locator, rule};
use vauban_formats::Facts;
use vauban_formats::requirements::Requirement;

use crate::{Check, Estate, File, Look, Report};

rule! {
    /// A dependency may be another one tomorrow.
    pub(super) const RULE: "dependency-unpinned" {
        family: Dependency,
        severity: Low,
        title: "a dependency has no exact version, and no lock file holds one",
        why: "every installation can bring other code; a release that is taken over spreads at once, and a result cannot be reproduced",
        remedy: "pin with == or keep a lock file (uv lock, pip-compile --generate-hashes)",
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

const LOCKS: [&str; 4] = ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for file in estate.inventory.files {
        match &file.parsed.facts {
            Facts::Requirements(facts) if !facts.constraints => {
                let pinned_elsewhere = |name: &str| {
                    facts.includes.iter().any(|(path, _)| is_constrained(estate, file, path, name))
                };
                judge(file, facts.requirements.iter().filter(|r| !pinned_elsewhere(&r.name)), report);
            }
            Facts::PyProject(facts) if !has_lock(estate, file) => {
                judge(file, facts.requirements.iter(), report)
            }
            Facts::PyProject(_) => report.looked_at(&file.home),
            _ => {}
        }
    }
}

fn judge<'a>(file: &File, requirements: impl Iterator<Item = &'a Requirement>, report: &mut Report) {
    report.looked_at(&file.home);
    for requirement in requirements {
        if requirement.is_direct() || requirement.name.is_empty() || requirement.exact_version().is_some() {
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

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A lock file beside the project or in a folder above it (a workspace has one for all its members).
fn has_lock(estate: &Estate<'_>, file: &File) -> bool {
    let mut folder = folder(&file.path);
    loop {
        let beside = |name: &str| {
            let path = if folder.is_empty() { (*name).to_owned() } else { format!("{folder}/{name}") };
            estate.inventory.file(&path).is_some()
        };
        if LOCKS.iter().any(|name| beside(name)) {
            return true;
        }
        if folder.is_empty() {
            return false;
        }
        folder = self::folder(folder);
    }
}

/// Whether a file named by `-c` pins the package.
fn is_constrained(estate: &Estate<'_>, file: &File, path: &str, name: &str) -> bool {
    let folder = folder(&file.path);
    let path = if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let Some(Facts::Requirements(other)) = estate.inventory.file(&path).map(|file| &file.parsed.facts) else {
        return false;
    };
    other.constraints && other.requirements.iter().any(|r| r.name == name && r.exact_version().is_some())
}
