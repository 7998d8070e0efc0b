//! Components: models, data, packages, files and platforms.

use serde_json::{Value, json};

use super::{Edition, model_card, properties, references::References};
use crate::{
    bill::{self, Licence, key, list, said},
    v1::{Asset, AssetKind, Confidence, Document, Locator, RelationKind},
};

/// The components that an asset is: one, or one per version of a package.
pub(super) fn components(
    document: &Document,
    asset: &Asset,
    references: &References<'_>,
    edition: Edition,
) -> Vec<Value> {
    references
        .all(&asset.id)
        .iter()
        .map(|(version, reference)| component(document, asset, *version, reference, references, edition))
        .collect()
}

fn component(
    document: &Document,
    asset: &Asset,
    version: Option<&str>,
    reference: &str,
    references: &References<'_>,
    edition: Edition,
) -> Value {
    let kind = match asset.kind {
        AssetKind::Model => "machine-learning-model",
        AssetKind::Dataset | AssetKind::Prompt => "data",
        AssetKind::Package => "library",
        AssetKind::Notebook | AssetKind::Pipeline => "file",
        AssetKind::Infrastructure if asset.attribute("image").is_some() => "container",
        AssetKind::Infrastructure => "platform",
        AssetKind::Agent | AssetKind::Tool | AssetKind::Endpoint | AssetKind::Identity => "application",
    };
    let remote = matches!(asset.kind, AssetKind::Model | AssetKind::Dataset)
        && asset.confidence == Confidence::Declared
        && asset.digest.is_none();
    json!({
        "type": kind,
        "bom-ref": reference,
        "name": bill::package(asset).map_or(asset.name.as_str(), |(_, name)| name),
        "version": version,
        "isExternal": (edition >= Edition::V1_7 && remote).then_some(true),
        "supplier": said(asset, key::SUPPLIER).map(|name| json!({"name": name})),
        "description": said(asset, key::DESCRIPTION),
        "hashes": hashes(asset),
        "licenses": licences(asset, edition),
        "purl": bill::package_url(asset, version),
        "externalReferences": external(asset),
        "pedigree": {"ancestors": ancestors(document, asset)},
        "modelCard": (asset.kind == AssetKind::Model).then(|| model_card::model_card(document, asset, references)),
        "data": match asset.kind {
            AssetKind::Dataset => Some(json!([data(document, asset, "dataset")])),
            AssetKind::Prompt => Some(json!([data(document, asset, "other")])),
            _ => None,
        },
        "evidence": {"occurrences": asset.locators.iter().map(occurrence).collect::<Vec<_>>()},
        "properties": properties(asset),
    })
}

fn hashes(asset: &Asset) -> Vec<Value> {
    let digest = asset.digest.iter().filter_map(|digest| {
        let (algorithm, hex) = digest.split_once(':')?;
        Some(json!({"alg": if algorithm == "blake3" { "BLAKE3" } else { "SHA-256" }, "content": hex}))
    });
    digest.collect()
}

/// Licences as somebody declares them and, if it differs, as somebody concluded.
fn licences(asset: &Asset, edition: Edition) -> Vec<Value> {
    let mut licences = Vec::new();
    let declared = said(asset, key::LICENCE);
    let concluded = said(asset, key::LICENCE_CONCLUDED).filter(|text| declared != Some(*text));
    // The older edition takes one expression and then nothing else: what is concluded stays a property there.
    let concluded = concluded.filter(|_| edition >= Edition::V1_7 || declared.is_none());
    for (text, how) in [(declared, "declared"), (concluded, "concluded")] {
        let Some(text) = text else { continue };
        licences.push(match bill::licence(text) {
            Licence::Id(id) => json!({"license": {
                "id": id,
                "acknowledgement": how,
                "url": format!("https://spdx.org/licenses/{id}.html"),
            }}),
            Licence::Expression(expression) => {
                let details: Option<Vec<Value>> = (edition >= Edition::V1_7).then(|| {
                    let mut ids: Vec<&str> = expression
                        .split([' ', '(', ')'])
                        .filter(|word| matches!(bill::licence(word), Licence::Id(_)))
                        .collect();
                    ids.sort_unstable();
                    ids.dedup();
                    let detail = |id: &&str| {
                        json!({"licenseIdentifier": id, "url": format!("https://spdx.org/licenses/{id}.html")})
                    };
                    ids.iter().map(detail).collect()
                });
                json!({"expression": expression, "acknowledgement": how, "expressionDetails": details})
            }
            Licence::Name(name) => json!({"license": {"name": name, "acknowledgement": how}}),
        });
    }
    licences
}

fn external(asset: &Asset) -> Vec<Value> {
    let mut external = Vec::new();
    if let Some(url) = bill::address(asset) {
        external.push(json!({"type": "distribution", "url": url}));
    }
    let hub = asset.attribute("purl").and_then(|purl| purl.strip_prefix("pkg:huggingface/"));
    if let Some(repository) =
        hub.map(|rest| rest.split('@').next().unwrap_or(rest)).filter(|name| bill::is_plain(name))
    {
        let below = if asset.kind == AssetKind::Dataset { "datasets/" } else { "" };
        external.push(json!({
            "type": if asset.kind == AssetKind::Model { "model-card" } else { "documentation" },
            "url": format!("https://huggingface.co/{below}{repository}"),
        }));
    }
    external
}

/// What a model or data set was made out of.
fn ancestors(document: &Document, asset: &Asset) -> Vec<Value> {
    let derived = bill::targets(document, &asset.id, &[RelationKind::DerivedFrom]);
    let found = derived.filter_map(|relation| document.asset(&relation.to)).map(|ancestor| {
        json!({
            "type": if ancestor.kind == AssetKind::Model { "machine-learning-model" } else { "data" },
            "name": ancestor.name,
            "version": bill::versions(ancestor).first(),
            "purl": bill::package_url(ancestor, None),
            "hashes": hashes(ancestor),
            "properties": [super::property("ancestor", &ancestor.id)],
        })
    });
    found.collect()
}

/// What is in a data set or prompt, who answers for it and how sensitive it is.
fn data(document: &Document, asset: &Asset, kind: &str) -> Value {
    let declaration = &document.review.declaration;
    let system =
        asset.system.as_ref().and_then(|name| declaration.systems.iter().find(|one| one.name == *name));
    let sensitive: Vec<&str> = match said(asset, key::SENSITIVITY) {
        Some(text) => vec![text],
        None => system.map(|system| system.data.iter().map(String::as_str).collect()).unwrap_or_default(),
    };
    let owner = system.map(|system| system.owner.as_str()).filter(|owner| !owner.is_empty());
    json!({
        "type": kind,
        "name": asset.name,
        "description": said(asset, key::DESCRIPTION),
        "contents": {
            "url": bill::address(asset),
            "properties": stated(asset, &["rows", "columns", "format", "languages", "splits"]),
        },
        "classification": (!sensitive.is_empty()).then(|| sensitive.join(", ")),
        "sensitiveData": list(asset, &["sensitive_columns", "personal_data", "sensitive_data"]),
        "governance": {
            "owners": owner.map(|name| json!([{"organization": {"name": name}}])),
            "custodians": said(asset, &["custodian"]).map(|name| json!([{"organization": {"name": name}}])),
        },
    })
}

/// Attributes as properties.
pub(super) fn stated(asset: &Asset, names: &[&str]) -> Vec<Value> {
    let known = |name: &&str| asset.attribute(name).map(|value| super::property(name, value));
    names.iter().filter_map(known).collect()
}

fn occurrence(locator: &Locator) -> Value {
    json!({
        "location": match &locator.member {
            Some(member) => format!("{}!{member}", locator.path),
            None => locator.path.clone(),
        },
        "line": locator.line,
        "offset": locator.offset,
        "symbol": locator.key,
    })
}
