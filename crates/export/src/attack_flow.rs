//! The paths with the largest expected loss as an Attack Flow 2.0, which MITRE's Attack Flow Builder draws.
//!
//! <https://center-for-threat-informed-defense.github.io/attack-flow/language/>. The flow is a tree: paths that begin alike share
//! their first steps, and each ends in a condition, the loss.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vauban_domain::words::expected_loss;
use vauban_knowledge::Knowledge;

use crate::{
    exporter::{ExportError, Exporter},
    stix::object::{attack_pattern, bare, bundle, id, maker, object},
    tree,
    v1::{AttackPath, Document, PathStep},
};

/// The best paths as an Attack Flow.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "attack-flow",
    extension: "attack-flow.json",
    media_type: "application/stix+json;version=2.1",
    summary: "attack paths with the largest expected loss as a MITRE Attack Flow 2.0",
    write,
};

/// Paths in a flow; more cannot be followed in a drawing.
const PATHS: usize = 25;

/// Id of the extension of STIX that Attack Flow is, and of who defines it.
const EXTENSION: &str = "extension-definition--fb9c968a-745b-4ade-9b25-c324172197f4";
const DEFINED_BY: &str = "identity--d673f8cb-c168-42da-8ed4-0cb26725f86c";
/// When the extension was published.
const DEFINED_AT: &str = "2022-08-02T19:34:35.143Z";

/// A step and what can follow it, by the path so far.
#[derive(Default)]
struct Node<'a> {
    step: Option<&'a PathStep>,
    next: Vec<String>,
    ends: Vec<&'a AttackPath>,
}

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(threats) = &document.threats else {
        return Err(ExportError::MissingPart { format: EXPORTER.name, part: "threats" });
    };
    let mut nodes: BTreeMap<String, Node<'_>> = BTreeMap::new();
    let mut starts: Vec<String> = Vec::new();
    for path in threats.paths.iter().take(PATHS) {
        let mut key = String::new();
        for step in &path.steps {
            let technique = step.technique.as_deref().unwrap_or_default();
            let longer = format!("{key}>{}/{technique}", step.threat);
            let siblings = match nodes.get_mut(&key) {
                Some(node) => &mut node.next,
                None => &mut starts,
            };
            if !siblings.contains(&longer) {
                siblings.push(longer.clone());
            }
            nodes.entry(longer.clone()).or_default().step = Some(step);
            key = longer;
        }
        if let Some(last) = nodes.get_mut(&key) {
            last.ends.push(path);
        }
    }
    let mut objects = vec![extension(), definer(), maker(document)];
    objects.push(flow(document, threats.paths.len(), &starts));
    let mut techniques = BTreeMap::new();
    let mut assets = BTreeMap::new();
    for (key, node) in &nodes {
        let Some(step) = node.step else { continue };
        objects.push(action(document, key, node, step));
        for path in &node.ends {
            objects.push(loss(document, path));
        }
        if let Some(technique) = &step.technique {
            techniques.entry(bare(technique)).or_insert_with(|| attack_pattern(document, technique));
        }
        assets.entry(step.asset.as_str()).or_insert_with(|| asset(document, &step.asset));
    }
    if nodes.is_empty() {
        let fields = json!({"description": "no path from an entry to a loss was found"});
        objects.push(extended(document, "attack-condition", "none", fields));
    }
    objects.extend(techniques.into_values());
    objects.extend(assets.into_values());
    Ok(tree::bytes(&bundle(document, "attack-flow", objects))?)
}

/// An object of the extension.
fn extended(document: &Document, kind: &str, key: &str, mut fields: Value) -> Value {
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("extensions".to_owned(), json!({EXTENSION: {"extension_type": "new-sdo"}}));
    }
    object(document, kind, key, fields)
}

fn flow(document: &Document, paths: usize, starts: &[String]) -> Value {
    let shown = paths.min(PATHS);
    let description = match paths {
        0 => "No path from an entry to a loss was found; the condition says so.".to_owned(),
        _ => format!(
            "{shown} of {paths} paths from an entry to a loss, largest expected loss first. Probabilities are those of the review {}.",
            document.review.id
        ),
    };
    let mut refs: Vec<String> = starts.iter().map(|key| id(document, "attack-action", key)).collect();
    if refs.is_empty() {
        refs.push(id(document, "attack-condition", "none"));
    }
    extended(
        document,
        "attack-flow",
        "flow",
        json!({
            "name": format!("Attack paths of {}", document.review.subject),
            "description": description,
            "scope": "attack-tree",
            "start_refs": refs,
        }),
    )
}

fn action(document: &Document, key: &str, node: &Node<'_>, step: &PathStep) -> Value {
    let knowledge = Knowledge::builtin();
    let technique = step.technique.as_deref().map(bare);
    let known = technique.and_then(|id| knowledge.atlas.technique(id));
    let threat = step.threat.split('/').next().unwrap_or_default();
    let named = knowledge.maestro.threat(threat).map_or(threat, |threat| threat.name.as_str());
    let mut effects: Vec<String> = node.next.iter().map(|key| id(document, "attack-action", key)).collect();
    effects.extend(node.ends.iter().map(|path| id(document, "attack-condition", &path.id)));
    let mut description = format!("{threat} {named} at {} on layer {}", step.asset, step.layer);
    if !step.via.is_empty() {
        description.push_str(&format!(", by way of {}", step.via));
    }
    description.push_str(&format!("; probability {:.3}", step.probability));
    if !step.stopped_by.is_empty() {
        description.push_str(&format!("; stopped by {}", step.stopped_by.join(", ")));
    }
    extended(
        document,
        "attack-action",
        key,
        json!({
            "name": known.map_or(named, |known| known.name.as_str()),
            "description": description,
            "technique_id": technique,
            "technique_ref": technique.map(|technique| id(document, "attack-pattern", technique)),
            "tactic_id": known.and_then(|known| known.tactics.first()),
            "asset_refs": [id(document, "attack-asset", &step.asset)],
            "effect_refs": effects,
        }),
    )
}

/// Where a path ends.
fn loss(document: &Document, path: &AttackPath) -> Value {
    let currency = &document.review.declaration.currency;
    let who = path.system.as_deref().unwrap_or("the organisation");
    extended(
        document,
        "attack-condition",
        &path.id,
        json!({
            "description": format!(
                "{who} suffers a loss: probability {:.3} in a year, expected a year: {}. {}",
                path.probability,
                expected_loss(path.expected_loss, currency),
                path.narrative
            ),
        }),
    )
}

fn asset(document: &Document, asset: &str) -> Value {
    let known = document.asset(asset);
    extended(
        document,
        "attack-asset",
        asset,
        json!({
            "name": known.map_or(asset, |known| known.name.as_str()),
            "description": known.map(|known| format!("{} {} on layer {}", known.kind, known.component, known.layer)),
        }),
    )
}

/// The definition of the extension, as its owner publishes it.
fn extension() -> Value {
    json!({
        "type": "extension-definition",
        "id": EXTENSION,
        "spec_version": "2.1",
        "name": "Attack Flow",
        "description": "Extends STIX 2.1 with features to create Attack Flows.",
        "created": DEFINED_AT,
        "modified": DEFINED_AT,
        "created_by_ref": DEFINED_BY,
        "schema": "https://center-for-threat-informed-defense.github.io/attack-flow/stix/attack-flow-schema-2.0.0.json",
        "version": "2.0.0",
        "extension_types": ["new-sdo"],
    })
}

fn definer() -> Value {
    json!({
        "type": "identity",
        "spec_version": "2.1",
        "id": DEFINED_BY,
        "created_by_ref": DEFINED_BY,
        "created": DEFINED_AT,
        "modified": DEFINED_AT,
        "name": "MITRE Center for Threat-Informed Defense",
        "identity_class": "organization",
    })
}
