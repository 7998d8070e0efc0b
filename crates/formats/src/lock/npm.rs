//! `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3; `bun.lock`, which keeps much the same.
//!
//! <https://docs.npmjs.com/cli/configuring-npm/package-lock-json>

use std::collections::BTreeSet;

use super::{Lock, LockedPackage, Source, Text, reach};
use crate::yaml::Node;
use crate::{Defect, Ecosystem};

/// Scripts of a package that run when somebody installs it.
pub(super) const INSTALL_SCRIPTS: [&str; 3] = ["preinstall", "install", "postinstall"];

pub(super) fn package_lock(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.json(defects);
    let mut lock = Lock::new(Ecosystem::Npm, "package-lock");
    let packages = root.get("packages");
    if packages.is_map() {
        let mut direct: Vec<&str> = Vec::new();
        // The project and its workspaces ask; everything below a `node_modules` is asked for.
        for entry in packages.entries().iter().filter(|entry| !entry.key.contains("node_modules/")) {
            for field in ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"] {
                direct.extend(entry.node.get(field).entries().iter().map(|entry| entry.key.as_str()));
            }
        }
        direct.sort_unstable();
        for entry in packages.entries() {
            let mut package = of_packages(&lock, &entry.key, &entry.node, entry.line);
            // A second version deeper down is there because something else needs it.
            let installed = entry.key.strip_prefix("node_modules/");
            if package.source != Source::Path {
                let top = installed.is_some_and(|name| direct.binary_search(&name).is_ok());
                package.direct = (!direct.is_empty()).then_some(top);
            }
            lock.packages.push(package);
        }
    } else {
        nested(&mut lock, root.get("dependencies"), text.limits.records);
    }
    lock
}

fn of_packages(lock: &Lock, key: &str, node: &Node, line: u32) -> LockedPackage {
    let installed = key.rsplit_once("node_modules/").map(|(_, name)| name);
    let name = node.get("name").text().or(installed).unwrap_or(key);
    let mut package = lock.package(name, node.get("version").text_or_empty(), line);
    package.alias = installed.filter(|installed| *installed != name).map(str::to_owned);
    let address = node.get("resolved").text_or_empty();
    package.source =
        if installed.is_none() || node.get("link").is_true() { Source::Path } else { source(address) };
    fill(&mut package, node, address);
    for field in ["dependencies", "optionalDependencies"] {
        package.dependencies.extend(node.get(field).entries().iter().map(|entry| entry.key.clone()));
    }
    package
}

fn fill(package: &mut LockedPackage, node: &Node, address: &str) {
    package.address = address.to_owned();
    let hashes = node.get("integrity").text_or_empty();
    package.hashes = hashes.split_whitespace().map(str::to_owned).collect();
    package.development = node.get("dev").is_true() || node.get("devOptional").is_true();
    package.install_script = node.get("hasInstallScript").is_true();
    package.licence = licence(node);
}

/// Version 1: packages below the one that needs them.
fn nested(lock: &mut Lock, dependencies: &Node, records: usize) {
    for entry in dependencies.entries() {
        if lock.packages.len() > records {
            return;
        }
        let node = &entry.node;
        let written = node.get("version").text_or_empty();
        let (mut name, mut version) = (entry.key.as_str(), written);
        if let Some((real, of_real)) = written.strip_prefix("npm:").and_then(|alias| split(alias)) {
            (name, version) = (real, of_real);
        }
        let mut package = lock.package(name, version, entry.line);
        package.alias = (name != entry.key).then(|| entry.key.clone());
        let elsewhere = written.contains("://") || written.starts_with("file:") || written.contains('/');
        let address = match node.get("resolved").text() {
            Some(address) => address,
            None if elsewhere && name == entry.key => written,
            None => "",
        };
        package.source = if written.starts_with("file:") { Source::Path } else { source(address) };
        if elsewhere && name == entry.key {
            package.version = String::new();
        }
        fill(&mut package, node, address);
        package.dependencies = node.get("requires").entries().iter().map(|entry| entry.key.clone()).collect();
        lock.packages.push(package);
        nested(lock, node.get("dependencies"), records);
    }
}

/// `bun.lock`, JSON with comments: `name: ["name@version", registry, { dependencies … }, integrity]`.
///
/// <https://bun.sh/docs/install/lockfile>
pub(super) fn bun_lock(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.json(defects);
    let mut lock = Lock::new(Ecosystem::Npm, "bun-lock");
    let (mut product, mut development) = (BTreeSet::new(), BTreeSet::new());
    for workspace in root.get("workspaces").entries() {
        for field in ["dependencies", "optionalDependencies"] {
            product.extend(workspace.node.get(field).entries().iter().map(|entry| entry.key.clone()));
        }
        development
            .extend(workspace.node.get("devDependencies").entries().iter().map(|entry| entry.key.clone()));
    }
    for entry in root.get("packages").entries() {
        let items = entry.node.items();
        let (name, place) = items.first().and_then(Node::text).and_then(split).unwrap_or((&entry.key, ""));
        let mut package = lock.package(name, place, entry.line);
        let written = entry.key.rsplit_once('/').map_or(entry.key.as_str(), |(above, last)| {
            match above.rsplit('/').next() {
                Some(scope) if scope.starts_with('@') => {
                    entry.key.get(entry.key.len() - scope.len() - 1 - last.len()..).unwrap_or(last)
                }
                _ => last,
            }
        });
        package.alias = (written != name).then(|| written.to_owned());
        if place.contains(':') || place.contains('/') {
            package.source = match place {
                git if git.starts_with("github:") || git.starts_with("git") => Source::Git,
                local if ["workspace:", "file:", "link:"].iter().any(|word| local.starts_with(word)) => {
                    Source::Path
                }
                _ => source(place),
            };
            (package.address, package.version) = (place.to_owned(), String::new());
        } else {
            package.address = items.get(1).and_then(Node::text).unwrap_or_default().to_owned();
        }
        for item in items {
            for field in ["dependencies", "optionalDependencies"] {
                package.dependencies.extend(item.get(field).entries().iter().map(|entry| entry.key.clone()));
            }
        }
        let hash = items.last().and_then(Node::text).filter(|text| text.starts_with("sha"));
        package.hashes = hash.map(str::to_owned).into_iter().collect();
        lock.packages.push(package);
    }
    if !product.is_empty() || !development.is_empty() {
        reach::mark(&mut lock, &product, &development);
    }
    lock
}

/// `name@version`, where the name may have a scope.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let scope = usize::from(text.starts_with('@'));
    let at = text.get(scope..)?.find('@')? + scope;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// What kind of place an address is; tarballs under `/-/` are a registry's.
pub(super) fn source(address: &str) -> Source {
    let path = address.split(['#', '?']).next().unwrap_or(address);
    if address.starts_with("file:") || address.starts_with("link:") || address.starts_with("workspace:") {
        Source::Path
    } else if address.starts_with("git") || path.ends_with(".git") {
        Source::Git
    } else if address.is_empty()
        || path.contains("/-/")
        || path.contains("/npm/")
        || path.contains("/download/")
    {
        Source::Registry
    } else if address.contains("://") {
        // codeload serves repositories as archives.
        if path.contains("codeload.github.com") { Source::Git } else { Source::Url }
    } else {
        Source::Path
    }
}

/// The licence as text, as the object of old packages, or as their list.
pub(super) fn licence(node: &Node) -> Option<String> {
    let of = |node: &Node| node.text().or_else(|| node.get("type").text()).map(str::to_owned);
    of(node.get("license")).or_else(|| of(node.get("licenses").items().first()?))
}
