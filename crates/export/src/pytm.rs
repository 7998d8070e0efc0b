//! The model of data flows as OWASP pytm reads it: `pytm.json.load` takes this file and gives a `TM`.
//!
//! <https://github.com/OWASP/pytm>. Names tie the parts of a model together there, so a component is called by its asset id, which
//! is unique. Facts that pytm has no field for are further fields, which its elements keep.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    exporter::{ExportError, Exporter},
    threat_model::{Bounds, Component, Flow, Shape, ThreatModel},
    tree,
    v1::{AssetKind, Document},
};

/// The model for pytm.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "pytm",
    extension: "pytm.json",
    media_type: "application/json",
    summary: "assets, flows and zones as JSON that OWASP pytm loads",
    write,
};

/// Classes of data that are about people.
const PERSONAL: [&str; 3] = ["contact", "health", "personal"];

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let model = ThreatModel::of(document, EXPORTER.name, Bounds::DOCUMENT)?;
    let data: BTreeSet<&str> = model.flows.iter().flat_map(Flow::data).collect();
    let value = json!({
        "name": ThreatModel::title(document),
        "description": model.description(document),
        "isOrdered": false,
        "mergeResponses": false,
        "boundaries": model.zones.iter().map(|zone| json!({"name": zone.name})).collect::<Vec<_>>(),
        "data": data.iter().map(|class| json!({
            "name": class,
            "description": "class of data; its classification is not declared",
            "classification": "UNKNOWN",
            "isPII": PERSONAL.contains(class),
        })).collect::<Vec<_>>(),
        "elements": model.components.iter().map(|one| element(one, &model)).collect::<Vec<_>>(),
        "flows": model.flows.iter().map(|one| flow(one, &model)).collect::<Vec<_>>(),
    });
    Ok(tree::bytes(&value)?)
}

fn element(component: &Component<'_>, model: &ThreatModel<'_>) -> Value {
    let asset = component.asset;
    let class = match (component.shape, asset.kind) {
        (Shape::Outside, AssetKind::Identity) => "Actor",
        (Shape::Outside, _) => "ExternalEntity",
        (Shape::Store, _) => "Datastore",
        (Shape::Process, AssetKind::Agent) => "Agent",
        (Shape::Process, AssetKind::Endpoint) => "Server",
        (Shape::Process, _) => "Process",
    };
    let mut value = json!({
        "__class__": class,
        "name": asset.id,
        "description": component.sentence(),
        "inBoundary": model.zones.get(component.zone).map_or("", |zone| zone.name.as_str()),
        "maestroThreats": component.threats.iter().map(|threat| threat.kind.as_str()).collect::<Vec<_>>(),
    });
    if let Some(fields) = value.as_object_mut() {
        for (key, fact) in component.facts() {
            fields.entry(key).or_insert_with(|| json!(fact));
        }
    }
    value
}

fn flow(flow: &Flow<'_>, model: &ThreatModel<'_>) -> Value {
    let end = |index: usize| model.components.get(index).map_or("", |one| one.asset.id.as_str());
    let mut value = json!({
        "name": format!("{}: {} to {}", flow.name(), end(flow.from), end(flow.to)),
        "source": end(flow.from),
        "sink": end(flow.to),
        "protocol": flow.fact("protocol"),
        "data": flow.data(),
        "note": flow.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", "),
        "boundary": flow.fact("boundary"),
    });
    if let Some(fields) = value.as_object_mut() {
        for (key, fact) in &flow.facts {
            fields.entry(*key).or_insert_with(|| json!(fact));
        }
    }
    value
}
