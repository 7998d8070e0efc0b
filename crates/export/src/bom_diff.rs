//! Two bills of materials of any tool side by side: what came, what went, what changed.
//!
//! Components are told apart by package URL without version, else by kind and name; several versions of one thing are
//! compared as a set, so that an added second version is seen as a changed one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use vauban_formats::bom::{Bom, Component, PackageUrl};

/// What is different.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BomDiff {
    /// Components only in the later one, with version.
    pub added: Vec<String>,
    /// Components only in the earlier one.
    pub removed: Vec<String>,
    /// Components in both that differ.
    pub changed: Vec<Change>,
    /// Vulnerabilities only in the later one, with what they affect.
    pub vulnerabilities_added: Vec<String>,
    /// Vulnerabilities only in the earlier one.
    pub vulnerabilities_removed: Vec<String>,
    /// Vulnerabilities whose assessment changed: `CVE-…: in_triage -> not_affected`.
    pub assessments_changed: Vec<String>,
}

/// One fact of one component that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// Name of the component.
    pub component: String,
    /// `version`, `licence`, `hash`, `supplier`, `datasets` or `card:<key>`.
    pub what: String,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

impl BomDiff {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares an earlier with a later one.
pub fn bom_diff(before: &Bom, after: &Bom) -> BomDiff {
    let (old, new) = (components(before), components(after));
    let mut diff = BomDiff::default();
    for (name, parts) in &new {
        match old.get(name) {
            None => diff.added.push(titled(name, parts)),
            Some(were) => changes(name, were, parts, &mut diff.changed),
        }
    }
    diff.removed = old
        .iter()
        .filter(|(name, _)| !new.contains_key(*name))
        .map(|(name, parts)| titled(name, parts))
        .collect();
    let (old, new) = (vulnerabilities(before), vulnerabilities(after));
    diff.vulnerabilities_added = only(&new, &old);
    diff.vulnerabilities_removed = only(&old, &new);
    for (key, state) in &new {
        if let Some(was) = old.get(key).filter(|was| *was != state) {
            diff.assessments_changed.push(format!("{} in {}: {was} -> {state}", key.0, key.1));
        }
    }
    diff
}

fn only(
    these: &BTreeMap<(String, String), String>,
    those: &BTreeMap<(String, String), String>,
) -> Vec<String> {
    let missing = these.iter().filter(|(key, _)| !those.contains_key(*key));
    missing.map(|((id, name), state)| format!("{id} in {name} ({state})")).collect()
}

/// The name of a component that stays when its version changes.
fn name(component: &Component) -> String {
    match component.purl.as_deref().and_then(PackageUrl::parse) {
        Some(purl) => format!("{}/{}", purl.ecosystem, purl.full_name()),
        None => format!("{}/{}", format!("{:?}", component.kind).to_lowercase(), component.name),
    }
}

fn components(bom: &Bom) -> BTreeMap<String, Vec<&Component>> {
    let mut named: BTreeMap<String, Vec<&Component>> = BTreeMap::new();
    for component in &bom.components {
        named.entry(name(component)).or_default().push(component);
    }
    named
}

fn titled(name: &str, parts: &[&Component]) -> String {
    let versions = all(parts, |one| vec![one.version.clone()]);
    if versions.is_empty() { name.to_owned() } else { format!("{name} {versions}") }
}

/// What all parts say, each once, sorted, joined by commas.
fn all(parts: &[&Component], of: impl Fn(&Component) -> Vec<String>) -> String {
    let set: BTreeSet<String> =
        parts.iter().flat_map(|one| of(one)).filter(|text| !text.is_empty()).collect();
    set.into_iter().collect::<Vec<_>>().join(", ")
}

fn changes(name: &str, before: &[&Component], after: &[&Component], changed: &mut Vec<Change>) {
    let mut compare = |what: &str, of: &dyn Fn(&Component) -> Vec<String>| {
        let (before, after) = (all(before, of), all(after, of));
        if before != after {
            changed.push(Change { component: name.to_owned(), what: what.to_owned(), before, after });
        }
    };
    compare("version", &|one| vec![one.version.clone()]);
    compare("licence", &|one| one.licences.clone());
    compare("supplier", &|one| one.supplier.iter().cloned().collect());
    compare("datasets", &|one| one.datasets.clone());
    // Tools choose other algorithms: only those that both know can differ.
    let algorithms = |parts: &[&Component]| -> BTreeSet<String> {
        parts.iter().flat_map(|one| &one.hashes).map(|(algorithm, _)| algorithm.clone()).collect()
    };
    let (old, new) = (algorithms(before), algorithms(after));
    for algorithm in old.intersection(&new) {
        compare("hash", &|one| {
            let of = one.hashes.iter().filter(|(name, _)| name == algorithm);
            of.map(|(name, hex)| format!("{name}:{hex}")).collect()
        });
    }
    if old.is_empty() != new.is_empty() {
        compare("hash", &|one| one.hashes.iter().map(|(name, hex)| format!("{name}:{hex}")).collect());
    }
    let keys: BTreeSet<&String> =
        before.iter().chain(after).flat_map(|one| one.card.iter().map(|(key, _)| key)).collect();
    for key in keys {
        compare(&format!("card:{key}"), &|one| {
            one.card.iter().filter(|(name, _)| name == key).map(|(_, text)| text.clone()).collect()
        });
    }
}

/// State by id and affected component.
fn vulnerabilities(bom: &Bom) -> BTreeMap<(String, String), String> {
    let names: BTreeMap<&str, String> =
        bom.components.iter().map(|one| (one.reference.as_str(), name(one))).collect();
    let mut found = BTreeMap::new();
    for one in &bom.vulnerabilities {
        let state = one.state.clone().unwrap_or_else(|| "no assessment".to_owned());
        for reference in &one.affects {
            let name = names.get(reference.as_str()).cloned().unwrap_or_else(|| reference.clone());
            found.insert((one.id.clone(), name), state.clone());
        }
        if one.affects.is_empty() {
            found.insert((one.id.clone(), "the subject".to_owned()), state);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use vauban_formats::bom::Vulnerability;

    fn part(name: &str, version: &str, sha256: &str) -> Component {
        Component {
            reference: format!("{name}@{version}"),
            name: name.to_owned(),
            version: version.to_owned(),
            purl: Some(format!("pkg:pypi/{name}@{version}")),
            hashes: vec![("sha256".to_owned(), sha256.to_owned())],
            ..Component::default()
        }
    }

    #[test]
    fn versions_hashes_and_assessments_are_compared() {
        let vulnerability = |state: &str| Vulnerability {
            id: "CVE-2024-1".to_owned(),
            affects: vec!["torch@1".to_owned()],
            state: Some(state.to_owned()),
            ..Vulnerability::default()
        };
        let before = Bom {
            components: vec![part("torch", "1", "aa"), part("gone", "1", "cc")],
            vulnerabilities: vec![vulnerability("in_triage")],
            ..Bom::default()
        };
        let after = Bom {
            components: vec![part("torch", "1", "bb"), part("torch", "2", "dd"), part("new", "3", "ee")],
            vulnerabilities: vec![vulnerability("not_affected")],
            ..Bom::default()
        };
        let diff = bom_diff(&before, &after);
        assert_eq!(
            (diff.added.as_slice(), diff.removed.as_slice()),
            (["pypi/new 3".to_owned()].as_slice(), ["pypi/gone 1".to_owned()].as_slice())
        );
        let what: Vec<(&str, &str)> =
            diff.changed.iter().map(|one| (one.what.as_str(), one.after.as_str())).collect();
        assert_eq!(what, [("version", "1, 2"), ("hash", "sha256:bb, sha256:dd")]);
        assert_eq!(diff.assessments_changed, ["CVE-2024-1 in pypi/torch: in_triage -> not_affected"]);
        assert!(bom_diff(&before, &before).is_empty());
    }
}
