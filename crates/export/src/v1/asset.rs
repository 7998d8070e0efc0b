//! Assets and the edges between them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::{AssetKind, Confidence, Locator, RelationKind};

/// Something worth protecting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Asset {
    /// Stable across reviews: kind, colon, where or what it is.
    pub id: String,
    /// What it is.
    pub kind: AssetKind,
    /// Its MAESTRO component kind.
    pub component: String,
    /// Name for people.
    pub name: String,
    /// Primary MAESTRO layer, `L1` to `L7`, or `X` for cross-layer.
    pub layer: String,
    /// Strongest way in which it is known.
    pub confidence: Confidence,
    /// Where it was seen, sorted.
    pub locators: Vec<Locator>,
    /// Digest of its bytes, `sha256:` or `blake3:` and 64 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Facts about it in the field's words: format, version, exposure, framework, licence.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// System of the declaration it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
}

impl Asset {
    /// The attribute called `key`, if known.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).map(String::as_str)
    }
}

impl From<&domain::Asset> for Asset {
    fn from(asset: &domain::Asset) -> Self {
        Self {
            id: asset.id.to_string(),
            kind: asset.kind.into(),
            component: asset.component.clone(),
            name: asset.name.clone(),
            layer: asset.layer.id().to_owned(),
            confidence: asset.confidence.into(),
            locators: asset.locators.iter().map(Locator::from).collect(),
            digest: asset.digest.map(|digest| digest.to_string()),
            size: asset.size,
            attributes: asset.attributes.clone(),
            system: asset.system.clone(),
        }
    }
}

/// An edge of the asset graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Relation {
    /// Asset id where the edge starts.
    pub from: String,
    /// What it means, read from `from` to `to`.
    pub kind: RelationKind,
    /// Asset id where it ends.
    pub to: String,
    /// How it is known.
    pub confidence: Confidence,
    /// Where it was seen.
    pub locator: Locator,
    /// Facts about it: boundary, protocol, authentication, data.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

impl From<&domain::Relation> for Relation {
    fn from(relation: &domain::Relation) -> Self {
        Self {
            from: relation.from.to_string(),
            kind: relation.kind.into(),
            to: relation.to.to_string(),
            confidence: relation.confidence.into(),
            locator: (&relation.locator).into(),
            attributes: relation.attributes.clone(),
        }
    }
}
