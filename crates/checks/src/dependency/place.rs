//! Addresses and folders as rules about packages judge them.

use std::borrow::Cow;

use vauban_formats::manifest::{Manifest, of_setup_py};
use vauban_formats::{Ecosystem, Facts};

use crate::{Estate, File};

/// Indexes of publishers whose own instructions say to add them: the risk stays, the stranger does not.
const VENDORS: &[&str] = &[
    "data.pyg.org",
    "download.pytorch.org",
    "pypi.ngc.nvidia.com",
    "pypi.nvidia.com",
    "storage.googleapis.com",
    "wheels.vllm.ai",
];

/// The host of an address, without what stands before `@` in it; empty if it is no address.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether the host is this machine.
pub(super) fn is_local(host: &str) -> bool {
    matches!(host.trim_matches(['[', ']']), "localhost" | "::1" | "0.0.0.0")
        || host.starts_with("127.")
        || host.ends_with(".localhost")
}

/// Whether the host is an index of a publisher that everybody is told to add.
pub(super) fn is_vendor(host: &str) -> bool {
    VENDORS.contains(&host)
}

/// Whether the host is the public registry of an ecosystem.
pub(super) fn is_public(host: &str) -> bool {
    const PUBLIC: [&str; 10] = [
        "conda.anaconda.org",
        "crates.io",
        "files.pythonhosted.org",
        "github.com",
        "index.crates.io",
        "pypi.org",
        "pypi.python.org",
        "registry.npmjs.org",
        "registry.yarnpkg.com",
        "static.crates.io",
    ];
    PUBLIC.contains(&host)
}

/// The address without what stands before `@` in its host.
pub(super) fn without_credentials(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            format!("{scheme}://{}{path}", host.rsplit('@').next().unwrap_or(host))
        }
        None => url.to_owned(),
    }
}

/// Whether an address ends in a full commit, behind `@` or `#`, or names a digest.
pub(super) fn is_fixed(url: &str) -> bool {
    let is_commit = |text: &str| text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
    let behind = address.rsplit('@').next().unwrap_or_default();
    let of_fragment = fragment.rsplit('=').next().unwrap_or_default();
    is_commit(behind)
        || is_commit(fragment)
        || (fragment.starts_with("commit=") && is_commit(of_fragment))
        || fragment.split('&').any(|part| part.starts_with("sha256="))
}

/// The folder of a path, empty for the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A file in a folder.
pub(super) fn beside<'a>(estate: &'a Estate<'_>, folder: &str, name: &str) -> Option<&'a File> {
    let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    estate.inventory.file(&path)
}

/// This folder and those above it up to the root.
pub(super) fn and_above(folder: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(folder);
    std::iter::from_fn(move || {
        let here = next?;
        next = (!here.is_empty()).then(|| self::folder(here));
        Some(here)
    })
}

/// The manifest that a file is, or that the literals of a `setup.py` make.
pub(super) fn manifest(file: &File) -> Option<Cow<'_, Manifest>> {
    match &file.parsed.facts {
        Facts::Manifest(manifest) => Some(Cow::Borrowed(manifest)),
        Facts::Python(python) if file.path.rsplit('/').next() == Some("setup.py") => {
            of_setup_py(python).map(Cow::Owned)
        }
        _ => None,
    }
}

/// Names of the lock files that hold what a manifest of this format asks for.
pub(super) fn locks(format: &str, ecosystem: Ecosystem) -> &'static [&'static str] {
    match (format, ecosystem) {
        ("pipfile", _) => &["Pipfile.lock"],
        ("pixi", _) => &["pixi.lock"],
        (_, Ecosystem::Cargo) => &["Cargo.lock"],
        (_, Ecosystem::Conda) => &["conda-lock.yml", "conda-lock.yaml", "pixi.lock"],
        (_, Ecosystem::Go) => &["go.sum"],
        (_, Ecosystem::Npm) => &[
            "package-lock.json",
            "npm-shrinkwrap.json",
            "pnpm-lock.yaml",
            "yarn.lock",
            "bun.lock",
            "bun.lockb",
        ],
        (_, Ecosystem::PyPi) => {
            &["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "Pipfile.lock", "pixi.lock"]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_commits_are_read_off_addresses() {
        assert_eq!(host("https://user:word@h.example:8443/simple"), "h.example");
        assert_eq!(host("conda-forge"), "");
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for url in [
            format!("git+https://h/x@{commit}"),
            format!("git+ssh://git@h/x.git#{commit}"),
            "https://h/x.whl#sha256=aa".to_owned(),
        ] {
            assert!(is_fixed(&url), "{url}");
        }
        for url in ["git+https://h/x@main", "git+ssh://git@h/x.git", "https://h/x.whl#egg=x"] {
            assert!(!is_fixed(url), "{url}");
        }
        assert_eq!(and_above("a/b").collect::<Vec<_>>(), ["a/b", "a", ""]);
    }
}
