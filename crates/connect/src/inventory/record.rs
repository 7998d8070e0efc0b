//! What a file adds to the estate as bytes, so that it can be kept while the file does not change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Digest, Layer, Locator, Relation, RelationKind};

use super::Collector;
use super::collector::{Link, Perhaps};

#[derive(Serialize, Deserialize)]
struct Record {
    digest: Option<String>,
    home: Option<String>,
    assets: Vec<AssetRecord>,
    relations: Vec<RelationRecord>,
    links: Vec<LinkRecord>,
    names: Vec<(String, String)>,
    #[serde(default)]
    perhaps: Vec<(String, String, bool)>,
}

#[derive(Serialize, Deserialize)]
struct AssetRecord {
    id: String,
    component: String,
    name: String,
    layer: String,
    confidence: String,
    locators: Vec<LocatorRecord>,
    digest: Option<String>,
    size: Option<u64>,
    attributes: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct RelationRecord {
    from: String,
    to: String,
    kind: String,
    confidence: String,
    locator: LocatorRecord,
    attributes: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct LinkRecord {
    from: String,
    kind: String,
    path: String,
    reversed: bool,
    locator: LocatorRecord,
}

/// Path, member, line, key, offset; no path is that of the file itself.
#[derive(Serialize, Deserialize)]
struct LocatorRecord(Option<String>, Option<String>, Option<u32>, Option<String>, Option<u64>);

impl Collector {
    /// Everything that the file adds, in a form that [`Collector::recall`] reads.
    pub fn record(&self) -> Vec<u8> {
        let locator = |locator: &Locator| {
            let Locator { path, member, line, key, offset } = locator.clone();
            LocatorRecord((path != self.path).then_some(path), member, line, key, offset)
        };
        let record = Record {
            digest: self.digest.map(|digest| digest.to_string()),
            home: self.home.as_ref().map(ToString::to_string),
            assets: self
                .assets
                .iter()
                .map(|asset| AssetRecord {
                    id: asset.id.to_string(),
                    component: asset.component.clone(),
                    name: asset.name.clone(),
                    layer: asset.layer.id().to_owned(),
                    confidence: asset.confidence.as_str().to_owned(),
                    locators: asset.locators.iter().map(locator).collect(),
                    digest: asset.digest.map(|digest| digest.to_string()),
                    size: asset.size,
                    attributes: asset.attributes.clone(),
                })
                .collect(),
            relations: self
                .relations
                .iter()
                .map(|relation| RelationRecord {
                    from: relation.from.to_string(),
                    to: relation.to.to_string(),
                    kind: relation.kind.as_str().to_owned(),
                    confidence: relation.confidence.as_str().to_owned(),
                    locator: locator(&relation.locator),
                    attributes: relation.attributes.clone(),
                })
                .collect(),
            links: self
                .links
                .iter()
                .map(|link| LinkRecord {
                    from: link.from.to_string(),
                    kind: link.kind.as_str().to_owned(),
                    path: link.path.clone(),
                    reversed: link.reversed,
                    locator: locator(&link.locator),
                })
                .collect(),
            names: self.names.iter().map(|(id, name)| (id.to_string(), name.clone())).collect(),
            perhaps: self
                .perhaps
                .iter()
                .map(|known| (known.id.to_string(), known.name.clone(), known.runs))
                .collect(),
        };
        // Nothing in a record can fail to be written.
        serde_json::to_vec(&record).unwrap_or_default()
    }

    /// The collector of the file at `path` that [`Collector::record`] wrote; `None` if the bytes are no such record.
    pub fn recall(path: &str, size: u64, bytes: &[u8]) -> Option<Self> {
        let record: Record = serde_json::from_slice(bytes).ok()?;
        let digest = |text: Option<String>| match text {
            Some(text) => Digest::parse(&text).map(Some),
            None => Some(None),
        };
        let locator = |LocatorRecord(elsewhere, member, line, key, offset)| Locator {
            path: elsewhere.unwrap_or_else(|| path.to_owned()),
            member,
            line,
            key,
            offset,
        };
        let mut assets = Vec::with_capacity(record.assets.len());
        for asset in record.assets {
            let id = AssetId::parse(&asset.id)?;
            assets.push(Asset {
                kind: AssetKind::parse(id.as_str().split(':').next()?)?,
                id,
                component: asset.component,
                name: asset.name,
                layer: Layer::from_id(&asset.layer)?,
                confidence: Confidence::parse(&asset.confidence)?,
                locators: asset.locators.into_iter().map(locator).collect(),
                digest: digest(asset.digest)?,
                size: asset.size,
                attributes: asset.attributes,
                system: None,
            });
        }
        let mut relations = Vec::with_capacity(record.relations.len());
        for relation in record.relations {
            relations.push(Relation {
                from: AssetId::parse(&relation.from)?,
                to: AssetId::parse(&relation.to)?,
                kind: RelationKind::parse(&relation.kind)?,
                confidence: Confidence::parse(&relation.confidence)?,
                locator: locator(relation.locator),
                attributes: relation.attributes,
            });
        }
        let mut links = Vec::with_capacity(record.links.len());
        for link in record.links {
            links.push(Link {
                from: AssetId::parse(&link.from)?,
                kind: RelationKind::parse(&link.kind)?,
                path: link.path,
                reversed: link.reversed,
                locator: locator(link.locator),
            });
        }
        let mut names = Vec::with_capacity(record.names.len());
        for (id, name) in record.names {
            names.push((AssetId::parse(&id)?, name));
        }
        let mut perhaps = Vec::with_capacity(record.perhaps.len());
        for (id, name, runs) in record.perhaps {
            perhaps.push(Perhaps { id: AssetId::parse(&id)?, name, runs });
        }
        let home = match record.home {
            Some(id) => Some(AssetId::parse(&id)?),
            None => None,
        };
        let digest = digest(record.digest)?;
        Some(Self { path: path.to_owned(), size, digest, home, assets, relations, links, names, perhaps })
    }

    /// Digest of the file's bytes, if they were hashed.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Whether the file adds nothing and belongs to nothing.
    pub fn is_empty(&self) -> bool {
        self.home.is_none()
            && self.assets.is_empty()
            && self.relations.is_empty()
            && self.links.is_empty()
            && self.names.is_empty()
            && self.perhaps.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use vauban_formats::{Facts, Parsed};

    use super::super::Seen;
    use super::*;

    #[test]
    fn what_is_recorded_is_recalled() {
        let parsed =
            Parsed { format: "unknown", facts: Facts::Unknown, defects: Vec::new(), members: Vec::new() };
        let seen = Seen { path: "a/b.bin", size: 3, digest: Some(Digest::of(b"abc")), parsed: &parsed };
        let mut collector = Collector::new(&seen);
        assert!(collector.is_empty());
        let id = collector.file_asset(AssetKind::Model, "model", Layer::FoundationModels, &[("format", "x")]);
        let other = AssetId::new(AssetKind::Package, "pypi/torch");
        let place = seen.locator().at_line(4).at_key("k").in_member("m").at_offset(9);
        let mut relation =
            Relation::new(id.clone(), RelationKind::DependsOn, other, Confidence::Declared, place.clone());
        relation.attributes.insert("version".to_owned(), "1".to_owned());
        collector.relation(relation);
        collector.link(&id, RelationKind::TrainedOn, "../data.csv", Locator::file("elsewhere"));
        collector.link_from("agent.py", RelationKind::Uses, &id, place);
        collector.known_as(&id, "s3://bucket/b.bin");
        collector.perhaps_known_as(&id, "b", true);
        let again = Collector::recall("a/b.bin", 3, &collector.record()).unwrap();
        assert_eq!(format!("{again:?}"), format!("{collector:?}"));
        assert!(Collector::recall("a/b.bin", 3, b"{}").is_none());
    }
}
