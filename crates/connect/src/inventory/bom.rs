//! Bills of materials: what another tool says is there.
//!
//! A bill that Vauban wrote says nothing that the review itself does not find: it is seen and not mapped.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Digest, Layer, Locator, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::bom::{Bom, Component, Kind, PackageUrl};

use super::{Collector, Seen, identity};

/// Characters of a text from a card that are kept.
const TEXT: usize = 400;

/// Maps a bill of materials.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Bom(bom) = &seen.parsed.facts else { return };
    let tools = bom.tools.join(", ");
    let attributes =
        [("format", bom.format.as_str()), ("role", "bill of materials"), ("tool", tools.as_str())];
    let home = collector.file_asset(AssetKind::Pipeline, "ci_pipeline", Layer::Deployment, &attributes);
    if bom.is_made_by("vauban") {
        return;
    }
    let mut ids: BTreeMap<&str, AssetId> = BTreeMap::new();
    for component in &bom.components {
        let locator = seen.locator().at_key(component.reference.clone());
        let locator = if component.line > 0 { locator.at_line(component.line) } else { locator };
        let Some((asset, names)) = asset(component, locator.clone()) else { continue };
        let version = asset.attributes.get("version").cloned();
        let id = collector.asset(asset);
        for name in names {
            collector.known_as(&id, name);
        }
        let mut relation =
            Relation::new(home.clone(), RelationKind::DependsOn, id.clone(), Confidence::Declared, locator);
        relation.attributes.extend(version.map(|version| ("version".to_owned(), version)));
        collector.relation(relation);
        ids.insert(&component.reference, id);
    }
    edges(seen, bom, &ids, collector);
}

/// What models were trained on and made from, and what services need; packages hang on the file alone, whose bill
/// knows their order better than an inventory needs to.
fn edges(seen: &Seen<'_>, bom: &Bom, ids: &BTreeMap<&str, AssetId>, collector: &mut Collector) {
    let mut found: BTreeSet<(&AssetId, RelationKind, &AssetId, &str)> = BTreeSet::new();
    let by_name: BTreeMap<&str, &AssetId> = bom
        .components
        .iter()
        .flat_map(|one| {
            [Some(one.name.as_str()), one.purl.as_deref()]
                .into_iter()
                .flatten()
                .zip(ids.get(one.reference.as_str()))
        })
        .collect();
    for component in &bom.components {
        let Some(id) = ids.get(component.reference.as_str()) else { continue };
        for data in &component.datasets {
            if let Some(other) = ids.get(data.as_str()).or_else(|| by_name.get(data.as_str()).copied()) {
                found.insert((id, RelationKind::TrainedOn, other, &component.reference));
            }
        }
        for ancestor in &component.ancestors {
            if let Some(other) = by_name.get(ancestor.as_str()) {
                found.insert((id, RelationKind::DerivedFrom, other, &component.reference));
            }
        }
    }
    for edge in &bom.dependencies {
        let (Some(from), Some(to)) = (ids.get(edge.from.as_str()), ids.get(edge.to.as_str())) else {
            continue;
        };
        let is_package = |id: &AssetId| id.as_str().starts_with("package:");
        match edge.kind.as_str() {
            "testedOn" => {
                found.insert((from, RelationKind::EvaluatedOn, to, &edge.from));
            }
            "ancestorOf" => {
                found.insert((to, RelationKind::DerivedFrom, from, &edge.from));
            }
            "dependsOn" if !is_package(from) => {
                found.insert((from, RelationKind::DependsOn, to, &edge.from));
            }
            _ => {}
        }
    }
    for (from, kind, to, reference) in found {
        // An edge from a thing to itself says nothing.
        if from != to {
            let locator = seen.locator().at_key(reference);
            collector.relation(Relation::new(from.clone(), kind, to.clone(), Confidence::Declared, locator));
        }
    }
}

/// The asset that a component is, and the other names it is known by; nothing for files, systems and applications, which
/// are parts of what was scanned and no assets of their own.
fn asset(component: &Component, locator: Locator) -> Option<(Asset, Vec<String>)> {
    if component.name.is_empty() {
        return None;
    }
    let purl = component.purl.as_deref().and_then(PackageUrl::parse);
    let version = match component.version.as_str() {
        "" => purl.as_ref().and_then(|purl| purl.version.as_deref()),
        version => Some(version),
    };
    let kind = match component.kind {
        Kind::Data => AssetKind::Dataset,
        _ => AssetKind::Model,
    };
    let own = |kind: AssetKind, component_kind: &str, layer: Layer, name: &str| {
        let mut asset = Asset::new(kind, component_kind, layer, name, Confidence::Declared, locator.clone());
        if let Some(version) = version {
            asset = asset.with("version", version);
        }
        asset
    };
    let mut asset = match (&purl, component.kind) {
        (Some(purl), Kind::Model | Kind::Data | Kind::Package) if purl.ecosystem == "huggingface" => {
            let revision = purl.version.as_deref();
            identity::hugging_face(kind, &purl.full_name(), revision, Confidence::Declared, locator.clone())
        }
        (Some(purl), _) if purl.ecosystem == "mlflow" => {
            own(AssetKind::Model, "model", Layer::FoundationModels, &format!("mlflow/{}", purl.full_name()))
                .with("source", "mlflow")
        }
        (Some(purl), _) if matches!(purl.ecosystem.as_str(), "oci" | "docker") => {
            let place = purl.qualifier("repository_url").map_or_else(|| purl.full_name(), str::to_owned);
            let reference = match (&purl.version, purl.qualifier("tag")) {
                (_, Some(tag)) => format!("{place}:{tag}"),
                (Some(digest), None) if digest.starts_with("sha256:") => format!("{place}@{digest}"),
                (Some(tag), None) => format!("{place}:{tag}"),
                (None, None) => place,
            };
            own(AssetKind::Infrastructure, "container", Layer::Deployment, &format!("image/{reference}"))
                .with("image", reference)
        }
        (_, Kind::Container) => own(
            AssetKind::Infrastructure,
            "container",
            Layer::Deployment,
            &format!("image/{}", component.name),
        )
        .with("image", component.name.clone()),
        (_, Kind::Model) => own(AssetKind::Model, "model", Layer::FoundationModels, &component.name),
        (_, Kind::Data) => own(AssetKind::Dataset, "dataset", Layer::DataOperations, &component.name),
        (_, Kind::Service) => {
            own(AssetKind::Endpoint, "external_service", Layer::Deployment, &component.name)
        }
        (Some(purl), _) => {
            let name = match purl.ecosystem.as_str() {
                "pypi" => purl.full_name().to_lowercase().replace(['_', '.'], "-"),
                _ => purl.full_name(),
            };
            identity::package(&purl.ecosystem, &name, version, locator.clone())
        }
        // A library without a package URL is of no known ecosystem; a file is found by the walk.
        (None, Kind::Package | Kind::Application | Kind::File | Kind::System) => return None,
    };
    if !component.licences.is_empty() {
        asset = asset.with("licence", component.licences.join(" AND "));
    }
    for (key, text) in [("supplier", &component.supplier), ("description", &component.description)] {
        if let Some(text) = text {
            asset = asset.with(key, short(text));
        }
    }
    for (key, text) in &component.card {
        asset = asset.with(key, short(text));
    }
    if matches!(asset.kind, AssetKind::Model | AssetKind::Dataset) {
        let sha256 = component.hashes.iter().find(|(name, _)| name == "sha256");
        asset.digest = sha256.and_then(|(_, hex)| Digest::parse(&format!("sha256:{hex}")));
    }
    let mut names = Vec::new();
    for address in &component.addresses {
        names.extend(identity::object(address));
        if component.kind == Kind::Service {
            names.extend(identity::address(address));
            asset.attributes.entry("url".to_owned()).or_insert_with(|| address.clone());
        }
    }
    Some((asset, names))
}

fn short(text: &str) -> String {
    text.chars().take(TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Estate, map};
    use vauban_formats::{Budget, Input};

    fn estate(text: &str) -> Estate {
        let parsed = vauban_formats::parse(&Input::new("bom.json", text.as_bytes(), &Budget::default()));
        let seen = Seen { path: "bom.json", size: text.len() as u64, digest: None, parsed: &parsed };
        Estate::merge(vec![map(&seen)], &[], "all")
    }

    const BILL: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"tools": [{"name": "TOOL"}]},
      "components": [
        {"type": "library", "bom-ref": "a", "name": "torch", "version": "2.8.0", "purl": "pkg:pypi/torch@2.8.0"},
        {"type": "library", "bom-ref": "b", "name": "torch", "version": "2.9.1", "purl": "pkg:pypi/torch@2.9.1"},
        {"type": "library", "bom-ref": "c", "name": "x", "purl": "pkg:npm/%40scope/x@1"},
        {"type": "machine-learning-model", "bom-ref": "m", "name": "bert", "purl": "pkg:huggingface/google/bert@abc",
         "licenses": [{"license": {"id": "Apache-2.0"}}],
         "modelCard": {"modelParameters": {"task": "fill-mask", "datasets": [{"ref": "d"}]}}},
        {"type": "data", "bom-ref": "d", "name": "books"},
        {"type": "container", "bom-ref": "i", "name": "app", "purl": "pkg:oci/app@sha256%3Aaa?repository_url=ghcr.io/o/app&tag=v1"}],
      "services": [{"bom-ref": "s", "name": "api", "endpoints": ["https://api.example.org/v1"]}]}"#;

    #[test]
    fn one_asset_per_thing_with_versions_joined() {
        let estate = estate(&BILL.replace("TOOL", "syft"));
        let ids: Vec<&str> = estate.assets.iter().map(|asset| asset.id.as_str()).collect();
        for id in [
            "package:pypi/torch",
            "package:npm/@scope/x",
            "model:huggingface/google/bert",
            "dataset:books",
            "infrastructure:image/ghcr.io/o/app:v1",
            "endpoint:api",
        ] {
            assert!(ids.contains(&id), "{id} in {ids:?}");
        }
        let torch = estate.assets.iter().find(|asset| asset.name == "pypi/torch").unwrap();
        assert_eq!(torch.attributes["version"], "2.8.0, 2.9.1");
        assert!(estate.relations.iter().any(|one| one.kind == RelationKind::TrainedOn));
        assert!(
            estate
                .assets
                .iter()
                .any(|asset| asset.attributes.get("licence").is_some_and(|text| text == "Apache-2.0"))
        );
    }

    #[test]
    fn a_bill_that_vauban_wrote_is_seen_and_not_mapped() {
        assert_eq!(estate(&BILL.replace("TOOL", "vauban")).assets.len(), 1);
    }
}
