//! `pnpm-lock.yaml`, versions 5 to 9. <https://github.com/pnpm/spec/tree/master/lockfile>

use std::collections::BTreeSet;

use super::{Lock, LockedPackage, Source, Text, npm, reach};
use crate::yaml::Node;
use crate::{Defect, Ecosystem};

pub(super) fn pnpm_lock(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.yaml(defects);
    let mut lock = Lock::new(Ecosystem::Npm, "pnpm-lock");
    let version = root.get("lockfileVersion").text_or_empty();
    let with_slashes = version.split('.').next().and_then(|major| major.parse::<u32>().ok()).unwrap_or(9) < 6;
    let snapshots = root.get("snapshots");
    for entry in root.get("packages").entries() {
        let node = &entry.node;
        let (name, version) = name_and_version(&entry.key, with_slashes);
        let name = node.get("name").text().unwrap_or(name);
        let version = node.get("version").text().unwrap_or(version);
        let mut package = lock.package(name, version, entry.line);
        place(&mut package, node.get("resolution"), &entry.key);
        package.development = node.get("dev").is_true();
        // Of what is optional pnpm has not looked inside, and writes that it may have to be built.
        package.install_script = node.get("requiresBuild").is_true() && !node.get("optional").is_true();
        let needs = ["dependencies", "optionalDependencies"];
        for field in needs {
            package.dependencies.extend(node.get(field).entries().iter().map(|entry| entry.key.clone()));
        }
        lock.packages.push(package);
    }
    // Version 9 keeps what needs what apart, once for every set of peers.
    if snapshots.is_map() {
        let mut needed: std::collections::BTreeMap<&str, BTreeSet<&str>> = std::collections::BTreeMap::new();
        for entry in snapshots.entries() {
            let (name, _) = name_and_version(&entry.key, false);
            for field in ["dependencies", "optionalDependencies"] {
                let keys = entry.node.get(field).entries().iter().map(|entry| entry.key.as_str());
                needed.entry(name).or_default().extend(keys);
            }
        }
        for package in &mut lock.packages {
            let names = needed.get(package.name.as_str()).into_iter().flatten();
            package.dependencies = names.map(|name| (*name).to_owned()).collect();
        }
    }
    let (mut product, mut development) = (BTreeSet::new(), BTreeSet::new());
    let importers = root.get("importers").entries().iter().map(|entry| &entry.node);
    for importer in importers.chain([&root]) {
        for field in ["dependencies", "optionalDependencies", "devDependencies"] {
            let names = if field == "devDependencies" { &mut development } else { &mut product };
            for entry in importer.get(field).entries() {
                names.insert(entry.key.clone());
                // An alias: what it stands for is asked for.
                let version =
                    entry.node.get("version").text().or_else(|| entry.node.text()).unwrap_or_default();
                let (real, of_real) = name_and_version(version, with_slashes);
                if version.contains(['@', '/']) && !of_real.is_empty() && !version.contains(':') {
                    names.insert(real.to_owned());
                }
            }
        }
    }
    if !product.is_empty() || !development.is_empty() {
        reach::mark(&mut lock, &product, &development);
    }
    lock
}

fn place(package: &mut LockedPackage, resolution: &Node, key: &str) {
    let field = |key: &str| resolution.get(key).text().map(str::to_owned);
    package.hashes = field("integrity").into_iter().collect();
    if field("type").as_deref() == Some("git") || resolution.get("commit").text().is_some() {
        package.source = Source::Git;
        package.address =
            format!("{}@{}", field("repo").unwrap_or_default(), field("commit").unwrap_or_default());
    } else if let Some(tarball) = field("tarball") {
        package.source = npm::source(&tarball);
        package.address = tarball;
    } else if field("directory").is_some() || key.contains("@file:") || key.starts_with("file:") {
        package.source = Source::Path;
        package.address = field("directory").unwrap_or_default();
    }
}

/// `/name/1.0.0_peers` (5), `/name@1.0.0(peers)` (6), `name@1.0.0(peers)` (9), any of them with a scope or a host before.
fn name_and_version(key: &str, with_slashes: bool) -> (&str, &str) {
    let key = key.split('(').next().unwrap_or(key);
    let key = key.strip_prefix('/').unwrap_or(key);
    if !with_slashes {
        return npm::split(key).unwrap_or((key, ""));
    }
    // A registry of its own stands before the name: `registry.npmjs.org/name/1.0.0`.
    let key = match key.split_once('/') {
        Some((host, rest)) if host.contains('.') && !host.starts_with('@') && rest.contains('/') => rest,
        _ => key,
    };
    let Some((name, version)) = key.rsplit_once('/') else { return (key, "") };
    (name, version.split('_').next().unwrap_or(version))
}
