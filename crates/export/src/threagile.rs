//! The model of data flows for Threagile 1.0.0, as its YAML model.
//!
//! <https://threagile.io/>. The format wants a word for many things that a review does not know (redundancy, encryption at
//! rest, ratings): the mildest word stands there, and `justification_cia_rating` says that it is assumed. Exact facts are tags.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vauban_domain::Digest;

use crate::{
    exporter::{ExportError, Exporter},
    threat_model::{Bounds, Component, Flow, Shape, ThreatModel},
    v1::{AssetKind, Document},
    yaml,
};

/// The model for Threagile.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "threagile",
    extension: "threagile.yaml",
    media_type: "application/yaml",
    summary: "assets, flows and zones as a Threagile model",
    write,
};

const ASSUMED: &str = "assumed: a review does not rate this";

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let model = ThreatModel::of(document, EXPORTER.name, Bounds::DOCUMENT)?;
    let mut links: BTreeMap<usize, Vec<&Flow<'_>>> = BTreeMap::new();
    for flow in &model.flows {
        links.entry(flow.from).or_default().push(flow);
    }
    let assets: Map<String, Value> = model
        .components
        .iter()
        .enumerate()
        .map(|(at, one)| {
            let flows = links.get(&at).map(Vec::as_slice).unwrap_or_default();
            (one.asset.id.clone(), technical_asset(one, flows, &model))
        })
        .collect();
    let data: BTreeSet<&str> = model.flows.iter().flat_map(Flow::data).collect();
    let mut tags = BTreeSet::new();
    collect_tags(&Value::Object(assets.clone()), &mut tags);
    let boundaries: Map<String, Value> = model
        .zones
        .iter()
        .enumerate()
        .map(|(at, zone)| {
            let inside: Vec<String> =
                model.components.iter().filter(|one| one.zone == at).map(|one| id(&one.asset.id)).collect();
            (
                zone.name.clone(),
                json!({
                    "id": id(&zone.name),
                    "description": zone.name,
                    "type": "execution-environment",
                    "tags": [],
                    "technical_assets_inside": inside,
                    "trust_boundaries_nested": [],
                }),
            )
        })
        .collect();
    let criticality =
        document.review.declaration.systems.iter().map(|system| criticality(&system.criticality)).max();
    let value = json!({
        "threagile_version": "1.0.0",
        "title": ThreatModel::title(document),
        "date": document.review.taken_at.get(..10),
        "author": {"name": format!("vauban {}", document.review.tool_version), "homepage": ""},
        "management_summary_comment": model.description(document),
        "business_criticality": criticality.map_or("operational", |(_, word)| word),
        "business_overview": {"description": "", "images": []},
        "technical_overview": {"description": "", "images": []},
        "questions": {},
        "abuse_cases": {},
        "security_requirements": {},
        "tags_available": tags,
        "data_assets": data.iter().map(|class| ((*class).to_owned(), data_asset(class))).collect::<Map<_, _>>(),
        "technical_assets": assets,
        "trust_boundaries": boundaries,
        "shared_runtimes": {},
        "individual_risk_categories": {},
        "risk_tracking": {},
    });
    Ok(yaml::bytes(&value))
}

/// Threagile's words for how much hangs on something, in order.
fn criticality(word: &str) -> (usize, &'static str) {
    match word {
        "critical" => (3, "mission-critical"),
        "high" => (2, "critical"),
        "medium" => (1, "important"),
        _ => (0, "operational"),
    }
}

fn data_asset(class: &str) -> Value {
    json!({
        "id": id(class),
        "description": class,
        "usage": "business",
        "tags": [],
        "origin": "",
        "owner": "",
        "quantity": "many",
        "confidentiality": "confidential",
        "integrity": "important",
        "availability": "important",
        "justification_cia_rating": ASSUMED,
    })
}

fn technical_asset(component: &Component<'_>, flows: &[&Flow<'_>], model: &ThreatModel<'_>) -> Value {
    let asset = component.asset;
    let mut tags: Vec<String> =
        component.facts().into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
    tags.extend(component.threats.iter().map(|threat| format!("maestro:{}", threat.kind)));
    tags.sort();
    tags.dedup();
    let mut links = Map::new();
    for flow in flows {
        let Some(target) = model.components.get(flow.to) else { continue };
        links.insert(format!("{} to {}", flow.name(), target.asset.id), link(flow, target));
    }
    json!({
        "id": id(&asset.id),
        "description": component.sentence(),
        "type": match component.shape {
            Shape::Outside => "external-entity",
            Shape::Process => "process",
            Shape::Store => "datastore",
        },
        "usage": if asset.kind == AssetKind::Pipeline { "devops" } else { "business" },
        "used_as_client_by_human": false,
        "out_of_scope": false,
        "justification_out_of_scope": "",
        "size": "component",
        "technology": technology(component),
        "tags": tags,
        "internet": asset.attribute("exposure") == Some("internet"),
        "machine": if asset.kind == AssetKind::Infrastructure { "container" } else { "virtual" },
        "encryption": "none",
        "owner": asset.system.clone().unwrap_or_default(),
        "confidentiality": "confidential",
        "integrity": "important",
        "availability": "important",
        "justification_cia_rating": ASSUMED,
        "multi_tenant": false,
        "redundant": false,
        "custom_developed_parts": false,
        "data_assets_processed": [],
        "data_assets_stored": [],
        "data_formats_accepted": [],
        "communication_links": links,
    })
}

/// Threagile's word for a component; it has one for everything that learns.
fn technology(component: &Component<'_>) -> &'static str {
    match (component.asset.component.as_str(), component.asset.kind) {
        ("api_gateway", _) => "gateway",
        ("ci_pipeline", _) => "build-pipeline",
        ("container" | "container_image" | "orchestrator", _) => "container-platform",
        ("log_store" | "monitor" | "trace_collector", _) => "monitoring",
        ("registry" | "model_registry" | "mcp_registry", _) => "artifact-registry",
        ("secret_store", _) => "vault",
        ("vector_store", _) => "search-index",
        ("object_store" | "dataset" | "document_store" | "feature_store", _) => "data-lake",
        ("external_service", _) => "unknown-technology",
        (_, AssetKind::Identity) => "client-system",
        (_, AssetKind::Tool) => "tool",
        (_, AssetKind::Pipeline | AssetKind::Notebook) => "batch-processing",
        _ => "ai",
    }
}

fn link(flow: &Flow<'_>, target: &Component<'_>) -> Value {
    let mut tags: Vec<String> = flow
        .facts
        .iter()
        .filter(|(key, _)| **key != "data")
        .map(|(key, value)| format!("{key}:{value}"))
        .collect();
    if !flow.facts.contains_key("boundary") {
        tags.push("boundary:none".to_owned());
    }
    // The word that stands in its place is `none`, which would be a statement.
    if !flow.facts.contains_key("authentication") {
        tags.push("authentication:not-declared".to_owned());
    }
    json!({
        "target": id(&target.asset.id),
        "description": flow.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", "),
        "protocol": protocol(flow.fact("protocol")),
        "authentication": authentication(flow.fact("authentication")),
        "authorization": match flow.fact("identity") {
            "user" | "delegated" => "enduser-identity-propagation",
            "service" | "shared-key" => "technical-user",
            _ => "none",
        },
        "tags": tags,
        "vpn": false,
        "ip_filtered": false,
        "readonly": false,
        "usage": "business",
        "data_assets_sent": flow.data().into_iter().map(id).collect::<Vec<_>>(),
        "data_assets_received": [],
    })
}

fn protocol(word: &str) -> &'static str {
    match word.to_ascii_lowercase().as_str() {
        "http" => "http",
        "https" => "https",
        "ws" => "ws",
        "wss" => "wss",
        "grpc" => "binary",
        "grpcs" => "binary-encrypted",
        "mqtt" => "mqtt",
        "ssh" => "ssh",
        "sftp" => "sftp",
        "nfs" => "nfs",
        "smb" => "smb",
        "stdio" => "in-process-library-call",
        "file" => "local-file-access",
        _ => "unknown-protocol",
    }
}

/// Threagile's word for how the other side is known; what is not declared is `none` there, and a tag says so.
fn authentication(word: &str) -> &'static str {
    let word = word.to_ascii_lowercase();
    let has = |part: &str| word.contains(part);
    match () {
        () if word.is_empty() || word == "none" => "none",
        () if has("mutual") || has("mtls") || has("certificate") => "client-certificate",
        () if has("two-factor") || has("multi-factor") || has("mfa") => "two-factor",
        () if has("session") || has("cookie") => "session-id",
        () if has("token") || has("key") || has("oauth") || has("oidc") => "token",
        () if has("password") || has("basic") || has("credential") => "credentials",
        () => "externalized",
    }
}

/// An id of letters, digits and hyphens, which is all that Threagile takes, made unique by a digest.
fn id(name: &str) -> String {
    let mut slug = String::new();
    for sign in name.chars().take(60) {
        if sign.is_ascii_alphanumeric() {
            slug.push(sign.to_ascii_lowercase());
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let digest = Digest::of(name.as_bytes());
    let end: String = digest.bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{end}", slug.trim_matches('-')).trim_start_matches('-').to_owned()
}

fn collect_tags(value: &Value, tags: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::Array(items) if key == "tags" => {
                        tags.extend(items.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    value => collect_tags(value, tags),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_tags(item, tags)),
        _ => {}
    }
}
