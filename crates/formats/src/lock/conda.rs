//! Locks of conda environments: `conda-lock.yml`, `pixi.lock` and lists of addresses (`@EXPLICIT`).
//!
//! <https://conda.github.io/conda-lock/output/>, <https://pixi.sh/latest/workspace/lockfile/>,
//! <https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html>

use std::collections::BTreeMap;

use super::{Lock, LockedPackage, Source, Text};
use crate::requirements::Requirement;
use crate::yaml::Node;
use crate::{Defect, Ecosystem};

/// Adds a package, or what another platform adds to the same version of it.
#[derive(Default)]
struct Platforms {
    at: BTreeMap<(Ecosystem, String, String), usize>,
}

impl Platforms {
    fn add(&mut self, lock: &mut Lock, package: LockedPackage) {
        let key = (package.ecosystem, package.name.clone(), package.version.clone());
        let known = self.at.get(&key).and_then(|at| lock.packages.get_mut(*at));
        match known {
            Some(known) => {
                known.development &= package.development;
                known.hashes.extend(package.hashes);
            }
            None => {
                self.at.insert(key, lock.packages.len());
                lock.packages.push(package);
            }
        }
    }
}

fn hashes(node: &Node) -> Vec<String> {
    let hash = |kind: &str| Some(format!("{kind}:{}", node.get(kind).text()?));
    ["sha256", "md5"].into_iter().filter_map(hash).collect()
}

fn channels(node: &Node) -> impl Iterator<Item = String> {
    node.items()
        .iter()
        .filter_map(|channel| channel.get("url").text().or_else(|| channel.text()))
        .map(str::to_owned)
}

/// Name, version and build of a conda package by the last part of its address.
fn of_file_name(address: &str) -> Option<(&str, &str)> {
    let file = address.split('#').next()?.rsplit('/').next()?;
    let stem = file.strip_suffix(".conda").or_else(|| file.strip_suffix(".tar.bz2"))?;
    let (rest, _build) = stem.rsplit_once('-')?;
    rest.rsplit_once('-')
}

pub(super) fn conda_lock(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.yaml(defects);
    let mut lock = Lock::new(Ecosystem::Conda, "conda-lock");
    lock.indexes.extend(channels(root.at("metadata.channels")));
    let mut platforms = Platforms::default();
    for entry in root.get("package").items() {
        let ecosystem =
            if entry.get("manager").text() == Some("pip") { Ecosystem::PyPi } else { Ecosystem::Conda };
        let line = entry.entry("name").map_or(entry.line, |entry| entry.line);
        let mut package =
            lock.package(entry.get("name").text_or_empty(), entry.get("version").text_or_empty(), line);
        package.ecosystem = ecosystem;
        package.name = ecosystem.normalise(entry.get("name").text_or_empty());
        package.address = entry.get("url").text_or_empty().to_owned();
        if package.address.starts_with("git+") {
            package.source = Source::Git;
        }
        package.hashes = hashes(entry.get("hash"));
        package.dependencies =
            entry.get("dependencies").entries().iter().map(|entry| entry.key.clone()).collect();
        package.development = entry.get("category").text() == Some("dev");
        platforms.add(&mut lock, package);
    }
    lock
}

pub(super) fn pixi_lock(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.yaml(defects);
    let mut lock = Lock::new(Ecosystem::Conda, "pixi-lock");
    for environment in root.get("environments").entries() {
        lock.indexes.extend(channels(environment.node.get("channels")));
        lock.indexes.extend(channels(environment.node.get("indexes")));
    }
    lock.indexes.sort();
    lock.indexes.dedup();
    lock.indexes.truncate(64);
    let mut platforms = Platforms::default();
    for entry in root.get("packages").items() {
        // Version 6 writes `conda: address`, versions 4 and 5 `kind: conda` and `url:`.
        let field = |key: &str| entry.get(key).text();
        let kind = field("kind").or_else(|| ["conda", "pypi"].into_iter().find(|kind| field(kind).is_some()));
        let is_pypi = kind == Some("pypi");
        let address = field("pypi").or_else(|| field("conda").filter(|_| field("kind").is_none()));
        let address = address.or_else(|| field("url")).or_else(|| field("path")).unwrap_or_default();
        let ecosystem = if is_pypi { Ecosystem::PyPi } else { Ecosystem::Conda };
        let by_name = of_file_name(address);
        let name = field("name").or(by_name.map(|(name, _)| name)).unwrap_or_default();
        let version = field("version").or(by_name.map(|(_, version)| version)).unwrap_or_default();
        let mut package = lock.package(name, version, entry.line);
        package.ecosystem = ecosystem;
        package.name = ecosystem.normalise(name);
        package.source = match address {
            git if git.starts_with("git+") => Source::Git,
            remote if remote.contains("://") => Source::Registry,
            _ => Source::Path,
        };
        package.address = address.to_owned();
        package.hashes = hashes(entry);
        package.licence = field("license").map(str::to_owned);
        for list in ["depends", "requires_dist"] {
            let needs = entry.get(list).items().iter().filter_map(Node::text);
            package.dependencies.extend(needs.map(|need| match is_pypi {
                true => Requirement::parse(need, 0).name,
                false => need.split([' ', '=', '<', '>']).next().unwrap_or(need).to_owned(),
            }));
        }
        if !package.name.is_empty() {
            platforms.add(&mut lock, package);
        }
    }
    lock
}

pub(super) fn explicit(text: &Text<'_>, _: &mut Vec<Defect>) -> Lock {
    let mut lock = Lock::new(Ecosystem::Conda, "conda-explicit");
    for (index, line) in text.text.lines().enumerate() {
        let line = line.trim();
        let Some((name, version)) = Some(line).filter(|line| line.contains("://")).and_then(of_file_name)
        else {
            continue;
        };
        if lock.packages.len() > text.limits.records {
            break;
        }
        let mut package = lock.package(name, version, u32::try_from(index + 1).unwrap_or(u32::MAX));
        let (address, hash) = line.split_once('#').unwrap_or((line, ""));
        package.address = address.to_owned();
        let kind = if hash.len() == 64 { "sha256" } else { "md5" };
        package.hashes = (!hash.is_empty()).then(|| format!("{kind}:{hash}")).into_iter().collect();
        lock.packages.push(package);
    }
    lock
}
