//! `uv.lock`, `poetry.lock` and `pdm.lock`: one `[[package]]` per version.
//!
//! <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>, <https://python-poetry.org/docs/basic-usage/>,
//! <https://pdm-project.org/latest/usage/lockfile/>

use std::collections::BTreeSet;

use super::{Lock, LockedPackage, Source, Text, reach};
use crate::requirements::Requirement;
use crate::yaml::Node;
use crate::{Defect, Ecosystem};

const PYPI: Ecosystem = Ecosystem::PyPi;

/// Hashes of the files listed under some keys.
fn hashes(package: &Node, keys: &[&str]) -> Vec<String> {
    let files = keys.iter().flat_map(|key| package.get(key).one_or_many());
    files.filter_map(|file| file.get("hash").text()).map(str::to_owned).collect()
}

fn start(lock: &Lock, package: &Node) -> LockedPackage {
    let name = package.entry("name");
    let line = name.map_or(package.line, |entry| entry.line);
    lock.package(package.get("name").text_or_empty(), package.get("version").text_or_empty(), line)
}

pub(super) fn uv(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.toml(defects);
    let mut lock = Lock::new(PYPI, "uv-lock");
    let (mut product, mut development) = (BTreeSet::new(), BTreeSet::new());
    let names = |list: &Node| -> Vec<String> {
        list.items()
            .iter()
            .filter_map(|item| item.get("name").text())
            .map(|name| PYPI.normalise(name))
            .collect()
    };
    for entry in root.get("package").items() {
        let mut package = start(&lock, entry);
        let source = entry.get("source").entries().first();
        package.source = match source.map(|source| source.key.as_str()) {
            Some("git") => Source::Git,
            Some("url") => Source::Url,
            Some("path" | "directory" | "editable" | "virtual") => Source::Path,
            _ => Source::Registry,
        };
        package.address = source.map(|source| source.node.text_or_empty().to_owned()).unwrap_or_default();
        package.hashes = hashes(entry, &["sdist", "wheels"]);
        package.dependencies = names(entry.get("dependencies"));
        let optional = entry.get("optional-dependencies").entries().iter();
        package.dependencies.extend(optional.flat_map(|extra| names(&extra.node)));
        if package.source == Source::Path {
            product.extend(package.dependencies.iter().cloned());
            let groups = entry.get("dev-dependencies").entries().iter();
            development.extend(groups.flat_map(|group| names(&group.node)));
        }
        if package.source == Source::Registry
            && !lock.indexes.contains(&package.address)
            && lock.indexes.len() < 64
        {
            lock.indexes.push(package.address.clone());
        }
        lock.packages.push(package);
    }
    if !product.is_empty() || !development.is_empty() {
        reach::mark(&mut lock, &product, &development);
    }
    lock
}

pub(super) fn poetry(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.toml(defects);
    let mut lock = Lock::new(PYPI, "poetry-lock");
    for entry in root.get("package").items() {
        let mut package = start(&lock, entry);
        let source = entry.get("source");
        package.source = match source.get("type").text_or_empty() {
            "git" => Source::Git,
            "url" => Source::Url,
            "file" | "directory" => Source::Path,
            _ => Source::Registry,
        };
        package.address = source.get("url").text_or_empty().to_owned();
        if let Some(commit) = source.get("resolved_reference").text() {
            package.address = format!("{}@{commit}", package.address);
        }
        package.hashes = hashes(entry, &["files"]);
        // Before Poetry 1.3 the files stood together at the end.
        if package.hashes.is_empty() {
            package.hashes = hashes(root.at("metadata.files"), &[entry.get("name").text_or_empty()]);
        }
        let needs = entry.get("dependencies").entries().iter();
        package.dependencies = needs.map(|entry| PYPI.normalise(&entry.key)).collect();
        let groups = entry.get("groups").items();
        let category = entry.get("category").text();
        package.development = category == Some("dev")
            || (!groups.is_empty() && !groups.iter().any(|group| group.text() == Some("main")));
        lock.packages.push(package);
    }
    lock
}

pub(super) fn pdm(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.toml(defects);
    let mut lock = Lock::new(PYPI, "pdm-lock");
    for entry in root.get("package").items() {
        let mut package = start(&lock, entry);
        let place = |key: &str| entry.get(key).text().map(str::to_owned);
        if let Some(git) = place("git") {
            package.source = Source::Git;
            package.address =
                place("revision").map_or_else(|| git.clone(), |commit| format!("{git}@{commit}"));
        } else if let Some(url) = place("url") {
            (package.source, package.address) = (Source::Url, url);
        } else if let Some(path) = place("path") {
            (package.source, package.address) = (Source::Path, path);
        }
        package.hashes = hashes(entry, &["files"]);
        if package.hashes.is_empty() {
            let key = format!("{} {}", entry.get("name").text_or_empty(), package.version);
            package.hashes = hashes(root.at("metadata.files"), &[&key]);
        }
        let needs = entry.get("dependencies").items().iter().filter_map(Node::text);
        package.dependencies = needs.map(|need| Requirement::parse(need, 0).name).collect();
        let groups = entry.get("groups").items();
        package.development =
            !groups.is_empty() && !groups.iter().any(|group| group.text() == Some("default"));
        lock.packages.push(package);
    }
    // The same version is listed again for each extra that is asked for.
    let mut seen = BTreeSet::new();
    lock.packages.retain(|package| {
        let twin = (package.name.clone(), package.version.clone(), package.address.clone());
        seen.insert(twin)
    });
    lock
}
