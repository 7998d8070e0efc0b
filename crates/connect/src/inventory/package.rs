//! One package, several versions: how what many files say about it is joined.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::Asset;

use super::identity::purl;

/// Between the versions of one package in attribute `version`.
const BETWEEN: &str = ", ";

/// Joins what `other` says about the same package into `known`: its versions, and an address that fits all of them.
pub(super) fn join(known: &mut Asset, other: &mut Asset) {
    let before = known.attribute("version").map(str::to_owned);
    join_attributes(&mut known.attributes, &mut other.attributes);
    let joined = known.attribute("version").map(str::to_owned);
    if joined != before {
        let name = known.name.clone();
        if let Some((ecosystem, name)) = name.split_once('/') {
            let only = joined.as_deref().filter(|versions| !versions.contains(BETWEEN));
            known.attributes.insert("purl".to_owned(), purl(ecosystem, name, only));
        }
    }
    other.attributes.remove("purl");
}

/// Joins versions, sorted, and keeps `direct` and use outside development where one of both has it.
pub(super) fn join_attributes(known: &mut BTreeMap<String, String>, other: &mut BTreeMap<String, String>) {
    if let Some(version) = other.remove("version") {
        let joined = match known.get("version") {
            Some(versions) if *versions == version => version,
            Some(versions) => {
                let all: BTreeSet<&str> = versions.split(BETWEEN).chain(version.split(BETWEEN)).collect();
                all.into_iter().collect::<Vec<_>>().join(BETWEEN)
            }
            None => version,
        };
        known.insert("version".to_owned(), joined);
    }
    for (key, stronger) in [("dependency", "direct"), ("development", "false")] {
        if other.get(key).is_some_and(|value| value == stronger) {
            known.insert(key.to_owned(), stronger.to_owned());
        }
        if known.contains_key(key) {
            other.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use vauban_domain::Locator;

    use super::*;
    use crate::inventory::identity::package;

    #[test]
    fn versions_are_joined_and_the_address_names_one_only_if_there_is_one() {
        let seen = |version| package("npm", "@a/b", version, Locator::file("x"));
        let mut known = seen(None);
        join(&mut known, &mut seen(Some("1.10.0")));
        assert_eq!(known.attribute("version"), Some("1.10.0"));
        assert_eq!(known.attribute("purl"), Some("pkg:npm/%40a/b@1.10.0"));
        join(&mut known, &mut seen(Some("1.10.0")));
        join(&mut known, &mut seen(None));
        assert_eq!(known.attribute("purl"), Some("pkg:npm/%40a/b@1.10.0"));
        join(&mut known, &mut seen(Some("1.2.0")));
        assert_eq!(known.attribute("version"), Some("1.10.0, 1.2.0"));
        assert_eq!(known.attribute("purl"), Some("pkg:npm/%40a/b"));
    }

    #[test]
    fn what_is_direct_anywhere_is_direct() {
        let map = |value: &str| BTreeMap::from([("dependency".to_owned(), value.to_owned())]);
        let mut known = map("transitive");
        join_attributes(&mut known, &mut map("direct"));
        join_attributes(&mut known, &mut map("transitive"));
        assert_eq!(known, map("direct"));
    }
}
