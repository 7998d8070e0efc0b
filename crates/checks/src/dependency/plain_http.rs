//! `dependency-plain-http`.

use std::collections::BTreeMap;

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use super::place::{host, is_local, without_credentials};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Packages travel without encryption.
    pub(super) const RULE: "dependency-plain-http" {
        family: Dependency,
        severity: High,
        title: "packages or their index are fetched without encryption",
        why: "whoever is on the way can answer with other code, and installers run what they get",
        remedy: "write https, or put a proxy with a certificate in front of the index",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-319", "CWE-494"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://pip.pypa.io/en/stable/topics/https-certificates/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Packages(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let mut addresses: Vec<(&str, u32)> = Vec::new();
    match subject.facts {
        Facts::Requirements(file) => {
            addresses.extend(file.indexes.iter().map(|index| (index.url.as_str(), index.line)));
            let direct = file.requirements.iter();
            addresses.extend(
                direct.filter_map(|requirement| Some((requirement.url.as_deref()?, requirement.line))),
            );
        }
        Facts::Manifest(manifest) => {
            addresses.extend(manifest.indexes.iter().map(|index| (index.url.as_str(), index.line)));
            let direct = manifest.requirements.iter();
            addresses.extend(
                direct.filter_map(|requirement| Some((requirement.url.as_deref()?, requirement.line))),
            );
        }
        Facts::Lock(lock) if !lock.installed => {
            addresses.extend(lock.packages.iter().map(|package| (package.address.as_str(), package.line)));
        }
        Facts::Installer(installer) => {
            addresses.extend(installer.indexes.iter().map(|index| (index.url.as_str(), index.line)));
        }
        _ => {}
    }
    // A lock names the same host for every package.
    let mut hosts: BTreeMap<&str, (&str, u32, usize)> = BTreeMap::new();
    for (address, line) in addresses.into_iter().filter(|(address, _)| is_open_to_read(address)) {
        hosts.entry(host(address)).or_insert((address, line, 0)).2 += 1;
    }
    for (host, (address, line, count)) in hosts {
        let message = match count {
            1 => format!("`{host}` is asked without encryption"),
            count => format!("`{host}` is asked without encryption, {count} times"),
        };
        let key = format!("{}:{host}", subject.locator.path);
        let place = subject.locator.clone().at_line(line);
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(place, key, without_credentials(address))],
        );
    }
}

fn is_open_to_read(address: &str) -> bool {
    let scheme = address.split("://").next().unwrap_or_default();
    let scheme = scheme.rsplit('@').next().unwrap_or(scheme).trim();
    let open = address.contains("://") && matches!(scheme, "http" | "git" | "git+http" | "git+git" | "ftp");
    open && !is_local(host(address))
}
