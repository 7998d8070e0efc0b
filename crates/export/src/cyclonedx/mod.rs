//! A bill of materials of the models, data, packages and services (CycloneDX 1.6 and 1.7, ECMA-424).
//!
//! Identities are left out: a bill of materials has no word for them. What CycloneDX has no field for is a property
//! under `vauban:`. Nothing is said that no source says: an unknown licence is absent, not `NOASSERTION`.

mod citation;
mod component;
mod declarations;
mod dependency;
mod formulation;
mod model_card;
mod references;
mod service;
mod vulnerability;

use serde_json::{Value, json};

use crate::{
    exporter::{ExportError, Exporter},
    tree,
    v1::{Asset, AssetKind, Document},
};
use references::References;

/// Assets as a bill of materials in the edition that most tools read.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "cyclonedx",
    extension: "cdx.json",
    media_type: "application/vnd.cyclonedx+json; version=1.6",
    summary: "models, data, packages and services as a bill of materials (CycloneDX 1.6)",
    write: |document| write(document, Edition::V1_6),
};

/// The same with what the newer edition adds: citations, distribution constraints, details of licences.
pub(crate) const EXPORTER_1_7: Exporter = Exporter {
    name: "cyclonedx-1.7",
    extension: "1.7.cdx.json",
    media_type: "application/vnd.cyclonedx+json; version=1.7",
    summary: "the same in CycloneDX 1.7, with citations and distribution constraints",
    write: |document| write(document, Edition::V1_7),
};

/// Editions that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edition {
    V1_6,
    V1_7,
}

impl Edition {
    fn version(self) -> &'static str {
        match self {
            Self::V1_6 => "1.6",
            Self::V1_7 => "1.7",
        }
    }
}

/// `bom-ref` of Vauban itself.
const TOOL: &str = "tool:vauban";

fn write(document: &Document, edition: Edition) -> Result<Vec<u8>, ExportError> {
    if document.assets.is_none() {
        return Err(ExportError::MissingPart { format: "cyclonedx", part: "assets" });
    }
    let review = &document.review;
    let listed: Vec<&Asset> =
        document.assets().iter().filter(|asset| asset.kind != AssetKind::Identity).collect();
    let (services, parts): (Vec<&Asset>, Vec<&Asset>) =
        listed.iter().partition(|asset| references::is_service(asset));
    let references = References::of(&listed);
    let components: Vec<Value> =
        parts.iter().flat_map(|asset| component::components(document, asset, &references, edition)).collect();
    let vulnerabilities = vulnerability::vulnerabilities(document, &references);
    let organisation = &review.declaration.organisation;
    let organisation = (!organisation.is_empty()).then(|| json!({"name": organisation}));
    let standards = declarations::standards(document, &references);
    // Whoever reads what is vulnerable and not yet mended should not pass it on without thought.
    let constraints =
        (edition >= Edition::V1_7 && !vulnerabilities.is_empty()).then(|| json!({"tlp": "AMBER"}));
    let citations = match edition {
        Edition::V1_6 => Vec::new(),
        Edition::V1_7 => citation::citations(document, &parts, &references),
    };
    let bom = json!({
        "$schema": format!("http://cyclonedx.org/schema/bom-{}.schema.json", edition.version()),
        "bomFormat": "CycloneDX",
        "specVersion": edition.version(),
        "serialNumber": format!("urn:uuid:{}", tree::uuid(&review.id)),
        "version": 1,
        "metadata": {
            "timestamp": review.taken_at,
            "lifecycles": [{"phase": "discovery"}],
            "tools": {"components": [{
                "type": "application",
                "bom-ref": TOOL,
                "name": "vauban",
                "version": review.tool_version,
            }]},
            "component": {
                "type": "application",
                "bom-ref": format!("review:{}", review.id),
                "name": review.subject,
                "supplier": organisation,
            },
            "supplier": organisation,
            "distributionConstraints": constraints,
            "properties": metadata_properties(document),
        },
        "components": components,
        "services": services.iter().map(|asset| service::service(document, asset)).collect::<Vec<_>>(),
        "dependencies": dependency::dependencies(document, &listed, &references),
        "vulnerabilities": vulnerabilities,
        "formulation": formulation::formulation(document, &references),
        "declarations": declarations::declarations(document, &references),
        "definitions": {"standards": standards},
        "citations": citations,
    });
    let mut bom = tree::tidy(bom);
    // Readers expect these lists, empty or not.
    for part in ["components", "services", "dependencies"] {
        if bom.get(part).is_none() {
            bom[part] = json!([]);
        }
    }
    Ok(tree::bytes(&bom)?)
}

/// Systems that the components belong to, and what was not looked at.
fn metadata_properties(document: &Document) -> Vec<Value> {
    let systems = document.review.declaration.systems.iter().flat_map(|system| {
        [
            ("purpose", &system.purpose),
            ("owner", &system.owner),
            ("exposure", &system.exposure),
            ("criticality", &system.criticality),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| property(&format!("system:{}:{key}", system.name), text))
        .collect::<Vec<_>>()
    });
    systems
        .chain(
            document
                .review
                .limits
                .iter()
                .map(|limit| property("not-looked-at", &format!("{}: {}", limit.place, limit.what))),
        )
        .collect()
}

/// What CycloneDX has no field for, under our own prefix.
fn property(name: &str, value: &str) -> Value {
    json!({"name": format!("vauban:{name}"), "value": value})
}

/// Kind, layer, confidence and every attribute of an asset.
fn properties(asset: &Asset) -> Vec<Value> {
    let mut properties = vec![
        property("kind", asset.kind.as_str()),
        property("component", &asset.component),
        property("layer", &asset.layer),
        property("confidence", asset.confidence.as_str()),
    ];
    properties.extend(asset.system.iter().map(|system| property("system", system)));
    properties.extend(asset.size.iter().map(|size| property("size", &size.to_string())));
    properties
        .extend(asset.attributes.iter().map(|(key, value)| property(&format!("attribute:{key}"), value)));
    properties
}
