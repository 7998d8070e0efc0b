//! `dependency-install-script`.

use vauban_domain::{Evidence, Locator, rule};
use vauban_formats::Facts;
use vauban_formats::lock::Source;

use super::place::{and_above, beside, folder};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A package runs a script as soon as it is installed.
    pub(super) const RULE: "dependency-install-script" {
        family: Dependency,
        severity: Low,
        title: "a locked package that is not known for it runs a script when it is installed",
        why: "scripts run with the rights of whoever installs, before anyone uses the package; most worms and stealers of npm spread that way",
        remedy: "read the script, then allow it by name (allow-scripts, onlyBuiltDependencies) and install everything else with ignore-scripts=true",
        techniques: ["AML.T0010.001@2026.09", "AML.T0011.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-829", "CWE-1357"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://docs.npmjs.com/cli/using-npm/scripts#life-cycle-scripts",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    let packages = &estate.knowledge.packages;
    for file in estate.inventory.files {
        let Facts::Lock(lock) = &file.parsed.facts else { continue };
        report.looked_at(&file.home);
        if lock.installed || ignores_scripts(estate, &file.path) {
            continue;
        }
        let strangers = lock.packages.iter().filter(|package| {
            package.install_script
                && package.source != Source::Path
                && !packages.builds_on_arrival(package.ecosystem.as_str(), &package.name)
        });
        for package in strangers {
            let message =
                format!("`{}` {} runs a script when it is installed", package.name, package.version);
            let key = format!("{}:{}", file.path, package.name);
            let place = Locator::file(&file.path).at_line(package.line);
            report.find(&file.home, message, vec![Evidence::new(place, key, &package.name)]);
        }
    }
}

/// Whether settings beside the lock or above it turn scripts off.
fn ignores_scripts(estate: &Estate<'_>, path: &str) -> bool {
    and_above(folder(path)).any(|folder| {
        [".npmrc", ".yarnrc", ".yarnrc.yml"].iter().any(|name| {
            let facts = beside(estate, folder, name).map(|file| &file.parsed.facts);
            matches!(facts, Some(Facts::Installer(installer)) if installer.ignores_scripts)
        })
    })
}
