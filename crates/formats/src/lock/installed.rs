//! What an installed package says of itself: `METADATA` of a `.dist-info`, `PKG-INFO`, `package.json` in `node_modules`.
//!
//! <https://packaging.python.org/en/latest/specifications/core-metadata/>

use super::{Lock, Text};
use crate::requirements::Requirement;
use crate::{Defect, Ecosystem};

pub(super) fn metadata(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let mut lock = Lock { installed: true, ..Lock::new(Ecosystem::PyPi, "installed") };
    let mut package = lock.package("", "", 1);
    // Headers end at the first empty line; the description follows.
    for (index, line) in text.text.lines().take_while(|line| !line.trim().is_empty()).enumerate() {
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match key.to_ascii_lowercase().as_str() {
            "name" => {
                package.name = Ecosystem::PyPi.normalise(value);
                package.line = u32::try_from(index + 1).unwrap_or(u32::MAX);
            }
            "version" => package.version = value.to_owned(),
            "license-expression" => package.licence = Some(value.to_owned()),
            // Some write the whole text of the licence there.
            "license" if package.licence.is_none() && (1..200).contains(&value.len()) => {
                package.licence = Some(value.to_owned());
            }
            "requires-dist" if package.dependencies.len() < text.limits.records => {
                let requirement = Requirement::parse(value, 0);
                if !requirement.marker.is_some_and(|marker| marker.contains("extra")) {
                    package.dependencies.push(requirement.name);
                }
            }
            _ => {}
        }
    }
    if package.name.is_empty() || package.version.is_empty() {
        defects.push(Defect::whole("metadata-incomplete", "there is no name or no version"));
    } else {
        lock.packages.push(package);
    }
    lock
}

pub(super) fn package_json(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.json(defects);
    let mut lock = Lock { installed: true, ..Lock::new(Ecosystem::Npm, "installed") };
    let (name, version) = (root.get("name").text_or_empty(), root.get("version").text_or_empty());
    // Folders with a `package.json` that only says `"type": "module"` are no packages.
    if name.is_empty() || version.is_empty() {
        return lock;
    }
    let mut package = lock.package(name, version, root.entry("name").map_or(1, |entry| entry.line));
    let folder =
        text.path.rsplit_once("node_modules/").map_or("", |(_, rest)| rest.trim_end_matches("/package.json"));
    package.alias = (folder != name && !folder.is_empty()).then(|| folder.to_owned());
    package.licence = super::npm::licence(&root);
    package.dependencies = root.get("dependencies").entries().iter().map(|entry| entry.key.clone()).collect();
    let scripts = root.get("scripts");
    package.install_script =
        super::npm::INSTALL_SCRIPTS.iter().any(|script| scripts.get(script).text().is_some());
    lock.packages.push(package);
    lock
}
