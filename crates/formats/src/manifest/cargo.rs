//! `Cargo.toml`. <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>

use super::{Manifest, Replacement, pyproject, text_of, toml};
use crate::yaml::Node;
use crate::{Defect, Ecosystem, Limits};

pub(super) fn read(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Manifest {
    let root = toml(text, limits, defects);
    let mut manifest = Manifest::new(Ecosystem::Cargo, "cargo-toml");
    let package = root.get("package");
    manifest.name = text_of(package.get("name"));
    manifest.version = text_of(package.get("version"));
    manifest.licence = text_of(package.get("license"));
    manifest.private = package.get("publish").is_false();
    dependencies(&root, &mut manifest);
    dependencies(root.get("workspace"), &mut manifest);
    for target in root.get("target").entries() {
        dependencies(&target.node, &mut manifest);
    }
    for registry in root.get("patch").entries().iter().chain(root.entry("replace")) {
        for entry in registry.node.entries() {
            let by = pyproject::place(&entry.node).or_else(|| text_of(entry.node.get("version")));
            if let Some(by) = by {
                // `[replace]` has the version in its key: `"name:1.0.0"`.
                let name = entry.key.split(':').next().unwrap_or(&entry.key).to_owned();
                let by = if entry.node.get("path").text().is_some() { format!("./{by}") } else { by };
                manifest.replacements.push(Replacement { name, by, line: entry.line });
            }
        }
    }
    manifest
}

fn dependencies(node: &Node, manifest: &mut Manifest) {
    for field in ["dependencies", "dev-dependencies", "build-dependencies"] {
        for entry in node.get(field).entries() {
            let value = &entry.node;
            // The workspace says which one, in its own table.
            if value.get("workspace").is_true() {
                continue;
            }
            let name = value.get("package").text().unwrap_or(&entry.key);
            let version = value.text().or_else(|| value.get("version").text()).unwrap_or_default();
            let version = if version == "*" { "" } else { version };
            let mut requirement = manifest.requirement(name, version, entry.line);
            requirement.development = field != "dependencies";
            requirement.index =
                text_of(value.get("registry")).or_else(|| text_of(value.get("registry-index")));
            requirement.url = pyproject::place(value).map(|place| match value.get("git").text() {
                Some(_) => format!("git+{place}"),
                None => format!("./{place}"),
            });
            manifest.requirements.push(requirement);
        }
    }
}
