//! `pylock.toml` (PEP 751) and `Pipfile.lock`.
//!
//! <https://packaging.python.org/en/latest/specifications/pylock-toml/>, <https://pipenv.pypa.io/en/latest/pipfile.html>

use super::{Lock, Source, Text};
use crate::yaml::Node;
use crate::{Defect, Ecosystem};

const PYPI: Ecosystem = Ecosystem::PyPi;

pub(super) fn pylock(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.toml(defects);
    let mut lock = Lock::new(PYPI, "pylock");
    for entry in root.get("packages").items() {
        let line = entry.entry("name").map_or(entry.line, |entry| entry.line);
        let mut package =
            lock.package(entry.get("name").text_or_empty(), entry.get("version").text_or_empty(), line);
        let (vcs, archive, folder) = (entry.get("vcs"), entry.get("archive"), entry.get("directory"));
        let place = |node: &Node| {
            node.get("url").text().or_else(|| node.get("path").text()).unwrap_or_default().to_owned()
        };
        if vcs.is_map() {
            package.source = if vcs.get("url").text().is_some() { Source::Git } else { Source::Path };
            package.address = match vcs.get("commit-id").text() {
                Some(commit) => format!("{}@{commit}", place(vcs)),
                None => place(vcs),
            };
        } else if archive.is_map() {
            package.source = if archive.get("url").text().is_some() { Source::Url } else { Source::Path };
            package.address = place(archive);
        } else if folder.is_map() {
            (package.source, package.address) = (Source::Path, place(folder));
        } else {
            package.address = entry.get("index").text_or_empty().to_owned();
        }
        let files = [archive, entry.get("sdist")].into_iter().chain(entry.get("wheels").items());
        for hash in files.flat_map(|file| file.get("hashes").entries()) {
            package.hashes.push(format!("{}:{}", hash.key, hash.node.text_or_empty()));
        }
        let needs = entry.get("dependencies").items().iter();
        package.dependencies =
            needs.filter_map(|need| need.get("name").text()).map(|name| PYPI.normalise(name)).collect();
        lock.packages.push(package);
    }
    lock
}

pub(super) fn pipfile_lock(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.json(defects);
    let mut lock = Lock::new(PYPI, "pipfile-lock");
    let sources = root.at("_meta.sources").items();
    lock.indexes = sources.iter().filter_map(|source| source.get("url").text()).map(str::to_owned).collect();
    let address = |name: &str| {
        let named = sources.iter().find(|source| source.get("name").text() == Some(name));
        named.map(|source| source.get("url").text_or_empty().to_owned()).unwrap_or_default()
    };
    for group in root.entries().iter().filter(|group| group.key != "_meta") {
        for entry in group.node.entries() {
            let node = &entry.node;
            let version = node.get("version").text_or_empty().trim_start_matches('=');
            let mut package = lock.package(&entry.key, version, entry.line);
            let field = |key: &str| node.get(key).text().map(str::to_owned);
            if let Some(git) = field("git") {
                package.source = Source::Git;
                package.address =
                    field("ref").map_or_else(|| git.clone(), |commit| format!("{git}@{commit}"));
            } else if let Some(file) = field("file") {
                let remote = file.contains("://") && !file.starts_with("file:");
                package.source = if remote { Source::Url } else { Source::Path };
                package.address = file;
            } else if let Some(path) = field("path") {
                (package.source, package.address) = (Source::Path, path);
            } else {
                package.address = field("index").map(|name| address(&name)).unwrap_or_default();
            }
            package.hashes =
                node.get("hashes").items().iter().filter_map(Node::text).map(str::to_owned).collect();
            package.development = group.key == "develop";
            lock.packages.push(package);
        }
    }
    lock
}
