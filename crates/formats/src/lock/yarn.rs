//! `yarn.lock` of Yarn 1, in a notation of its own, and of Yarn 2 and later, in YAML.
//!
//! <https://classic.yarnpkg.com/lang/en/docs/yarn-lock/>, <https://yarnpkg.com/configuration/manifest>

use std::collections::BTreeSet;

use super::{Lock, LockedPackage, Source, Text, npm, reach};
use crate::{Defect, Ecosystem};

pub(super) fn yarn_lock(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let is_yaml = text.text.lines().take(50).any(|line| line.starts_with("__metadata:"));
    if is_yaml { berry(text, defects) } else { classic(text, defects) }
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"')
}

/// `name@range, name@range`: the name, and what an alias stands for.
fn name_of(descriptors: &str) -> (&str, Option<&str>) {
    let first = unquoted(descriptors.split(',').next().unwrap_or(descriptors));
    let (name, range) = npm::split(first).unwrap_or((first, ""));
    let real = range.strip_prefix("npm:").and_then(npm::split).map(|(real, _)| real);
    (name, real)
}

fn classic(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let mut lock = Lock::new(Ecosystem::Npm, "yarn-lock");
    let mut open: Option<LockedPackage> = None;
    let mut in_dependencies = false;
    for (index, line) in text.text.lines().enumerate() {
        if lock.packages.len() > text.limits.records {
            break;
        }
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let depth = line.len() - line.trim_start_matches(' ').len();
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        match (depth, &mut open) {
            (0, _) => {
                let Some(descriptors) = trimmed.strip_suffix(':') else {
                    if defects.is_empty() {
                        defects.push(Defect::whole("yarn-syntax", format!("line {number} names no package")));
                    }
                    continue;
                };
                lock.packages.extend(open.take());
                let (name, real) = name_of(descriptors);
                let mut package = lock.package(real.unwrap_or(name), "", number);
                package.alias = real.filter(|real| *real != name).map(|_| name.to_owned());
                open = Some(package);
                in_dependencies = false;
            }
            (_, None) => {}
            (2, Some(package)) => {
                in_dependencies = matches!(trimmed, "dependencies:" | "optionalDependencies:");
                let (key, value) = trimmed.split_once(' ').unwrap_or((trimmed, ""));
                let value = unquoted(value);
                match key {
                    "version" => package.version = value.to_owned(),
                    "resolved" => {
                        package.source = npm::source(value);
                        // What follows `#` is the SHA-1 of a tarball, and the commit of a repository.
                        let (address, rest) = value.split_once('#').unwrap_or((value, ""));
                        let is_git = package.source == Source::Git;
                        package.address = if is_git { value.to_owned() } else { address.to_owned() };
                        if !is_git && !rest.is_empty() {
                            package.hashes.push(format!("sha1:{rest}"));
                        }
                    }
                    "integrity" => package.hashes.extend(value.split_whitespace().map(str::to_owned)),
                    _ => {}
                }
            }
            (_, Some(package)) if in_dependencies => {
                let name = match trimmed.strip_prefix('"') {
                    Some(rest) => rest.split('"').next().unwrap_or(rest),
                    None => trimmed.split(' ').next().unwrap_or(trimmed),
                };
                package.dependencies.push(name.to_owned());
            }
            _ => {}
        }
    }
    lock.packages.extend(open);
    lock
}

fn berry(text: &Text<'_>, defects: &mut Vec<Defect>) -> Lock {
    let root = text.yaml(defects);
    let mut lock = Lock::new(Ecosystem::Npm, "yarn-lock");
    let mut product = BTreeSet::new();
    for entry in root.entries().iter().filter(|entry| entry.key != "__metadata") {
        let node = &entry.node;
        let resolution = node.get("resolution").text_or_empty();
        let (name, place) = npm::split(resolution).unwrap_or((resolution, ""));
        let mut package = lock.package(name, node.get("version").text_or_empty(), entry.line);
        let (written, _) = name_of(&entry.key);
        package.alias = (written != name && !written.is_empty()).then(|| written.to_owned());
        let (protocol, rest) = place.split_once(':').unwrap_or((place, ""));
        package.source = match protocol {
            "npm" | "virtual" => Source::Registry,
            "workspace" | "file" | "link" | "portal" => Source::Path,
            "patch" => Source::Registry,
            "git" | "git+ssh" | "git+https" | "ssh" => Source::Git,
            _ if place.contains("#commit=") || place.contains(".git#") => Source::Git,
            _ => Source::Url,
        };
        if matches!(package.source, Source::Git | Source::Url) {
            package.address = place.to_owned();
        } else if let Some((_, archive)) = rest.split_once("__archiveUrl=") {
            package.address =
                archive.split('&').next().unwrap_or(archive).replace("%3A", ":").replace("%2F", "/");
        }
        // The checksum is of Yarn's own archive, behind the version of its cache: `10c0/…`.
        package.hashes = node.get("checksum").text().map(|sum| format!("yarn:{sum}")).into_iter().collect();
        package.dependencies =
            node.get("dependencies").entries().iter().map(|entry| entry.key.clone()).collect();
        if package.source == Source::Path {
            product.extend(package.dependencies.iter().cloned());
        }
        lock.packages.push(package);
    }
    if !product.is_empty() {
        // What only development needs stands among the rest here.
        reach::mark(&mut lock, &product, &BTreeSet::new());
    }
    lock
}
