//! `package.json`. <https://docs.npmjs.com/cli/configuring-npm/package-json>

use super::{Manifest, Replacement, json, text_of};
use crate::requirements::Requirement;
use crate::yaml::Node;
use crate::{Defect, Ecosystem, Limits};

pub(super) fn read(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Manifest {
    let root = json(text, limits, defects);
    let mut manifest = Manifest::new(Ecosystem::Npm, "package-json");
    manifest.name = text_of(root.get("name"));
    manifest.version = text_of(root.get("version"));
    manifest.licence = text_of(root.get("license"));
    manifest.private = root.get("private").is_true();
    for (field, development) in
        [("dependencies", false), ("optionalDependencies", false), ("devDependencies", true)]
    {
        for entry in root.get(field).entries() {
            let range = entry.node.text_or_empty().trim();
            let mut requirement = wanted(&manifest, &entry.key, range, entry.line);
            requirement.development = development;
            if requirement.name != entry.key {
                let by = range.to_owned();
                manifest.replacements.push(Replacement { name: entry.key.clone(), by, line: entry.line });
            }
            manifest.requirements.push(requirement);
        }
    }
    for field in [root.get("overrides"), root.get("resolutions"), root.at("pnpm.overrides")] {
        overrides(field, &mut manifest, limits.records);
    }
    manifest
}

/// What a range of `package.json` asks for: versions, an alias, an address, a folder.
fn wanted(manifest: &Manifest, key: &str, range: &str, line: u32) -> Requirement {
    if let Some(alias) = range.strip_prefix("npm:") {
        let scope = usize::from(alias.starts_with('@'));
        let at = alias.get(scope..).and_then(|rest| rest.find('@')).map_or(alias.len(), |at| at + scope);
        let (name, version) = alias.split_at(at);
        let requirement = manifest.requirement(name, version.trim_start_matches('@'), line);
        return Requirement { written: key.to_owned(), ..requirement };
    }
    let mut requirement = manifest.requirement(key, "", line);
    requirement.url = address(range);
    if requirement.url.is_none() {
        // Blanks mean "and" here: they stay, or `>=1 <2` could not be read.
        requirement.specifier = range.strip_prefix("workspace:").unwrap_or(range).to_owned();
        requirement.editable = range.starts_with("workspace:") || range.starts_with("catalog:");
        if matches!(requirement.specifier.as_str(), "*" | "x" | "X") {
            requirement.specifier.clear();
        }
    }
    requirement
}

/// The address that a range is, with the short forms of hosts written out; `None` if it is no address.
fn address(range: &str) -> Option<String> {
    for (short, host) in
        [("github:", "github.com"), ("gitlab:", "gitlab.com"), ("bitbucket:", "bitbucket.org")]
    {
        if let Some(path) = range.strip_prefix(short) {
            return Some(format!("git+https://{host}/{path}"));
        }
    }
    let path =
        range.starts_with('.') || range.starts_with('/') || range.starts_with('~') && range.contains('/');
    if range.contains("://")
        || path
        || ["file:", "link:", "portal:"].iter().any(|word| range.starts_with(word))
    {
        return Some(range.to_owned());
    }
    // `owner/repository` is GitHub's.
    let (owner, repository) = range.split_once('/')?;
    let plain = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let name = repository.split('#').next().unwrap_or(repository);
    (plain(owner) && plain(name)).then(|| format!("git+https://github.com/{range}"))
}

/// Overrides that put another package or an address in place of one; a version alone is no stranger.
fn overrides(node: &Node, manifest: &mut Manifest, records: usize) {
    for entry in node.entries() {
        if manifest.replacements.len() > records {
            return;
        }
        match entry.node.text() {
            Some(by) if by.starts_with("npm:") || address(by).is_some() => {
                let name = entry.key.rsplit("**/").next().unwrap_or(&entry.key).to_owned();
                manifest.replacements.push(Replacement { name, by: by.to_owned(), line: entry.line });
            }
            Some(_) => {}
            None => overrides(&entry.node, manifest, records),
        }
    }
}
