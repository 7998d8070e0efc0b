//! Archives whose member names or links lead outside.

use std::collections::BTreeMap;

use vauban_domain::{Evidence, rule};
use vauban_formats::Listed;

use super::escape::{climbs, has_drive, leaves, straight};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A member of the archive leaves the folder it is unpacked to.
    pub const RULE: "archive-path-traversal" {
        family: Artifact,
        severity: High,
        title: "a member of the archive leaves the folder it is unpacked to",
        why: "unpacking overwrites or reads files elsewhere: start-up scripts, keys, other models",
        remedy: "do not unpack it; get it again from its publisher",
        techniques: ["AML.T0010.003@2026.09", "AML.T0011.000@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22", "CWE-59"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "unzip and tar of older systems; tarfile.extractall before Python 3.14 without a filter; shutil.unpack_archive; NeMo, MLflow and TorchServe where they unpack models; py7zr before 0.20.1",
        source: "CWE-22; PEP 706; CVE-2007-4559",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Archive(check) };

/// Findings told per archive; more say nothing new.
const MOST: usize = 20;

fn check(subject: &Subject<'_, [Listed<'_>]>, report: &mut Report) {
    let system = is_system(subject.facts);
    let mut links: BTreeMap<String, bool> = BTreeMap::new();
    let mut told = 0;
    for member in subject.facts {
        let name = member.name;
        let through = through(name, &links);
        let leaving_link = member.link.is_some_and(|link| {
            if member.hard { leaves(link) && !system } else { leaves_by_link(name, link) }
        });
        if member.link.is_some() && !member.hard {
            links.insert(plain(name), leaving_link);
        }
        let what = if leaves(name) && !(system && name.starts_with('/') && !climbs(name)) {
            "leaves the folder"
        } else if through.is_some_and(|leaving| leaving) {
            "is written through a link that leads outside"
        } else if leaving_link && !system {
            "is a link that leads outside"
        } else if member.special && !system {
            "is a device, a pipe or a program with its owner's rights"
        } else {
            continue;
        };
        told += 1;
        if told > MOST {
            break;
        }
        let name: String = name.escape_debug().take(200).collect();
        let link = member.link.map_or_else(String::new, |link| {
            format!(" -> {}", link.escape_debug().to_string().chars().take(200).collect::<String>())
        });
        let message = format!("member `{name}{link}` {what}; do not unpack the archive");
        let evidence =
            Evidence::new(subject.locator.clone(), member.name.to_owned(), format!("{name}{link}"));
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}

/// Whether the archive is a file system of its own, as layers of container images are: links there are read from its
/// own root, and devices belong to it.
fn is_system(members: &[Listed<'_>]) -> bool {
    const FOLDERS: &[&str] =
        &["bin", "boot", "dev", "etc", "home", "lib", "opt", "root", "run", "sbin", "srv", "usr", "var"];
    let mut seen: Vec<&str> = members
        .iter()
        .filter_map(|member| {
            let name = member.name.trim_start_matches("./").trim_start_matches('/');
            let (first, _) = name.split_once('/')?;
            FOLDERS.iter().find(|folder| **folder == first).copied()
        })
        .collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() >= 2
}

/// A path as links are looked up by.
fn plain(path: &str) -> String {
    path.replace('\\', "/")
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect::<Vec<_>>()
        .join("/")
}

/// Whether the path goes through a link that came before, and whether that one leads outside.
fn through(path: &str, links: &BTreeMap<String, bool>) -> Option<bool> {
    if links.is_empty() {
        return None;
    }
    let path = plain(path);
    path.match_indices('/').filter_map(|(at, _)| links.get(path.get(..at)?)).copied().max()
}

/// Whether a link at `name` leads out of the folder that `name` is unpacked to.
fn leaves_by_link(name: &str, link: &str) -> bool {
    let link = straight(link);
    if link.starts_with('/') || has_drive(&link) {
        return true;
    }
    let name = plain(name);
    let mut depth = name.matches('/').count();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return true,
            },
            _ => depth += 1,
        }
    }
    false
}
