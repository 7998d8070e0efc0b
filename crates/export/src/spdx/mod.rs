//! SPDX 3.0.1 in JSON-LD: Core, Software, AI, Dataset, SimpleLicensing and Security profiles.
//!
//! Identities are left out, as in CycloneDX. What nobody says is absent; the few properties that a profile demands and
//! nobody knows are `noAssertion`.

mod element;
mod graph;
mod security;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    exporter::{ExportError, Exporter},
    tree,
    v1::{Asset, AssetKind, Document},
};
use graph::Graph;

/// Assets as SPDX 3.0.1.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "spdx",
    extension: "spdx3.json",
    media_type: "application/spdx+json",
    summary: "models, data, packages and vulnerabilities with the AI and Dataset profiles (SPDX 3.0.1)",
    write,
};

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.assets.is_none() {
        return Err(ExportError::MissingPart { format: "spdx", part: "assets" });
    }
    let review = &document.review;
    let listed: Vec<&Asset> =
        document.assets().iter().filter(|asset| asset.kind != AssetKind::Identity).collect();
    let mut graph = Graph::new(&review.id);
    let tool = graph.id("tool:vauban");
    let author = graph.id("author");
    let organisation = &review.declaration.organisation;
    let (agent, name) = match organisation.as_str() {
        "" => ("SoftwareAgent", "Vauban"),
        name => ("Organization", name),
    };
    graph.add(&author, agent, json!({"name": name}));
    graph.add(&tool, "Tool", json!({"name": format!("vauban-{}", review.tool_version)}));
    let system = graph.id("subject");
    graph.add(
        &system,
        "software_Package",
        json!({
            "name": review.subject,
            "software_primaryPurpose": "application",
            "suppliedBy": (agent == "Organization").then_some(&author),
        }),
    );
    for asset in &listed {
        element::add(document, asset, &mut graph);
    }
    let parts: Vec<String> = listed.iter().flat_map(|asset| element::ids(asset, &graph)).collect();
    graph.relate("subject-contains", &system, "contains", parts, json!({"completeness": "noAssertion"}));
    element::relations(document, &mut graph);
    let vulnerable = security::add(document, &mut graph);
    let kinds: BTreeSet<AssetKind> = listed.iter().map(|asset| asset.kind).collect();
    let mut profiles = vec!["core", "software"];
    if kinds.contains(&AssetKind::Model) {
        profiles.push("ai");
    }
    if kinds.contains(&AssetKind::Dataset) {
        profiles.push("dataset");
    }
    if graph.has_licences() {
        profiles.push("simpleLicensing");
    }
    if vulnerable {
        profiles.push("security");
    }
    let bill = graph.id("sbom");
    let elements = graph.ids();
    graph.add(
        &bill,
        "software_Sbom",
        json!({
            "name": format!("{} as Vauban sees it", review.subject),
            "profileConformance": profiles,
            "rootElement": [system],
            "element": elements,
            "software_sbomType": ["analyzed"],
        }),
    );
    let root = graph.id("document");
    let elements = graph.ids();
    graph.add(
        &root,
        "SpdxDocument",
        json!({
            "name": review.subject,
            "profileConformance": profiles,
            "rootElement": [bill],
            "element": elements,
        }),
    );
    let creation = json!({
        "type": "CreationInfo",
        "@id": graph::CREATION,
        "specVersion": "3.0.1",
        "created": review.taken_at,
        "createdBy": [author],
        "createdUsing": [tool],
    });
    let nodes: Vec<Value> = std::iter::once(creation).chain(graph.into_nodes()).map(tree::tidy).collect();
    let value = json!({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": nodes});
    Ok(tree::bytes(&value)?)
}
