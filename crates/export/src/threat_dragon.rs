//! The model of data flows for OWASP Threat Dragon, format 2.
//!
//! <https://www.threatdragon.com/docs/>. One diagram: a box for each trust zone, its components in rows, flows between them.
//! What Threat Dragon has no field for stands under `vauban` in the data of a cell; Threat Dragon keeps it and shows nothing of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vauban_knowledge::Knowledge;

use crate::{
    exporter::{ExportError, Exporter},
    threat_model::{Bounds, Component, Flow, Shape, ThreatModel},
    tree, uuid,
    v1::{Document, Threat},
};

/// The model for Threat Dragon.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "threat-dragon",
    extension: "threat-dragon.json",
    media_type: "application/json",
    summary: "assets, flows, zones and threats for OWASP Threat Dragon 2",
    write,
};

const VERSION: &str = "2.5.0";
/// Size of a component in the drawing.
const WIDTH: usize = 200;
const HEIGHT: usize = 80;
/// Space around it.
const GAP: usize = 60;
/// Components in a row of a zone.
const COLUMNS: usize = 5;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    // The drawing is for people: beyond this nobody finds anything in it.
    let bounds = Bounds { components: 300, flows: 1_000 };
    let model = ThreatModel::of(document, EXPORTER.name, bounds)?;
    let mut cells = Vec::new();
    let mut top = 0;
    for (at, zone) in model.zones.iter().enumerate() {
        let inside: Vec<_> = model.components.iter().filter(|one| one.zone == at).collect();
        let rows = inside.len().div_ceil(COLUMNS);
        let size = (COLUMNS * (WIDTH + GAP) + GAP, rows * (HEIGHT + GAP) + GAP);
        cells.push(json!({
            "id": uuid::named(&format!("zone {}", zone.name)),
            "shape": "trust-boundary-box",
            "zIndex": -1,
            "position": {"x": 0, "y": top},
            "size": {"width": size.0, "height": size.1},
            "attrs": {"label": {"text": zone.name}},
            "data": {
                "name": zone.name, "description": "", "type": "tm.BoundaryBox",
                "isTrustBoundary": true, "hasOpenThreats": false,
            },
        }));
        for (place, component) in inside.iter().enumerate() {
            let position =
                (GAP + place % COLUMNS * (WIDTH + GAP), top + GAP + place / COLUMNS * (HEIGHT + GAP));
            cells.push(cell(component, position));
        }
        top += size.1 + GAP;
    }
    cells.extend(model.flows.iter().map(|flow| arrow(flow, &model)));
    // Numbers of threats run through the whole model.
    let mut number: usize = 0;
    for threat in
        cells.iter_mut().filter_map(|cell| cell.pointer_mut("/data/threats")?.as_array_mut()).flatten()
    {
        number += 1;
        if let Some(threat) = threat.as_object_mut() {
            threat.insert("number".to_owned(), json!(number));
        }
    }
    let value = json!({
        "version": VERSION,
        "summary": {
            "title": ThreatModel::title(document),
            "owner": document.review.declaration.organisation,
            "description": model.description(document),
            "id": 0,
        },
        "detail": {
            "contributors": [{"name": format!("vauban {}", document.review.tool_version)}],
            "diagrams": [{
                "id": 0,
                "title": document.review.subject,
                "description": model.left_out.join("; "),
                "diagramType": "Generic",
                "placeholder": "",
                "thumbnail": "./public/content/images/thumbnail.jpg",
                "version": VERSION,
                "cells": cells,
            }],
            "diagramTop": 1,
            "reviewer": "",
            "threatTop": number,
        },
    });
    Ok(tree::bytes(&value)?)
}

fn cell(component: &Component<'_>, (x, y): (usize, usize)) -> Value {
    let asset = component.asset;
    let (shape, kind) = match component.shape {
        Shape::Outside => ("actor", "tm.Actor"),
        Shape::Process => ("process", "tm.Process"),
        Shape::Store => ("store", "tm.Store"),
    };
    let is_open = !component.threats.is_empty();
    let stroke = if is_open { "red" } else { "#333333" };
    let line = json!({"stroke": stroke, "strokeWidth": 1.5, "strokeDasharray": ""});
    // A store is drawn as two lines, everything else as a body.
    let attrs = match component.shape {
        Shape::Store => json!({"text": {"text": asset.name}, "topLine": line, "bottomLine": line}),
        _ => json!({"text": {"text": asset.name}, "body": line}),
    };
    json!({
        "id": uuid::named(&asset.id),
        "shape": shape,
        "zIndex": 1,
        "position": {"x": x, "y": y},
        "size": {"width": WIDTH, "height": HEIGHT},
        "attrs": attrs,
        "data": {
            "name": asset.id,
            "description": component.sentence(),
            "type": kind,
            "isTrustBoundary": false,
            "outOfScope": false,
            "reasonOutOfScope": "",
            "hasOpenThreats": is_open,
            "isALog": asset.component == "log_store",
            "storesCredentials": asset.component == "secret_store",
            "isWebApplication": false,
            "threats": component.threats.iter().map(|one| threat(one)).collect::<Vec<_>>(),
            "vauban": component.facts(),
        },
    })
}

fn threat(threat: &Threat) -> Value {
    let known = Knowledge::builtin().maestro.threat(&threat.kind);
    // Our own steps, stated in the description: Threat Dragon has no probabilities.
    let severity = match threat.likelihood {
        likely if likely >= 0.5 => "High",
        likely if likely >= 0.1 => "Medium",
        _ => "Low",
    };
    json!({
        "id": uuid::named(&threat.id),
        "title": format!("{} {}", threat.kind, threat.name),
        "status": "Open",
        "severity": severity,
        "type": format!("MAESTRO {}", threat.layer),
        "modelType": "Generic",
        "description": format!(
            "{} Probability in a year {:.1} % ({}); severity is High from 50 %, Medium from 10 %. Techniques: {}.",
            known.map(|known| known.description.as_str()).unwrap_or_default(),
            threat.likelihood * 100.0,
            threat.support,
            if threat.techniques.is_empty() { "none known".to_owned() } else { threat.techniques.join(", ") },
        ),
        "mitigation": "",
        "score": format!("{:.3}", threat.likelihood),
    })
}

fn arrow(flow: &Flow<'_>, model: &ThreatModel<'_>) -> Value {
    let end = |index: usize| model.components.get(index).map_or("", |one| one.asset.id.as_str());
    let (from, to) = (end(flow.from), end(flow.to));
    let boundary = flow.fact("boundary").to_ascii_lowercase();
    let facts: BTreeMap<&str, &str> = flow.facts.iter().map(|(key, value)| (*key, *value)).collect();
    json!({
        "id": uuid::named(&format!("{from} -> {to}")),
        "shape": "flow",
        "zIndex": 10,
        "connector": "smooth",
        "source": {"cell": uuid::named(from)},
        "target": {"cell": uuid::named(to)},
        "vertices": [],
        "attrs": {"line": {
            "stroke": "#333333", "strokeWidth": 1.5, "strokeDasharray": "",
            "targetMarker": {"name": "block"}, "sourceMarker": {"name": ""},
        }},
        "labels": [flow.name()],
        "data": {
            "name": flow.name(),
            "description": flow.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", "),
            "type": "tm.Flow",
            "isTrustBoundary": false,
            "outOfScope": false,
            "reasonOutOfScope": "",
            "hasOpenThreats": false,
            "isBidirectional": flow.fact("data_direction") == "both",
            "isEncrypted": flow.encrypts(),
            "isPublicNetwork": boundary == "internet",
            "protocol": flow.fact("protocol"),
            "threats": [],
            "vauban": facts,
        },
    })
}
