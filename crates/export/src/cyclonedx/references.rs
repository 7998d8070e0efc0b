//! What components are called inside the document.

use std::collections::BTreeMap;

use crate::{
    bill,
    v1::{Asset, AssetKind, Relation},
};

/// The `bom-ref`s of every listed asset: one, or one per version of a package.
pub(super) struct References<'a> {
    by_asset: BTreeMap<&'a str, Vec<(Option<&'a str>, String)>>,
}

/// Whether the asset answers requests, and so is a service and no component.
pub(super) fn is_service(asset: &Asset) -> bool {
    matches!(asset.kind, AssetKind::Agent | AssetKind::Endpoint | AssetKind::Tool)
}

impl<'a> References<'a> {
    pub(super) fn of(listed: &[&'a Asset]) -> Self {
        let by_asset = listed.iter().map(|asset| {
            let versions = bill::versions(asset);
            let references = match versions.as_slice() {
                [] => vec![(None, asset.id.clone())],
                [version] => vec![(Some(*version), asset.id.clone())],
                several => several
                    .iter()
                    .map(|version| (Some(*version), format!("{}@{version}", asset.id)))
                    .collect(),
            };
            (asset.id.as_str(), references)
        });
        Self { by_asset: by_asset.collect() }
    }

    /// Versions and references of an asset; nothing for one that is not listed.
    pub(super) fn all(&self, asset: &str) -> &[(Option<&'a str>, String)] {
        self.by_asset.get(asset).map_or(&[], Vec::as_slice)
    }

    /// The first reference of an asset.
    pub(super) fn first(&self, asset: &str) -> Option<&str> {
        self.all(asset).first().map(|(_, reference)| reference.as_str())
    }

    /// References of the versions that this text names, `1.2, 1.3`; of all of them if it names none.
    pub(super) fn of_versions(&self, asset: &str, versions: Option<&str>) -> Vec<&str> {
        let all = self.all(asset);
        let named: Vec<&str> = versions
            .into_iter()
            .flat_map(|text| text.split(','))
            .filter_map(|version| all.iter().find(|(known, _)| *known == Some(version.trim())))
            .map(|(_, reference)| reference.as_str())
            .collect();
        if named.is_empty() { all.iter().map(|(_, reference)| reference.as_str()).collect() } else { named }
    }

    /// References of what a relation points at.
    pub(super) fn ends(&self, relation: &Relation) -> Vec<&str> {
        self.of_versions(&relation.to, relation.attributes.get("version").map(String::as_str))
    }
}
