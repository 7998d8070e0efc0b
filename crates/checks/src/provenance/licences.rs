//! Under which terms models and data stand, and what is made of them.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, Evidence, Locator, Relation, RelationKind};
use vauban_knowledge::licences::Terms;

use crate::Estate;

/// Steps from a model to what it was made from; chains of tuning are short.
const STEPS: usize = 16;

/// Models and data sets.
pub(super) fn subjects<'a>(estate: &Estate<'a>) -> impl Iterator<Item = &'a Asset> {
    let assets = estate.inventory.assets.iter();
    assets.filter(|asset| matches!(asset.kind, AssetKind::Model | AssetKind::Dataset))
}

/// What the asset says of its licence, as it stands there.
pub(super) fn stated(asset: &Asset) -> Option<&str> {
    asset.attribute("licence").map(str::trim).filter(|licence| !licence.is_empty())
}

/// The terms of the asset, if it states any that are known.
pub(super) fn terms(estate: &Estate<'_>, asset: &Asset) -> Option<Terms> {
    estate.knowledge.licences.judge(stated(asset)?)
}

/// The statement as evidence: its key is the licence, so that another licence is another finding.
pub(super) fn evidence(asset: &Asset) -> Vec<Evidence> {
    let licence = stated(asset).unwrap_or_default();
    let locator = asset.locators.first().cloned().unwrap_or_else(|| Locator::file("."));
    vec![Evidence::new(locator, licence, licence)]
}

/// What an asset was made from: bases and training data, and theirs; with the relation that says so.
pub(super) fn made_from<'a>(estate: &Estate<'a>, asset: &AssetId) -> Vec<&'a Relation> {
    let mut by_maker: BTreeMap<&AssetId, Vec<&Relation>> = BTreeMap::new();
    for relation in estate.inventory.relations {
        if matches!(relation.kind, RelationKind::DerivedFrom | RelationKind::TrainedOn) {
            by_maker.entry(&relation.from).or_default().push(relation);
        }
    }
    let mut seen: BTreeSet<&AssetId> = BTreeSet::new();
    let mut found = Vec::new();
    let mut next: Vec<&AssetId> = vec![asset];
    for _ in 0..STEPS {
        let relations: Vec<&Relation> =
            next.drain(..).filter_map(|id| by_maker.get(id)).flatten().copied().collect();
        for relation in relations {
            if seen.insert(&relation.to) {
                found.push(relation);
                next.push(&relation.to);
            }
        }
    }
    found
}
