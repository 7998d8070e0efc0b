//! `setup.cfg`, and the literals of `setup()` in `setup.py`, which is read and never run.
//!
//! <https://setuptools.pypa.io/en/latest/userguide/dependency_management.html>

use super::Manifest;
use crate::python::{Python, Value};
use crate::requirements::{Index, Requirement};
use crate::{Defect, Ecosystem, Limits, ini};

pub(super) fn setup_cfg(text: &str, limits: &Limits, _: &mut Vec<Defect>) -> Manifest {
    let mut manifest = Manifest::new(Ecosystem::PyPi, "setup-cfg");
    for setting in ini::settings(text, limits.records) {
        let (value, line) = (setting.value, setting.line);
        match (setting.section, setting.key) {
            ("metadata", "name") => manifest.name = Some(value.to_owned()),
            ("metadata", "version") => manifest.version = Some(value.to_owned()),
            ("metadata", "license") => manifest.licence = Some(value.to_owned()),
            ("options", "install_requires" | "setup_requires" | "tests_require") => {
                let development = setting.key != "install_requires";
                add(&mut manifest, value, development, line);
            }
            ("options.extras_require", _) => add(&mut manifest, value, false, line),
            ("options", "dependency_links") | ("easy_install", "find_links" | "find-links") => {
                manifest.indexes.push(Index { url: value.to_owned(), extra: true, line, ..Index::default() });
            }
            ("easy_install", "index_url" | "index-url") => {
                manifest.indexes.push(Index { url: value.to_owned(), line, ..Index::default() });
            }
            _ => {}
        }
    }
    manifest
}

/// A line of requirements; several may stand on one, apart by semicolons that are no markers.
fn add(manifest: &mut Manifest, text: &str, development: bool, line: u32) {
    let text = text.split(" #").next().unwrap_or(text).trim();
    // `file: requirements.txt` names another file.
    if let Some(path) = text.strip_prefix("file:") {
        manifest.includes.extend(path.split(',').map(|path| (path.trim().to_owned(), line)));
    } else if !text.is_empty() {
        manifest.requirements.push(Requirement { development, ..Requirement::parse(text, line) });
    }
}

/// What `setup.py` says in literals; `None` if it does not call `setup`.
pub fn of_setup_py(python: &Python) -> Option<Manifest> {
    let setup = python.calls.iter().find(|call| {
        matches!(
            call.callee.as_str(),
            "setup" | "setuptools.setup" | "distutils.core.setup" | "skbuild.setup"
        )
    })?;
    let mut manifest = Manifest::new(Ecosystem::PyPi, "setup-py");
    // A name stands for the literal that is assigned to it.
    let resolve = |value: &'_ Value| -> (Value, u32) {
        let assigned = |name: &str| python.assignments.iter().rfind(|assignment| assignment.target == *name);
        match value {
            Value::Name(name) => match assigned(name) {
                Some(assignment) => (assignment.value.clone(), assignment.line),
                None => (Value::Other, setup.line),
            },
            value => (value.clone(), setup.line),
        }
    };
    let text = |key: &str| match resolve(setup.keyword(key)?).0 {
        Value::Text(text) => Some(text),
        _ => None,
    };
    (manifest.name, manifest.version, manifest.licence) = (text("name"), text("version"), text("license"));
    let mut take = |value: &Value, line: u32, development: bool| {
        let items = match value {
            Value::List(items) => items.as_slice(),
            Value::Text(_) => std::slice::from_ref(value),
            _ => &[],
        };
        for item in items.iter().filter_map(Value::literal).flat_map(str::lines).map(str::trim) {
            if !item.is_empty() {
                // The list has one line; the item is looked for in the source behind it.
                let line = line_of(&python.source, item, line);
                manifest.requirements.push(Requirement { development, ..Requirement::parse(item, line) });
            }
        }
    };
    for (key, development) in [("install_requires", false), ("setup_requires", true), ("tests_require", true)]
    {
        if let Some(value) = setup.keyword(key) {
            let (value, line) = resolve(value);
            take(&value, line, development);
        }
    }
    if let Some(extras) = setup.keyword("extras_require")
        && let (Value::Dict(groups), line) = resolve(extras)
    {
        for (_, group) in &groups {
            let (group, at) = resolve(group);
            take(&group, at.max(line), false);
        }
    }
    Some(manifest)
}

/// The first line from `from` on that holds `item` in quotes, within a few hundred lines; `from` if none does.
fn line_of(source: &str, item: &str, from: u32) -> u32 {
    let skip = (from as usize).saturating_sub(1);
    let found = source.lines().skip(skip).take(400).position(|line| {
        line.find(item).is_some_and(|at| {
            let before = line.get(..at).unwrap_or_default();
            before.ends_with(['"', '\'']) || before.trim().is_empty()
        })
    });
    found.map_or(from, |offset| from.saturating_add(u32::try_from(offset).unwrap_or(0)))
}
