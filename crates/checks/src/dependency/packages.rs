//! Packages as the estate has them: in which version, and who needs them.

use std::collections::BTreeMap;

use vauban_domain::{Asset, AssetKind, Locator, RelationKind};
use vauban_knowledge::Ecosystem;

use crate::Estate;

/// One package of the estate.
pub(super) struct Package<'a> {
    /// The asset.
    pub(super) asset: &'a Asset,
    /// Its ecosystem; `None` if advisories are not matched there.
    pub(super) ecosystem: Option<Ecosystem>,
    /// Its name there.
    pub(super) name: &'a str,
    /// Every place where it is needed, and the version there if one is fixed.
    pub(super) uses: Vec<Use<'a>>,
}

/// One place where a package is needed.
pub(super) struct Use<'a> {
    /// The version, if it is one and not a range.
    pub(super) version: Option<&'a str>,
    /// The place.
    pub(super) locator: &'a Locator,
}

impl<'a> Package<'a> {
    /// The places of every version, in the order in which the versions are written.
    pub(super) fn by_version(&self) -> BTreeMap<&'a str, Vec<&'a Locator>> {
        let mut by_version: BTreeMap<&str, Vec<&Locator>> = BTreeMap::new();
        for (version, locator) in self.uses.iter().filter_map(|used| Some((used.version?, used.locator))) {
            by_version.entry(version).or_default().push(locator);
        }
        by_version
    }
}

/// Every package, with the relations that need it.
pub(super) fn all<'a>(estate: &Estate<'a>) -> Vec<Package<'a>> {
    let inventory = estate.inventory;
    let mut needed = BTreeMap::new();
    // What packages need of one another says nothing of versions: the lock that has both does.
    let needs = inventory.relations.iter().filter(|relation| {
        relation.kind == RelationKind::DependsOn && !relation.from.as_str().starts_with("package:")
    });
    for relation in needs {
        needed.entry(&relation.to).or_insert_with(Vec::new).push(relation);
    }
    let packages = inventory.assets.iter().filter(|asset| asset.kind == AssetKind::Package);
    packages
        .filter_map(|asset| {
            let (kind, name) = asset.id.name().split_once('/')?;
            let ecosystem = Ecosystem::of_purl(kind);
            let own = asset.attribute("version");
            let mut uses = Vec::new();
            for relation in needed.get(&asset.id).into_iter().flatten() {
                let written = relation.attributes.get("version").map(String::as_str).or(own);
                add(&mut uses, ecosystem, written, &relation.locator);
            }
            if uses.is_empty() {
                for locator in asset.locators.iter().take(1) {
                    add(&mut uses, ecosystem, own, locator);
                }
            }
            Some(Package { asset, ecosystem, name, uses })
        })
        .collect()
}

/// Versions are written one after the other, `1.2, 1.3`; what is no version there is no version.
fn add<'a>(
    uses: &mut Vec<Use<'a>>,
    ecosystem: Option<Ecosystem>,
    written: Option<&'a str>,
    locator: &'a Locator,
) {
    let versions = written.unwrap_or_default().split(',').map(str::trim);
    for version in versions {
        let is_one = ecosystem.is_some_and(|ecosystem| ecosystem.is_version(version));
        uses.push(Use { version: is_one.then_some(version), locator });
    }
}
