//! `environment.yml` of conda and `pixi.toml`, with the packages of pip in them.
//!
//! <https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html>,
//! <https://pixi.sh/latest/reference/pixi_manifest/>

use super::{Manifest, pyproject, text_of, toml};
use crate::requirements::{Index, Requirement, Requirements};
use crate::yaml::{self, Node};
use crate::{Defect, Ecosystem, Limits};

pub(super) fn environment(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Manifest {
    let mut read = yaml::read_text(text, limits);
    defects.append(&mut read.defects);
    let root = read.documents.into_iter().next().unwrap_or_default();
    let mut manifest = Manifest::new(Ecosystem::Conda, "conda-environment");
    manifest.name = text_of(root.get("name"));
    channels(root.get("channels"), &mut manifest);
    for item in root.get("dependencies").items() {
        if let Some(text) = item.text() {
            let requirement = specification(text, item.line);
            manifest.requirements.extend(requirement);
        }
        let mut pip = Requirements::default();
        for line in item.get("pip").items() {
            pip.read_line(line.text_or_empty(), line.line);
        }
        manifest.requirements.append(&mut pip.requirements);
        manifest.indexes.append(&mut pip.indexes);
        manifest.unverified.append(&mut pip.trusted_hosts);
        manifest.includes.append(&mut pip.includes);
    }
    manifest
}

/// Channels stand in order of preference; conda takes each package from the first that has it.
fn channels(list: &Node, manifest: &mut Manifest) {
    for item in list.items() {
        if let Some(url) = text_of(item).or_else(|| text_of(item.get("channel"))) {
            manifest.indexes.push(Index { url, line: item.line, ..Index::default() });
        }
    }
}

/// `channel::name >=1,<2`, `name=1.2=build`, `name==1.2`, `name 1.2 build`.
fn specification(text: &str, line: u32) -> Option<Requirement> {
    let text = text.split(" #").next().unwrap_or(text).trim();
    let (channel, rest) = match text.rsplit_once("::") {
        Some((channel, rest)) => (Some(channel.to_owned()), rest),
        None => (None, text),
    };
    let rest = rest.split('[').next().unwrap_or(rest);
    let end = rest.find([' ', '=', '<', '>', '!', '~']).unwrap_or(rest.len());
    let (name, specifier) = rest.split_at(end);
    let manifest = Manifest::new(Ecosystem::Conda, "");
    let words: Vec<&str> = specifier.split_whitespace().collect();
    // Versions behind a blank are exact, and a build may follow.
    let specifier = match words.as_slice() {
        [version, build] if version.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("={version}={build}")
        }
        [version] if version.starts_with(|c: char| c.is_ascii_digit()) => format!("=={version}"),
        words => words.concat(),
    };
    (!name.is_empty()).then(|| Requirement { index: channel, ..manifest.requirement(name, &specifier, line) })
}

pub(super) fn pixi(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Manifest {
    let root = toml(text, limits, defects);
    let mut manifest = Manifest::new(Ecosystem::Conda, "pixi");
    pixi_tables(&root, &mut manifest);
    pyproject::uv_settings(root.get("pypi-options"), &mut manifest.indexes, &mut manifest.unverified);
    manifest
}

/// The tables of Pixi, at the root of `pixi.toml` or under `tool.pixi`.
pub(super) fn pixi_tables(root: &Node, manifest: &mut Manifest) {
    for head in ["workspace", "project"].map(|key| root.get(key)) {
        manifest.name = manifest.name.take().or_else(|| text_of(head.get("name")));
        manifest.version = manifest.version.take().or_else(|| text_of(head.get("version")));
        channels(head.get("channels"), manifest);
    }
    tables(root, manifest);
    let parts = [root.get("feature"), root.get("target")];
    for part in parts.into_iter().flat_map(Node::entries) {
        tables(&part.node, manifest);
        for target in part.node.get("target").entries() {
            tables(&target.node, manifest);
        }
    }
}

fn tables(node: &Node, manifest: &mut Manifest) {
    for field in ["dependencies", "host-dependencies", "build-dependencies"] {
        for entry in node.get(field).entries() {
            let value = &entry.node;
            let version = value.text().or_else(|| value.get("version").text()).unwrap_or_default();
            let version = version.trim_start_matches('*');
            // Pixi reads a bare version as conda does behind a blank.
            let specifier = match version.starts_with(|c: char| c.is_ascii_digit()) {
                true => format!("=={version}"),
                false => version.to_owned(),
            };
            let conda = Manifest::new(Ecosystem::Conda, "");
            let mut requirement = conda.requirement(&entry.key, &specifier, entry.line);
            requirement.url = pyproject::place(value);
            requirement.index = text_of(value.get("channel"));
            requirement.development = field != "dependencies";
            manifest.requirements.push(requirement);
        }
    }
    pyproject::poetry_table(node.get("pypi-dependencies"), false, manifest);
}
