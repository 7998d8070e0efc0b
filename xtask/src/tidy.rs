//! What the conventions of the repository forbid, as far as a program can see it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;
use vauban_domain::{Family, Rule};
use vauban_knowledge::Knowledge;

/// Every complaint, sorted; none in a tidy repository.
///
/// # Errors
/// When the repository cannot be read.
pub fn complaints(root: &Path) -> anyhow::Result<Vec<String>> {
    let knowledge = Knowledge::builtin();
    let rules = vauban_engine::rules(knowledge);
    let mut complaints = Vec::new();
    complaints.extend(unresolved(&rules, knowledge));
    complaints.extend(undocumented(&rules));
    complaints.extend(unlisted_checks(root)?);
    complaints.extend(missing_fixtures(root)?);
    complaints.extend(unlisted_modules(root)?);
    complaints.extend(parsers_without_fuzz_target(root)?);
    complaints.extend(unsorted());
    complaints.extend(stale_pages(root)?);
    complaints.extend(undeclared_dependencies(root)?);
    complaints.sort();
    Ok(complaints)
}

/// Ids in rules that do not resolve at their edition.
fn unresolved(rules: &[Rule], knowledge: &Knowledge) -> Vec<String> {
    let mut complaints = Vec::new();
    for rule in rules {
        let lists = [&rule.techniques, &rule.mitigations, &rule.weaknesses, &rule.owasp, &rule.threats];
        for id in lists.into_iter().flat_map(|list| list.iter()) {
            if knowledge.resolve_text(id).is_none() {
                complaints.push(format!("rule {}: `{id}` does not resolve", rule.id));
            }
        }
    }
    for control in &knowledge.controls {
        for id in &control.silences {
            if !rules.iter().any(|rule| rule.id == id.as_str()) {
                complaints.push(format!("control {}: silences `{id}`, which is no rule", control.id));
            }
        }
    }
    complaints
}

/// Rules without the words that a reader needs.
fn undocumented(rules: &[Rule]) -> Vec<String> {
    let mut complaints = Vec::new();
    for rule in rules {
        for (field, text) in
            [("title", &rule.title), ("why", &rule.why), ("remedy", &rule.remedy), ("source", &rule.source)]
        {
            if text.trim().is_empty() {
                complaints.push(format!("rule {}: {field} is empty", rule.id));
            }
        }
        if rule.family == Family::Artifact && rule.harm.is_none() {
            complaints.push(format!("rule {}: says no effect, when and loaders", rule.id));
        }
        for (field, text) in [("title", &rule.title), ("remedy", &rule.remedy)] {
            if text.ends_with('.') {
                complaints.push(format!("rule {}: {field} ends with a full stop", rule.id));
            }
        }
    }
    complaints
}

/// Files of checks that no list names.
fn unlisted_checks(root: &Path) -> anyhow::Result<Vec<String>> {
    let listed: BTreeSet<String> = vauban_checks::all().map(|check| check.rule.id.to_string()).collect();
    let mut complaints = Vec::new();
    for file in rust_files(&root.join("crates/checks/src"))? {
        let text = read(&file)?;
        for id in declared_rules(&text) {
            if text.contains("pub const CHECK: Check") && !listed.contains(id) {
                complaints.push(format!("{}: rule {id} is in no list", file.display()));
            }
        }
    }
    Ok(complaints)
}

/// Ids in `rule!` invocations of a source text.
fn declared_rules(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let rest = line.strip_prefix("pub const ").or_else(|| line.strip_prefix("const "))?;
        let (_, rest) = rest.split_once(": \"")?;
        let (id, rest) = rest.split_once('"')?;
        (rest.trim() == "{").then_some(id)
    })
}

/// Checks without a `bad-*` and a `good-*` fixture whose rule no test names either: what is malicious, or looks like a
/// credential, is made by code in `crates/checks/tests`.
fn missing_fixtures(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut tests = String::new();
    for file in rust_files(&root.join("crates/checks/tests"))? {
        tests.push_str(&read(&file)?);
    }
    let mut complaints = Vec::new();
    for check in vauban_checks::all() {
        let id = check.rule.id.as_ref();
        let folder = root.join("crates/checks/fixtures").join(id);
        let stored = |kind: &str| {
            std::fs::read_dir(&folder).is_ok_and(|entries| {
                entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(kind))
            })
        };
        let by_file = stored("bad-") && stored("good-");
        let by_code = tests.contains(&format!("\"{id}\""));
        if !by_file && !by_code {
            complaints.push(format!("check {id}: no bad-* and good-* fixtures, and no test that names it"));
        }
    }
    Ok(complaints)
}

/// Rust files that no `mod` names, so that nobody would notice if they did not compile.
fn unlisted_modules(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut complaints = Vec::new();
    for krate in children(&root.join("crates"))? {
        let source = krate.join("src");
        for file in rust_files(&source)? {
            let (Some(stem), Some(folder)) = (file.file_stem().and_then(|stem| stem.to_str()), file.parent())
            else {
                continue;
            };
            if matches!(stem, "lib" | "main") {
                continue;
            }
            let (name, owner_folder) = if stem == "mod" {
                (folder.file_name().and_then(|name| name.to_str()).unwrap_or_default(), folder.parent())
            } else {
                (stem, Some(folder))
            };
            let Some(owner_folder) = owner_folder else { continue };
            let mut owners =
                vec![owner_folder.join("mod.rs"), owner_folder.join("lib.rs"), owner_folder.join("main.rs")];
            owners.push(owner_folder.with_extension("rs"));
            let listed = owners.iter().filter_map(|owner| std::fs::read_to_string(owner).ok()).any(|text| {
                text.lines().any(|line| {
                    let line =
                        line.trim().trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
                    line.trim_start_matches("pub ") == format!("mod {name};")
                })
            });
            if !listed {
                complaints.push(format!("{}: no `mod` names it", file.display()));
            }
        }
    }
    Ok(complaints)
}

/// Parsers of whole files that nobody fuzzes: formats, and what is read when somebody names the file.
fn parsers_without_fuzz_target(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut complaints = Vec::new();
    for path in children(&root.join("crates/formats/src"))? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = read(&if path.is_dir() { path.join("mod.rs") } else { path })?;
        let parses = ["pub const FORMAT: Format", "\npub fn read(input: &Input<"];
        if !parses.iter().any(|sign| text.contains(sign)) {
            continue;
        }
        if !root.join("fuzz/fuzz_targets").join(format!("{name}.rs")).exists() {
            complaints.push(format!("parser {name}: no fuzz/fuzz_targets/{name}.rs"));
        }
    }
    Ok(complaints)
}

/// Lists that are not in order.
fn unsorted() -> Vec<String> {
    let mut complaints = Vec::new();
    let exporters: Vec<_> = vauban_export::FORMATS.iter().map(|exporter| exporter.name).collect();
    if !exporters.is_sorted() {
        complaints.push("vauban_export::FORMATS is not sorted".to_owned());
    }
    let names: BTreeSet<_> = vauban_formats::FORMATS.iter().map(|format| format.name).collect();
    if names.len() != vauban_formats::FORMATS.len() {
        complaints.push("vauban_formats::FORMATS names a format twice".to_owned());
    }
    let checks: Vec<_> =
        vauban_checks::all().map(|check| (check.rule.family.as_str(), check.rule.id.as_ref())).collect();
    if !checks.is_sorted() {
        complaints.push("the lists of checks are not sorted by family and rule".to_owned());
    }
    complaints
}

/// Generated pages that differ from what would be generated.
fn stale_pages(root: &Path) -> anyhow::Result<Vec<String>> {
    Ok(crate::generate::pages()?
        .into_iter()
        .filter(|page| {
            std::fs::read_to_string(root.join(page.path)).ok().as_deref() != Some(page.text.as_str())
        })
        .map(|page| format!("{} is stale; run cargo xtask gen", page.path))
        .collect())
}

/// Direct dependencies that docs/dependencies.md does not justify.
fn undeclared_dependencies(root: &Path) -> anyhow::Result<Vec<String>> {
    let page = read(&root.join("docs/dependencies.md"))?;
    let manifest = read(&root.join("Cargo.toml"))?;
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap_or_default();
    let names = section
        .lines()
        .take_while(|line| !line.starts_with("[workspace."))
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.trim()))
        .filter(|name| !name.is_empty() && !name.starts_with("vauban-") && !name.starts_with('#'));
    Ok(names
        .filter(|name| !page.contains(&format!("`{name}`")))
        .map(|name| format!("docs/dependencies.md does not say why `{name}` is there"))
        .collect())
}

fn rust_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in children(&folder)? {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn children(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list `{}`", folder.display()))? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}
