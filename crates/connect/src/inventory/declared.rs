//! What the owner declares, laid over what was found.

use std::collections::BTreeMap;

use vauban_domain::{
    Asset, AssetId, AssetKind, Confidence, DataFlow, Declaration, DeclaredAsset, Layer, Locator, Relation,
    RelationKind,
};
use vauban_formats::declaration::Pattern;

use super::Estate;

/// Adds declared assets and facts, vendors and flows, and says which system each asset belongs to.
pub fn apply(declaration: &Declaration, estate: &mut Estate) {
    let mut assets: BTreeMap<AssetId, Asset> =
        std::mem::take(&mut estate.assets).into_iter().map(|asset| (asset.id.clone(), asset)).collect();
    for declared in &declaration.assets {
        let id = AssetId::new(declared.kind, &declared.name);
        let component = if declared.component.is_empty() {
            vauban_knowledge::default_component(declared.kind)
        } else {
            &declared.component
        };
        let asset = assets.entry(id).or_insert_with(|| {
            Asset::new(
                declared.kind,
                component,
                layer(declared, component),
                &declared.name,
                Confidence::Declared,
                declared.locator.clone(),
            )
        });
        for (key, value) in declared.attributes.iter().filter(|(key, _)| *key != "layer") {
            // What was seen is stronger than what was said.
            asset.attributes.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    let mut relations = Vec::new();
    for vendor in &declaration.vendors {
        let asset = Asset::new(
            AssetKind::Infrastructure,
            "external_service",
            Layer::Ecosystem,
            &format!("vendor/{}", vendor.name),
            Confidence::Declared,
            vendor.locator.clone(),
        )
        .with("supplies", vendor.supplies.clone())
        .with("role", "vendor");
        for dependent in vendor.assets.iter().flat_map(|pattern| matching(pattern, &assets)) {
            let kind = match assets.get(&dependent).map(|asset| asset.kind) {
                Some(AssetKind::Dataset | AssetKind::Model) => RelationKind::DerivedFrom,
                _ => RelationKind::RunsOn,
            };
            let locator = vendor.locator.clone();
            relations.push(Relation::new(dependent, kind, asset.id.clone(), Confidence::Declared, locator));
        }
        assets.entry(asset.id.clone()).or_insert(asset);
    }
    for flow in &declaration.flows {
        let ends: Vec<Vec<AssetId>> =
            [&flow.from, &flow.to].into_iter().map(|end| flow_end(end, flow, &mut assets)).collect();
        let [from, to] = ends.as_slice() else { continue };
        for from in from {
            for to in to.iter().filter(|to| *to != from) {
                relations.push(sends(flow, from, to));
            }
        }
    }
    for system in &declaration.systems {
        for pattern in &system.assets {
            for found in matching(pattern, &assets) {
                if let Some(asset) = assets.get_mut(&found) {
                    // The first system to name an asset keeps it.
                    asset.system.get_or_insert_with(|| system.name.clone());
                }
            }
        }
    }
    inherit_systems(&mut assets, &relations);
    estate.relations.extend(relations);
    estate
        .relations
        .sort_by(|one, other| (&one.from, one.kind, &one.to).cmp(&(&other.from, other.kind, &other.to)));
    estate.relations.dedup_by(|later, kept| {
        let same = (&later.from, later.kind, &later.to) == (&kept.from, kept.kind, &kept.to);
        if same {
            kept.attributes.append(&mut later.attributes);
        }
        same
    });
    estate.assets = assets.into_values().collect();
}

/// A declared asset that no system names belongs to the system of what it sends to or gets from.
fn inherit_systems(assets: &mut BTreeMap<AssetId, Asset>, relations: &[Relation]) {
    let declared: Vec<AssetId> = assets
        .values()
        .filter(|asset| asset.system.is_none() && asset.confidence == Confidence::Declared)
        .filter(|asset| asset.component != "external_service")
        .map(|asset| asset.id.clone())
        .collect();
    for id in declared {
        let neighbour = relations.iter().find_map(|relation| {
            let other = match () {
                () if relation.from == id => &relation.to,
                () if relation.to == id => &relation.from,
                () => return None,
            };
            assets.get(other)?.system.clone()
        });
        if let (Some(system), Some(asset)) = (neighbour, assets.get_mut(&id)) {
            asset.system = Some(system);
        }
    }
}

fn sends(flow: &DataFlow, from: &AssetId, to: &AssetId) -> Relation {
    let locator = flow.locator.clone();
    let mut relation =
        Relation::new(from.clone(), RelationKind::SendsTo, to.clone(), Confidence::Declared, locator);
    relation.attributes.extend(flow.attributes.clone());
    if !flow.boundary.is_empty() {
        relation.attributes.insert("boundary".to_owned(), flow.boundary.clone());
    }
    if !flow.data.is_empty() {
        relation.attributes.insert("data".to_owned(), flow.data.join(", "));
    }
    relation
}

/// The assets at one end of a flow; `outside` is an asset of its own.
fn flow_end(end: &str, flow: &DataFlow, assets: &mut BTreeMap<AssetId, Asset>) -> Vec<AssetId> {
    if end == "outside" {
        let outside = Asset::new(
            AssetKind::Infrastructure,
            "external_service",
            Layer::Ecosystem,
            "outside",
            Confidence::Declared,
            Locator::file(flow.locator.path.clone()),
        )
        .with("role", "the world outside");
        let id = outside.id.clone();
        assets.entry(id.clone()).or_insert(outside);
        return vec![id];
    }
    matching(end, assets)
}

/// Ids of the assets that a pattern names: those of that very name, or else all that it takes in.
fn matching(pattern: &str, assets: &BTreeMap<AssetId, Asset>) -> Vec<AssetId> {
    let pattern = Pattern::new(pattern);
    let ids = |matches: &dyn Fn(&Asset) -> bool| -> Vec<AssetId> {
        assets.values().filter(|asset| matches(asset)).map(|asset| asset.id.clone()).collect()
    };
    let named = ids(&|asset| pattern.is_name_of(asset));
    if named.is_empty() { ids(&|asset| pattern.matches(asset)) } else { named }
}

/// The layer of a declared asset: the one that it states, or else that of its component or its kind.
fn layer(declared: &DeclaredAsset, component: &str) -> Layer {
    let stated = declared.attributes.get("layer").and_then(|id| Layer::from_id(id));
    stated
        .or_else(|| vauban_knowledge::Knowledge::builtin().maestro.layer_of(component))
        .unwrap_or_else(|| usual_layer(declared.kind))
}

/// The layer where this kind of asset usually stands.
fn usual_layer(kind: AssetKind) -> Layer {
    match kind {
        AssetKind::Agent => Layer::Ecosystem,
        AssetKind::Dataset => Layer::DataOperations,
        AssetKind::Endpoint | AssetKind::Model | AssetKind::Notebook | AssetKind::Pipeline => {
            Layer::FoundationModels
        }
        AssetKind::Identity => Layer::Security,
        AssetKind::Infrastructure => Layer::Deployment,
        AssetKind::Package | AssetKind::Prompt | AssetKind::Tool => Layer::AgentFrameworks,
    }
}
