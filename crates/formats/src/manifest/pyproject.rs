//! `pyproject.toml`: dependencies of PEP 621, dependency groups, Poetry, PDM, Hatch and Pixi; indexes and sources of uv.
//!
//! <https://packaging.python.org/en/latest/specifications/pyproject-toml/>

use super::{Manifest, conda, text_of, toml};
use crate::requirements::{Index, Requirement};
use crate::yaml::Node;
use crate::{Defect, Ecosystem, Limits};

pub(super) fn read(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Manifest {
    let root = toml(text, limits, defects);
    let mut manifest = Manifest::new(Ecosystem::PyPi, "pyproject");
    let (project, poetry) = (root.get("project"), root.at("tool.poetry"));
    let either = |key: &str| text_of(project.get(key)).or_else(|| text_of(poetry.get(key)));
    (manifest.name, manifest.version, manifest.licence) =
        (either("name"), either("version"), either("license"));
    manifest.licence = manifest.licence.or_else(|| text_of(project.at("license.text")));
    manifest.private =
        project.get("classifiers").items().iter().any(|item| item.text_or_empty().starts_with("Private ::"));
    list(project.get("dependencies"), false, &mut manifest);
    for group in project.get("optional-dependencies").entries() {
        list(&group.node, false, &mut manifest);
    }
    list(root.at("tool.uv.dev-dependencies"), true, &mut manifest);
    for path in ["dependency-groups", "tool.pdm.dev-dependencies"] {
        for group in root.at(path).entries() {
            list(&group.node, true, &mut manifest);
        }
    }
    let locked = manifest.requirements.len();
    list(root.at("build-system.requires"), true, &mut manifest);
    for environment in root.at("tool.hatch.envs").entries() {
        for field in ["dependencies", "extra-dependencies"] {
            list(environment.node.get(field), true, &mut manifest);
        }
    }
    for requirement in manifest.requirements.iter_mut().skip(locked) {
        requirement.build = true;
    }
    poetry_table(poetry.get("dependencies"), false, &mut manifest);
    poetry_table(poetry.get("dev-dependencies"), true, &mut manifest);
    for group in poetry.get("group").entries() {
        poetry_table(group.node.get("dependencies"), group.key != "main", &mut manifest);
    }
    let pixi = root.at("tool.pixi");
    if pixi.is_map() {
        conda::pixi_tables(pixi, &mut manifest);
    }
    indexes(&root, &mut manifest);
    uv_sources(root.at("tool.uv.sources"), &mut manifest);
    manifest
}

fn list(node: &Node, development: bool, manifest: &mut Manifest) {
    for item in node.items() {
        if let Some(text) = item.text() {
            let requirement = Requirement { development, ..Requirement::parse(text, item.line) };
            manifest.requirements.push(requirement);
        }
    }
}

/// `name = "^1.2"`, `name = { version = …, url = …, git = … }`, or a list of such for several platforms.
pub(super) fn poetry_table(table: &Node, development: bool, manifest: &mut Manifest) {
    for entry in table.entries().iter().filter(|entry| entry.key != "python") {
        for value in entry.node.one_or_many() {
            let version =
                value.text().or_else(|| value.get("version").text()).unwrap_or_default().replace(' ', "");
            let specifier = match version.as_str() {
                "*" => String::new(),
                // Poetry reads a bare version as exactly that one.
                bare if bare.starts_with(|c: char| c.is_ascii_digit()) => format!("=={bare}"),
                range => range.to_owned(),
            };
            let mut requirement = Requirement {
                ecosystem: Ecosystem::PyPi,
                name: Ecosystem::PyPi.normalise(&entry.key),
                written: entry.key.clone(),
                specifier,
                development,
                line: entry.line,
                ..Requirement::default()
            };
            requirement.url = place(value);
            requirement.index = text_of(value.get("source")).or_else(|| text_of(value.get("index")));
            requirement.extras = value.get("extras").items().iter().filter_map(text_of).collect();
            manifest.requirements.push(requirement);
        }
    }
}

/// The address of a table with `git`, `url`, `path` or `file`, with its commit or tag.
pub(super) fn place(table: &Node) -> Option<String> {
    let address = ["git", "url", "path", "file"].into_iter().find_map(|key| text_of(table.get(key)))?;
    let pin = ["rev", "ref", "revision", "tag"].into_iter().find_map(|key| table.get(key).text());
    Some(match pin {
        Some(pin) => format!("{address}@{pin}"),
        None => address,
    })
}

fn indexes(root: &Node, manifest: &mut Manifest) {
    for path in ["tool.uv.index", "tool.poetry.source", "tool.pdm.source"] {
        for node in root.at(path).items() {
            let Some(url) = text_of(node.get("url")) else { continue };
            let (priority, name) = (node.get("priority").text(), text_of(node.get("name")));
            let takes_the_place = node.get("default").is_true()
                || matches!(priority, Some("default" | "primary"))
                || (path == "tool.pdm.source" && name.as_deref() == Some("pypi"));
            // An explicit index only serves packages that name it.
            let explicit = node.get("explicit").is_true() || priority == Some("explicit");
            if node.get("verify_ssl").is_false() {
                manifest.unverified.push((url.clone(), node.line));
            }
            manifest.indexes.push(Index {
                url,
                name,
                extra: !takes_the_place && !explicit,
                explicit,
                line: node.line,
            });
        }
    }
    for path in ["tool.uv", "tool.uv.pip", "tool.pixi.pypi-options"] {
        uv_settings(root.at(path), &mut manifest.indexes, &mut manifest.unverified);
    }
}

/// `index-url`, `extra-index-url` and `allow-insecure-host` as uv and Pixi have them.
pub(crate) fn uv_settings(node: &Node, indexes: &mut Vec<Index>, unverified: &mut Vec<(String, u32)>) {
    for (key, extra) in
        [("index-url", false), ("extra-index-url", true), ("extra-index-urls", true), ("find-links", true)]
    {
        for item in node.get(key).one_or_many() {
            // Pixi writes `find-links = [{ url = … }]`.
            if let Some(url) = text_of(item).or_else(|| text_of(item.get("url"))) {
                indexes.push(Index { url, extra, line: item.line, ..Index::default() });
            }
        }
    }
    for host in node.get("allow-insecure-host").one_or_many() {
        unverified.extend(text_of(host).map(|name| (name, host.line)));
    }
}

/// `[tool.uv.sources]` sends a named dependency to a URL, a repository or an index.
fn uv_sources(sources: &Node, manifest: &mut Manifest) {
    for entry in sources.entries() {
        let wanted = Ecosystem::PyPi.normalise(&entry.key);
        for source in entry.node.one_or_many() {
            let (url, index) = (place(source), text_of(source.get("index")));
            let local = source.get("workspace").is_true().then(|| ".".to_owned());
            for requirement in
                manifest.requirements.iter_mut().filter(|requirement| requirement.name == wanted)
            {
                if requirement.url.is_none() {
                    requirement.url = url.clone().or_else(|| local.clone());
                }
                requirement.editable |= source.get("workspace").is_true() || source.get("editable").is_true();
                requirement.index = requirement.index.take().or_else(|| index.clone());
            }
        }
    }
}
