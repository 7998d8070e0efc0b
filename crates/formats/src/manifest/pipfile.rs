//! `Pipfile`. <https://pipenv.pypa.io/en/latest/pipfile.html>

use super::{Manifest, pyproject, text_of, toml};
use crate::requirements::Index;
use crate::{Defect, Ecosystem, Limits};

pub(super) fn read(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Manifest {
    let root = toml(text, limits, defects);
    let mut manifest = Manifest::new(Ecosystem::PyPi, "pipfile");
    for (position, node) in root.get("source").items().iter().enumerate() {
        let Some(url) = text_of(node.get("url")) else { continue };
        if node.get("verify_ssl").is_false() {
            manifest.unverified.push((url.clone(), node.line));
        }
        // Pipenv takes packages from the first source unless they name another.
        let (name, explicit) = (text_of(node.get("name")), position > 0);
        manifest.indexes.push(Index { url, name, extra: false, explicit, line: node.line });
    }
    let known = ["source", "requires", "pipenv", "scripts"];
    for group in root.entries().iter().filter(|group| !known.contains(&group.key.as_str())) {
        pyproject::poetry_table(&group.node, group.key != "packages", &mut manifest);
    }
    manifest
}
