//! One estate of what all files added.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};

use super::collector::Collector;
use super::join::{join, one_per_content, one_per_name, only_pairs};
use super::package;
use super::places::{Places, Unclaimed};

/// All assets and relations, merged and sorted.
#[derive(Debug, Default)]
pub struct Estate {
    /// By id.
    pub assets: Vec<Asset>,
    /// By from, kind, to.
    pub relations: Vec<Relation>,
    /// Which asset each file belongs to, by path; files that no mapper claimed belong to [`Estate::tree`].
    pub homes: BTreeMap<String, AssetId>,
    /// The source tree, `pipeline:<subject>`, if some file belongs to nothing more specific.
    pub tree: Option<AssetId>,
}

impl Estate {
    /// Merges what all files added.
    ///
    /// Assets with one id become one. Models and data sets with the same bytes become one as well, named after the
    /// first path in byte order, and so do assets that are known by the same name. A file that no mapper claimed belongs
    /// to the source tree, as do those at `passed`, which add nothing; `passed` is sorted.
    pub fn merge(collectors: Vec<Collector>, passed: &[String], subject: &str) -> Self {
        let mut assets: BTreeMap<AssetId, Asset> = BTreeMap::new();
        let mut relations = Vec::new();
        let mut links = Vec::new();
        let mut names = Vec::new();
        let mut perhaps = Vec::new();
        let mut homes = BTreeMap::new();
        let mut unclaimed = BTreeSet::new();
        for mut collector in collectors {
            for asset in collector.assets.drain(..) {
                match assets.remove(&asset.id) {
                    Some(known) => {
                        let both = join(known, asset);
                        assets.insert(both.id.clone(), both);
                    }
                    None => {
                        assets.insert(asset.id.clone(), asset);
                    }
                }
            }
            relations.append(&mut collector.relations);
            names.append(&mut collector.names);
            perhaps.append(&mut collector.perhaps);
            links.extend(collector.links.drain(..).map(|link| (collector.path.clone(), link)));
            match collector.home {
                Some(home) => {
                    homes.insert(collector.path, home);
                }
                None => {
                    unclaimed.insert(collector.path);
                }
            }
        }
        let mut renamed = one_per_content(&mut assets);
        one_per_name(&mut assets, names, &mut renamed);
        let pairs = only_pairs(&perhaps, &renamed);
        one_per_name(&mut assets, pairs, &mut renamed);
        let current = |id: AssetId| renamed.get(&id).cloned().unwrap_or(id);
        let mut tree = None;
        if !unclaimed.is_empty() || !passed.is_empty() {
            let asset = source_tree(subject);
            tree = Some(asset.id.clone());
            assets.entry(asset.id.clone()).or_insert(asset);
        }
        for home in homes.values_mut() {
            *home = current(home.clone());
        }
        let unclaimed = Unclaimed { seen: &unclaimed, passed };
        let places = Places::of(&homes, &unclaimed, tree.as_ref());
        for (path, link) in links {
            let Some(other) = places.find(&path, &link.path) else { continue };
            let (from, to) = if link.reversed { (other, link.from) } else { (link.from, other) };
            relations.push(Relation::new(from, link.kind, to, Confidence::Inferred, link.locator));
        }
        let mut unique: BTreeMap<(AssetId, RelationKind, AssetId), Relation> = BTreeMap::new();
        for mut relation in relations {
            relation.from = current(relation.from);
            relation.to = current(relation.to);
            let known_ends = assets.contains_key(&relation.from) && assets.contains_key(&relation.to);
            if !known_ends || relation.from == relation.to {
                continue;
            }
            let key = (relation.from.clone(), relation.kind, relation.to.clone());
            let keep = unique.entry(key).or_insert_with(|| relation.clone());
            keep.confidence = keep.confidence.max(relation.confidence);
            if relation.kind == RelationKind::DependsOn {
                package::join_attributes(&mut keep.attributes, &mut relation.attributes);
            }
            keep.attributes.extend(relation.attributes);
        }
        Self {
            assets: assets.into_values().collect(),
            relations: unique.into_values().collect(),
            homes,
            tree,
        }
    }
}

/// The asset for files that are part of nothing more specific.
fn source_tree(subject: &str) -> Asset {
    Asset::new(
        AssetKind::Pipeline,
        "ci_pipeline",
        Layer::Deployment,
        subject,
        Confidence::Inferred,
        Locator::file("."),
    )
    .with("role", "source tree")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Seen;

    fn seen_as(path: &str, confidence: Confidence, known_as: &[&str]) -> Collector {
        let parsed = vauban_formats::Parsed {
            format: "unknown",
            facts: vauban_formats::Facts::Unknown,
            defects: Vec::new(),
            members: Vec::new(),
        };
        let seen = Seen { path, size: 0, digest: None, parsed: &parsed };
        let mut collector = Collector::new(&seen);
        let asset = Asset::new(
            AssetKind::Model,
            "model",
            Layer::FoundationModels,
            path,
            confidence,
            Locator::file(path),
        );
        let id = collector.asset(asset);
        collector.home(&id);
        for name in known_as {
            collector.known_as(&id, *name);
        }
        collector
    }

    #[test]
    fn what_three_sources_call_by_shared_names_is_one_asset() {
        let estate = Estate::merge(
            vec![
                seen_as("a", Confidence::Declared, &["s3://bucket/m"]),
                seen_as("b", Confidence::Verified, &["runs:/1/m"]),
                seen_as("c", Confidence::Inferred, &["runs:/1/m", "s3://bucket/m"]),
                seen_as("d", Confidence::Verified, &["s3://bucket/other"]),
            ],
            &[],
            "all",
        );
        let ids: Vec<&str> = estate.assets.iter().map(|asset| asset.id.as_str()).collect();
        assert_eq!(ids, ["model:b", "model:d"]);
        assert_eq!(estate.assets[0].locators.len(), 3);
        assert_eq!(estate.homes["a"].as_str(), "model:b");
        assert_eq!(estate.homes["c"].as_str(), "model:b");
    }
}
