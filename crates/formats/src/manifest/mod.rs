//! What a project says about the packages it needs, in any ecosystem: one kind of facts, one file for each format.
//!
//! A file is known by its name. pip's requirements files are `crate::requirements`, exact packages `crate::lock`.

mod cargo;
mod conda;
mod go;
mod npm;
mod pipfile;
mod pyproject;
mod setuptools;
#[cfg(test)]
mod tests;

pub(crate) use pyproject::uv_settings;
pub use setuptools::of_setup_py;

use crate::requirements::{Index, Requirement};
use crate::yaml::Node;
use crate::{
    Defect, Ecosystem, Facts, Format, Input, Limits, Parsed, Recognised, json, lock, toml_tree, yaml,
};

/// Project files that name packages.
pub const FORMAT: Format = Format {
    name: "manifest",
    extensions: &["cfg", "json", "mod", "toml", "yaml", "yml"],
    recognise: |input| if kind(input).is_some() { Recognised::ByShape } else { Recognised::No },
    parse: |input| {
        let (manifest, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Manifest(manifest), defects, members: Vec::new() }
    },
};

/// Names by which the formats are known: what tests and fuzzing try.
pub const NAMES: &[&str] = &[
    "pyproject.toml",
    "Pipfile",
    "setup.cfg",
    "environment.yml",
    "pixi.toml",
    "package.json",
    "Cargo.toml",
    "go.mod",
];

/// Source that is kept for checks that look at text, in bytes.
const SOURCE: usize = 1 << 20;

/// What a project says about itself and what it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Whose project it is, where a requirement does not say otherwise.
    pub ecosystem: Ecosystem,
    /// The format by its file's usual name: `pyproject`, `package-json`, `cargo-toml`, `go-mod` ...
    pub format: &'static str,
    /// Name of the project.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Its licence, as written.
    pub licence: Option<String>,
    /// Whether it says that it is not to be published.
    pub private: bool,
    /// What it needs, of all groups and of the build.
    pub requirements: Vec<Requirement>,
    /// Indexes, registries and channels that it names.
    pub indexes: Vec<Index>,
    /// Packages that it sends elsewhere: `replace` of Go, `[patch]` of Cargo, `overrides` and aliases of npm.
    pub replacements: Vec<Replacement>,
    /// Hosts or settings by which certificates are not verified, with their line.
    pub unverified: Vec<(String, u32)>,
    /// Other files of requirements that it names, with their line.
    pub includes: Vec<(String, u32)>,
    /// The text itself, at most a mebibyte.
    pub source: String,
}

/// A package that another one stands in for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replacement {
    /// The name that the code uses.
    pub name: String,
    /// What is built instead: a name, an address or a path, with its version if there is one.
    pub by: String,
    /// One-based line.
    pub line: u32,
}

impl Replacement {
    /// Whether what stands in is a folder of this project.
    pub fn is_local(&self) -> bool {
        self.by.starts_with(['.', '/', '~'])
            || self.by.starts_with("file:")
            || self.by.starts_with("workspace:")
    }
}

impl Manifest {
    fn new(ecosystem: Ecosystem, format: &'static str) -> Self {
        Self { ecosystem, format, ..Self::default() }
    }

    /// A requirement of the project's own ecosystem.
    fn requirement(&self, written: &str, specifier: &str, line: u32) -> Requirement {
        Requirement {
            ecosystem: self.ecosystem,
            name: self.ecosystem.normalise(written),
            written: written.to_owned(),
            specifier: specifier.chars().filter(|c| !c.is_whitespace()).collect(),
            line,
            ..Requirement::default()
        }
    }
}

type Read = fn(&str, &Limits, &mut Vec<Defect>) -> Manifest;

/// The reader for a file of this name.
fn kind(input: &Input<'_>) -> Option<Read> {
    let name = input.file_name();
    let read: Read = match name {
        "pyproject.toml" => pyproject::read,
        "Pipfile" => pipfile::read,
        "setup.cfg" => setuptools::setup_cfg,
        "pixi.toml" => conda::pixi,
        "package.json" if !lock::is_installed_by_npm(input.name) => npm::read,
        "Cargo.toml" => cargo::read,
        "go.mod" => go::read,
        _ if is_environment(name, input) => conda::environment,
        _ => return None,
    };
    (!input.head(512).contains(&0)).then_some(read)
}

/// `environment.yml`, `environment-gpu.yaml`, `conda.yaml` with a list of dependencies in it.
fn is_environment(name: &str, input: &Input<'_>) -> bool {
    let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) else { return false };
    let named = stem.starts_with("environment") || stem.starts_with("conda") || stem.ends_with("environment");
    let head = input.head(16 << 10);
    named && head.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"dependencies:"))
}

/// Reads a project file by its name; one of an unknown name is empty.
pub fn parse(input: &Input<'_>) -> (Manifest, Vec<Defect>) {
    let limits = &input.budget.limits;
    let Some(read) = kind(input) else { return (Manifest::default(), Vec::new()) };
    let (text, mut defects) = yaml::text_of(input.bytes, limits);
    let mut manifest = read(&text, limits, &mut defects);
    if manifest.requirements.len() > limits.records {
        manifest.requirements.truncate(limits.records);
        defects.push(Defect::whole("limit-records", format!("more than {} requirements", limits.records)));
    }
    let mut end = text.len().min(SOURCE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().clone_into(&mut manifest.source);
    (manifest, defects)
}

fn toml(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Node {
    let (root, mut found) = toml_tree::read_text(text, limits);
    defects.append(&mut found);
    root
}

fn json(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Node {
    let (root, mut found) = json::read_text(text, limits);
    defects.append(&mut found);
    root
}

fn text_of(node: &Node) -> Option<String> {
    node.text().map(str::to_owned)
}
