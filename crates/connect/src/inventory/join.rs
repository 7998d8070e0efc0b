//! Which assets are one and the same: by id, by their bytes, by a name that they share.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, Digest, Locator};

use super::collector::Perhaps;
use super::package;

/// One asset of two that are the same.
pub(super) fn join(mut known: Asset, mut other: Asset) -> Asset {
    if known.kind == AssetKind::Package {
        package::join(&mut known, &mut other);
    }
    known.confidence = known.confidence.max(other.confidence);
    known.digest = known.digest.or(other.digest);
    known.size = known.size.or(other.size);
    let locators: BTreeSet<Locator> = known.locators.drain(..).chain(other.locators).collect();
    known.locators = locators.into_iter().collect();
    for (key, value) in other.attributes {
        known.attributes.entry(key).or_insert(value);
    }
    known
}

/// Joins models and data sets with equal bytes; says which ids gave way to which.
pub(super) fn one_per_content(assets: &mut BTreeMap<AssetId, Asset>) -> BTreeMap<AssetId, AssetId> {
    let mut first: BTreeMap<(AssetKind, Digest), AssetId> = BTreeMap::new();
    let mut renamed = BTreeMap::new();
    for (id, asset) in assets.iter() {
        let (AssetKind::Model | AssetKind::Dataset, Some(digest)) = (asset.kind, asset.digest) else {
            continue;
        };
        // What was looked at keeps its name; that a document only names by its digest joins it.
        let best = first.entry((asset.kind, digest)).or_insert_with(|| id.clone());
        if assets.get(best).is_some_and(|known| known.confidence < asset.confidence) {
            best.clone_from(id);
        }
    }
    for (id, asset) in assets.iter() {
        let kept = asset.digest.and_then(|digest| first.get(&(asset.kind, digest)));
        if let Some(kept) = kept.filter(|kept| *kept != id) {
            renamed.insert(id.clone(), kept.clone());
        }
    }
    for (gone, kept) in &renamed {
        if let (Some(other), Some(known)) = (assets.remove(gone), assets.remove(kept)) {
            assets.insert(kept.clone(), join(known, other));
        }
    }
    renamed
}

/// Names that exactly one thing that is written and one that runs may have, for both of them.
pub(super) fn only_pairs(
    perhaps: &[Perhaps],
    renamed: &BTreeMap<AssetId, AssetId>,
) -> Vec<(AssetId, String)> {
    let mut sides: BTreeMap<&str, [BTreeSet<&AssetId>; 2]> = BTreeMap::new();
    for known in perhaps {
        let id = renamed.get(&known.id).unwrap_or(&known.id);
        sides.entry(&known.name).or_default()[usize::from(known.runs)].insert(id);
    }
    let only = |ids: &BTreeSet<&AssetId>| ids.len() == 1;
    sides
        .into_iter()
        .filter(|(_, sides)| sides.iter().all(only))
        .flat_map(|(name, sides)| sides.into_iter().flatten().map(|id| (id.clone(), name.to_owned())))
        .collect()
}

/// Joins assets of one kind that share a name, in the one that is known best; adds to `renamed` which ids gave way.
pub(super) fn one_per_name(
    assets: &mut BTreeMap<AssetId, Asset>,
    names: Vec<(AssetId, String)>,
    renamed: &mut BTreeMap<AssetId, AssetId>,
) {
    let mut named: BTreeMap<(AssetKind, String), BTreeSet<AssetId>> = BTreeMap::new();
    for (id, name) in names {
        let id = renamed.get(&id).cloned().unwrap_or(id);
        if let Some(asset) = assets.get(&id) {
            named.entry((asset.kind, name)).or_default().insert(id);
        }
    }
    // Which group of assets each belongs to; groups grow together where a name joins them.
    let mut group_of: BTreeMap<AssetId, usize> = BTreeMap::new();
    let mut groups: Vec<BTreeSet<AssetId>> = Vec::new();
    for ids in named.into_values().filter(|ids| ids.len() > 1) {
        let own = groups.len();
        let mut joined = BTreeSet::new();
        for id in ids {
            match group_of.get(&id) {
                Some(&group) => joined.append(&mut groups[group]),
                None => {
                    joined.insert(id);
                }
            }
        }
        group_of.extend(joined.iter().map(|id| (id.clone(), own)));
        groups.push(joined);
    }
    let mut gone_to: BTreeMap<AssetId, AssetId> = BTreeMap::new();
    for group in groups.into_iter().filter(|group| group.len() > 1) {
        let best = group
            .iter()
            .filter_map(|id| assets.get(id))
            .max_by_key(|asset| (asset.confidence, asset.digest.is_some(), std::cmp::Reverse(&asset.id)));
        let Some(kept) = best.map(|asset| asset.id.clone()) else { continue };
        for gone in group.into_iter().filter(|id| *id != kept) {
            if let (Some(other), Some(known)) = (assets.remove(&gone), assets.remove(&kept)) {
                assets.insert(kept.clone(), join(known, other));
            }
            gone_to.insert(gone, kept.clone());
        }
    }
    for kept in renamed.values_mut() {
        if let Some(now) = gone_to.get(kept) {
            kept.clone_from(now);
        }
    }
    renamed.append(&mut gone_to);
}
