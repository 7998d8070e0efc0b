//! `dependency-confusion`.

use std::collections::BTreeSet;

use vauban_domain::{Evidence, Locator, rule};
use vauban_formats::manifest::Manifest;
use vauban_formats::requirements::{Index, Requirement};
use vauban_formats::{Ecosystem, Facts};
use vauban_knowledge::Packages;

use super::place::{and_above, beside, folder, host, is_public, is_vendor, locks, manifest};
use crate::{Check, Estate, File, Look, Report};

rule! {
    /// An internal name that the public index could answer.
    pub(super) const RULE: "dependency-confusion" {
        family: Dependency,
        severity: High,
        title: "an internal package is asked for by name where a public index can answer",
        why: "whoever registers the name on the public index is installed in its place, with a higher version at once",
        remedy: "bind the name to its index (explicit index in uv, source in Poetry, @scope:registry in .npmrc), and register the name publicly",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-427", "CWE-1357"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Words in names that say whose package it is.
const WORDS: [&str; 6] = ["corp", "inhouse", "internal", "intranet", "private", "proprietary"];

fn check(estate: &Estate<'_>, report: &mut Report) {
    let own = Own::of(estate);
    for file in estate.inventory.files {
        let manifest = manifest(file);
        let (requirements, indexes) = match (&file.parsed.facts, &manifest) {
            (Facts::Requirements(facts), _) => (&facts.requirements, &facts.indexes),
            (_, Some(manifest)) => (&manifest.requirements, &manifest.indexes),
            _ => continue,
        };
        report.looked_at(&file.home);
        let settings = settings(estate, &file.path);
        let second = indexes.iter().chain(settings.iter().copied()).find(|index| is_second(index));
        for requirement in requirements {
            if requirement.is_direct() || requirement.editable || requirement.index.is_some() {
                continue;
            }
            let why = match (requirement.ecosystem, second, manifest.as_deref()) {
                (Ecosystem::PyPi, Some(second), _) if own.has(requirement, &estate.knowledge.packages) => {
                    format!("any index can answer for it, the public one and `{}`", host(&second.url))
                }
                (Ecosystem::Npm, _, Some(manifest)) => {
                    match unbound_scope(estate, file, manifest, requirement, &settings, &own) {
                        Some(scope) => format!("no registry is set for `{scope}`"),
                        None => continue,
                    }
                }
                _ => continue,
            };
            let message = format!("`{}` looks internal, and {why}", requirement.written);
            let key = format!("{}:{}", file.path, requirement.name);
            let place = Locator::file(&file.path).at_line(requirement.line);
            report.find(&file.home, message, vec![Evidence::new(place, key, &requirement.written)]);
        }
    }
}

/// Whether an index answers beside the main one for whatever is asked.
fn is_second(index: &Index) -> bool {
    let host = host(&index.url);
    index.extra && !index.explicit && !host.is_empty() && !is_vendor(host)
}

/// Indexes that settings of installers beside a file or above it name.
fn settings<'a>(estate: &'a Estate<'_>, path: &str) -> Vec<&'a Index> {
    let names = ["pip.conf", "pip.ini", "uv.toml", ".npmrc", ".yarnrc", ".yarnrc.yml"];
    let folders = and_above(folder(path));
    let files = folders.flat_map(|folder| names.iter().filter_map(move |name| beside(estate, folder, name)));
    files
        .filter_map(|file| match &file.parsed.facts {
            Facts::Installer(installer) => Some(&installer.indexes),
            _ => None,
        })
        .flatten()
        .collect()
}

/// Names that this estate gives to things of its own.
struct Own {
    projects: BTreeSet<(Ecosystem, String)>,
    prefixes: BTreeSet<String>,
}

impl Own {
    fn of(estate: &Estate<'_>) -> Self {
        let packages = &estate.knowledge.packages;
        let (mut projects, mut prefixes) = (BTreeSet::new(), BTreeSet::new());
        for manifest in estate.inventory.files.iter().filter_map(manifest) {
            let Some(name) = &manifest.name else { continue };
            let name = manifest.ecosystem.normalise(name);
            // The first word of a project's name is the organisation's, unless well-known packages begin with it.
            if let Some((prefix, _)) = name.split_once('-').filter(|_| manifest.ecosystem == Ecosystem::PyPi)
            {
                let shared = packages.popular("pypi").any(|name| name.split('-').next() == Some(prefix));
                if prefix.len() >= 4 && !shared && !COMMON.contains(&prefix) {
                    prefixes.insert(prefix.to_owned());
                }
            }
            projects.insert((manifest.ecosystem, name));
        }
        Self { projects, prefixes }
    }

    /// Whether a package of Python looks like one of them.
    fn has(&self, requirement: &Requirement, packages: &Packages) -> bool {
        let name = requirement.name.as_str();
        if packages.is_known("pypi", name) {
            return false;
        }
        let (prefix, rest) = name.split_once('-').unwrap_or((name, ""));
        let is_project = self.projects.contains(&(Ecosystem::PyPi, name.to_owned()));
        is_project
            || (!rest.is_empty() && self.prefixes.contains(prefix))
            || name.split('-').any(|word| WORDS.contains(&word))
    }
}

/// First words of names that are nobody's.
const COMMON: [&str; 20] = [
    "agent",
    "assistant",
    "awesome",
    "chat",
    "data",
    "demo",
    "django",
    "example",
    "flask",
    "hello",
    "jupyter",
    "model",
    "pytest",
    "python",
    "sample",
    "simple",
    "test",
    "tests",
    "train",
    "types",
];

/// The scope of a private project that another package of it is asked by, if no registry is set for it.
fn unbound_scope<'a>(
    estate: &Estate<'_>,
    file: &File,
    manifest: &Manifest,
    requirement: &'a Requirement,
    settings: &[&Index],
    own: &Own,
) -> Option<&'a str> {
    let scope = requirement.name.split_once('/').map(|(scope, _)| scope)?;
    let of_project = manifest.name.as_deref()?.split_once('/').map(|(scope, _)| scope);
    let bound = settings.iter().any(|index| match index.name.as_deref() {
        Some(name) => name == scope,
        // A registry for everything answers for the scope too.
        None => !is_public(host(&index.url)),
    });
    let local = own.projects.contains(&(Ecosystem::Npm, requirement.name.clone()));
    // A lock that has it from the public registry says that it is there.
    let published = locks(manifest.format, Ecosystem::Npm).iter().any(|name| {
        let locked = beside(estate, folder(&file.path), name).map(|file| &file.parsed.facts);
        let Some(Facts::Lock(lock)) = locked else { return false };
        lock.packages.iter().any(|package| {
            let host = host(&package.address);
            package.name == requirement.name && (is_public(host) || host.is_empty())
        })
    });
    (manifest.private && of_project == Some(scope) && !bound && !local && !published).then_some(scope)
}
