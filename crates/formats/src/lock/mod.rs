//! Exact packages: lock files of every ecosystem, and what installed packages say of themselves.
//!
//! One kind of facts for all of them, one file for each family of formats. A file is known by its name.

mod cargo;
mod conda;
mod go;
mod installed;
mod npm;
mod pip;
mod pnpm;
mod poetry;
mod reach;
#[cfg(test)]
mod tests;
mod yarn;

use std::borrow::Cow;

use crate::yaml::Node;
use crate::{Defect, Ecosystem, Facts, Format, Input, Limits, Parsed, Recognised, json, toml_tree, yaml};

/// Lock files and metadata of installed packages.
pub const FORMAT: Format = Format {
    name: "lock",
    extensions: &["json", "lock", "sum", "toml", "yaml", "yml"],
    recognise: |input| if kind(input).is_some() { Recognised::ByShape } else { Recognised::No },
    parse: |input| {
        let (lock, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Lock(lock), defects, members: Vec::new() }
    },
};

/// Names by which the formats are known, one or more for each: what tests and fuzzing try.
pub const NAMES: &[&str] = &[
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "pylock.toml",
    "Pipfile.lock",
    "conda-lock.yml",
    "conda-linux-64.lock",
    "pixi.lock",
    "package-lock.json",
    "bun.lock",
    "pnpm-lock.yaml",
    "yarn.lock",
    "Cargo.lock",
    "go.sum",
    "a-1.dist-info/METADATA",
    "node_modules/a/package.json",
];

/// The packages of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// Whose packages they are, where a package does not say otherwise.
    pub ecosystem: Ecosystem,
    /// The format by its file's usual name without extension: `uv-lock`, `package-lock`, `go-sum`, `installed` ...
    pub format: &'static str,
    /// Packages, in stored order.
    pub packages: Vec<LockedPackage>,
    /// Addresses of indexes, registries and channels that the file names.
    pub indexes: Vec<String>,
    /// Whether it describes one installed package rather than what a project wants.
    pub installed: bool,
}

/// One version of one package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockedPackage {
    /// Whose package it is.
    pub ecosystem: Ecosystem,
    /// Name as [`Ecosystem::normalise`] spells it.
    pub name: String,
    /// The name under which it is installed, where that is another one.
    pub alias: Option<String>,
    /// Exact version; empty for a package that is built from where it lies.
    pub version: String,
    /// What kind of place it comes from.
    pub source: Source,
    /// Address of that place; empty where the file leaves it to the default registry.
    pub address: String,
    /// Hashes of its files, as written.
    pub hashes: Vec<String>,
    /// Whether the project itself asks for it; `None` where the file does not say.
    pub direct: Option<bool>,
    /// Whether only development needs it.
    pub development: bool,
    /// Whether the file says that it runs a script when it is installed.
    pub install_script: bool,
    /// Names of what it needs.
    pub dependencies: Vec<String>,
    /// Licence, as written.
    pub licence: Option<String>,
    /// One-based line.
    pub line: u32,
}

/// What kind of place a package comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// An index, registry, channel or module proxy.
    #[default]
    Registry,
    /// A repository of source code.
    Git,
    /// A file at an address.
    Url,
    /// A place on this machine: the project itself, its workspace, a vendored folder.
    Path,
}

impl Source {
    /// The lower-case word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Git => "git",
            Self::Url => "url",
            Self::Path => "path",
        }
    }
}

impl Lock {
    fn new(ecosystem: Ecosystem, format: &'static str) -> Self {
        Self { ecosystem, format, ..Self::default() }
    }

    /// A package of the file's own ecosystem, with its name spelt as that has it.
    fn package(&self, name: &str, version: &str, line: u32) -> LockedPackage {
        LockedPackage {
            ecosystem: self.ecosystem,
            name: self.ecosystem.normalise(name),
            version: version.to_owned(),
            line,
            ..LockedPackage::default()
        }
    }

    /// Packages that come from somewhere: without the project itself and its workspace.
    pub fn strangers(&self) -> impl Iterator<Item = &LockedPackage> {
        self.packages.iter().filter(|package| package.source != Source::Path)
    }
}

/// One format of this family: reads text into a lock.
type Read = fn(&Text<'_>, &mut Vec<Defect>) -> Lock;

/// The text of a file, with what its reader may need to know about it.
struct Text<'a> {
    text: &'a str,
    path: &'a str,
    limits: &'a Limits,
}

impl Text<'_> {
    fn toml(&self, defects: &mut Vec<Defect>) -> Node {
        let (node, mut found) = toml_tree::read_text(self.text, self.limits);
        defects.append(&mut found);
        node
    }

    fn json(&self, defects: &mut Vec<Defect>) -> Node {
        let (node, mut found) = json::read_text(self.text, self.limits);
        defects.append(&mut found);
        node
    }

    fn yaml(&self, defects: &mut Vec<Defect>) -> Node {
        let mut read = yaml::read_text(self.text, self.limits);
        defects.append(&mut read.defects);
        // pnpm writes its own settings as a document before the lock itself.
        read.documents.pop().unwrap_or_default()
    }
}

/// The reader for a file of this name.
fn kind(input: &Input<'_>) -> Option<Read> {
    let name = input.file_name();
    let read: Read = match name {
        "uv.lock" => poetry::uv,
        "poetry.lock" => poetry::poetry,
        "pdm.lock" => poetry::pdm,
        "pylock.toml" => pip::pylock,
        "Pipfile.lock" => pip::pipfile_lock,
        "conda-lock.yml" | "conda-lock.yaml" => conda::conda_lock,
        "pixi.lock" => conda::pixi_lock,
        "package-lock.json" | "npm-shrinkwrap.json" | ".package-lock.json" => npm::package_lock,
        "bun.lock" => npm::bun_lock,
        "pnpm-lock.yaml" => pnpm::pnpm_lock,
        "yarn.lock" => yarn::yarn_lock,
        "Cargo.lock" => cargo::cargo_lock,
        "go.sum" | "go.work.sum" => go::go_sum,
        "METADATA" if folder(input.name).ends_with(".dist-info") => installed::metadata,
        "PKG-INFO" if folder(input.name).ends_with(".egg-info") => installed::metadata,
        "package.json" if is_installed_by_npm(input.name) => installed::package_json,
        _ if name.starts_with("pylock.") && name.ends_with(".toml") => pip::pylock,
        _ if name.ends_with(".conda-lock.yml") => conda::conda_lock,
        _ if name.ends_with(".lock") && is_explicit(input.head(1 << 10)) => conda::explicit,
        _ => return None,
    };
    (!input.head(512).contains(&0)).then_some(read)
}

fn folder(path: &str) -> &str {
    path.rsplit(['/', '\\']).nth(1).unwrap_or_default()
}

/// Whether a path is `…/node_modules/name` or `…/node_modules/@scope/name` and a file in it.
pub(crate) fn is_installed_by_npm(path: &str) -> bool {
    let mut above = path.rsplit('/').skip(2);
    match above.next() {
        Some("node_modules") => true,
        Some(scope) => scope.starts_with('@') && above.next() == Some("node_modules"),
        None => false,
    }
}

/// Whether a text is conda's list of addresses.
fn is_explicit(head: &[u8]) -> bool {
    head.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_end() == b"@EXPLICIT")
}

/// Reads a lock file by its name; one of an unknown name is empty.
pub fn parse(input: &Input<'_>) -> (Lock, Vec<Defect>) {
    let limits = &input.budget.limits;
    let Some(read) = kind(input) else { return (Lock::default(), Vec::new()) };
    let (text, mut defects): (Cow<'_, str>, _) = yaml::text_of(input.bytes, limits);
    let mut lock = read(&Text { text: &text, path: input.name, limits }, &mut defects);
    if lock.packages.len() > limits.records {
        lock.packages.truncate(limits.records);
        defects.push(Defect::whole("limit-records", format!("more than {} packages", limits.records)));
    }
    (lock, defects)
}
