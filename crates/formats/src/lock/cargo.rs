//! `Cargo.lock`, versions 1 to 4. <https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>

use std::collections::BTreeMap;

use super::{Lock, Source, Text};
use crate::yaml::Node;
use crate::{Defect, Ecosystem};

pub(super) fn cargo_lock(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.toml(defects);
    let mut lock = Lock::new(Ecosystem::Cargo, "cargo-lock");
    // Version 1 keeps checksums at the end: `"checksum name 1.0.0 (registry+…)" = "…"`.
    let mut old_checksums = BTreeMap::new();
    for entry in root.get("metadata").entries() {
        let mut words = entry.key.split(' ');
        if let (Some("checksum"), Some(name), Some(version)) = (words.next(), words.next(), words.next()) {
            old_checksums.insert((name, version), entry.node.text_or_empty());
        }
    }
    let mut direct = std::collections::BTreeSet::new();
    for entry in root.get("package").items() {
        let (name, version) = (entry.get("name").text_or_empty(), entry.get("version").text_or_empty());
        let line = entry.entry("name").map_or(entry.line, |entry| entry.line);
        let mut package = lock.package(name, version, line);
        let source = entry.get("source").text();
        (package.source, package.address) = match source.and_then(|source| source.split_once('+')) {
            Some(("git", address)) => (Source::Git, address.to_owned()),
            Some(("registry" | "sparse", address)) => (Source::Registry, address.to_owned()),
            Some(("path", address)) => (Source::Path, address.to_owned()),
            _ if source.is_some() => (Source::Registry, source.unwrap_or_default().to_owned()),
            _ => (Source::Path, String::new()),
        };
        let checksum = entry.get("checksum").text().or_else(|| old_checksums.get(&(name, version)).copied());
        package.hashes = checksum.map(|checksum| format!("sha256:{checksum}")).into_iter().collect();
        let needs = entry.get("dependencies").items().iter().filter_map(Node::text);
        package.dependencies = needs.filter_map(|need| need.split(' ').next()).map(str::to_owned).collect();
        if package.source == Source::Path {
            direct.extend(package.dependencies.iter().cloned());
        }
        lock.packages.push(package);
    }
    for package in lock.packages.iter_mut().filter(|package| package.source != Source::Path) {
        package.direct = (!direct.is_empty()).then(|| direct.contains(&package.name));
    }
    lock
}
