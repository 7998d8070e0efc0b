//! SPDX 2.2 and 2.3 in JSON.

use super::facts::{Bom, Component, Dependency, Kind, algorithm};
use crate::yaml::Node;

/// Reads a document.
pub(super) fn read(root: &Node) -> Bom {
    let text = |node: &Node| node.text().map(str::to_owned);
    let creation = root.get("creationInfo");
    let mut bom = Bom {
        format: root.get("spdxVersion").text_or_empty().to_owned(),
        serial: text(root.get("documentNamespace")),
        created: text(creation.get("created")),
        name: text(root.get("name")),
        subject: root.get("documentDescribes").items().first().and_then(text),
        ..Bom::default()
    };
    for creator in creation.get("creators").items().iter().filter_map(Node::text) {
        let (list, name) = match creator.split_once(':') {
            Some(("Tool", name)) => (&mut bom.tools, name),
            Some((_, name)) => (&mut bom.authors, name),
            None => (&mut bom.authors, creator),
        };
        list.push(name.trim().to_owned());
    }
    bom.components = root.get("packages").items().iter().map(package).collect();
    for edge in root.get("relationships").items() {
        let (from, to) =
            (edge.get("spdxElementId").text_or_empty(), edge.get("relatedSpdxElement").text_or_empty());
        relate(&mut bom, from, edge.get("relationshipType").text_or_empty(), to);
    }
    bom
}

/// Adds an edge in our words and direction.
pub(super) fn relate(bom: &mut Bom, from: &str, kind: &str, to: &str) {
    if kind == "DESCRIBES" {
        bom.subject.get_or_insert_with(|| to.to_owned());
        return;
    }
    let (kind, reversed) = match kind {
        "DEPENDS_ON" | "DYNAMIC_LINK" | "STATIC_LINK" => ("dependsOn", false),
        "DEPENDENCY_OF"
        | "RUNTIME_DEPENDENCY_OF"
        | "DEV_DEPENDENCY_OF"
        | "BUILD_DEPENDENCY_OF"
        | "OPTIONAL_DEPENDENCY_OF"
        | "PROVIDED_DEPENDENCY_OF"
        | "TEST_DEPENDENCY_OF" => ("dependsOn", true),
        "CONTAINS" => ("contains", false),
        "CONTAINED_BY" => ("contains", true),
        "ANCESTOR_OF" => ("ancestorOf", false),
        "DESCENDANT_OF" | "VARIANT_OF" => ("ancestorOf", true),
        _ => return,
    };
    let (from, to) = if reversed { (to, from) } else { (from, to) };
    bom.dependencies.push(Dependency { from: from.to_owned(), kind: kind.to_owned(), to: to.to_owned() });
}

/// What a primary purpose or package URL makes of a package.
pub(super) fn kind(purpose: &str, purl: Option<&str>) -> Kind {
    match purpose.to_uppercase().as_str() {
        "MODEL" => Kind::Model,
        "DATA" => Kind::Data,
        "CONTAINER" => Kind::Container,
        "OPERATING_SYSTEM" | "OPERATING-SYSTEM" | "OPERATINGSYSTEM" => Kind::System,
        "FILE" => Kind::File,
        "APPLICATION" if purl.is_none() => Kind::Application,
        _ if purl
            .is_some_and(|purl| purl.starts_with("pkg:huggingface/") || purl.starts_with("pkg:mlflow/")) =>
        {
            Kind::Model
        }
        _ if purl.is_some_and(|purl| purl.starts_with("pkg:oci/") || purl.starts_with("pkg:docker/")) => {
            Kind::Container
        }
        _ => Kind::Package,
    }
}

/// Text that says something; `NOASSERTION` and `NONE` do not.
pub(super) fn said(text: &str) -> Option<String> {
    let text = text.trim();
    (!matches!(text, "" | "NOASSERTION" | "NONE")).then(|| text.to_owned())
}

fn package(node: &Node) -> Component {
    let text = |key: &str| node.get(key).text().and_then(said);
    let purl = node.get("externalRefs").items().iter().find_map(|one| {
        let is_purl = one.get("referenceType").text_or_empty() == "purl";
        is_purl.then(|| one.get("referenceLocator").text().map(str::to_owned)).flatten()
    });
    let mut licences: Vec<String> =
        ["licenseConcluded", "licenseDeclared"].iter().filter_map(|key| text(key)).collect();
    licences.dedup();
    Component {
        reference: node.get("SPDXID").text_or_empty().to_owned(),
        kind: kind(node.get("primaryPackagePurpose").text_or_empty(), purl.as_deref()),
        name: node.get("name").text_or_empty().to_owned(),
        version: text("versionInfo").unwrap_or_default(),
        purl,
        licences,
        hashes: node
            .get("checksums")
            .items()
            .iter()
            .filter_map(|hash| {
                Some((
                    algorithm(hash.get("algorithm").text()?),
                    hash.get("checksumValue").text()?.to_lowercase(),
                ))
            })
            .collect(),
        supplier: text("supplier").or_else(|| text("originator")).map(|name| agent(&name)),
        description: text("description").or_else(|| text("summary")),
        addresses: ["downloadLocation", "homepage"].iter().filter_map(|key| text(key)).collect(),
        line: node.line,
        ..Component::default()
    }
}

/// `Organization: Example (mail@example.org)` without the word before.
pub(super) fn agent(text: &str) -> String {
    text.split_once(": ").map_or(text, |(_, name)| name).trim().to_owned()
}
