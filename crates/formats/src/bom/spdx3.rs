//! SPDX 3.0 in JSON-LD, as its schema fixes the keys.

use std::collections::BTreeMap;

use super::facts::{Bom, Component, Dependency, Kind, Vulnerability, algorithm};
use super::spdx2::{kind, said};
use crate::yaml::Node;

/// Reads a document.
pub(super) fn read(root: &Node) -> Bom {
    let nodes = root.get("@graph").one_or_many();
    let mut by_id: BTreeMap<&str, &Node> = BTreeMap::new();
    for node in nodes {
        if let Some(id) = id(node) {
            by_id.insert(id, node);
        }
    }
    let text = |node: &Node| node.text().map(str::to_owned);
    let name_of = |id: &str| by_id.get(id).and_then(|node| node.get("name").text()).unwrap_or(id).to_owned();
    let mut bom = Bom { format: "SPDX 3.0".to_owned(), ..Bom::default() };
    for node in nodes {
        match kind_of(node) {
            "CreationInfo" => {
                bom.format = format!("SPDX {}", node.get("specVersion").text_or_empty());
                bom.created = text(node.get("created"));
                let all = |key: &str| {
                    node.get(key).one_or_many().iter().filter_map(Node::text).map(name_of).collect()
                };
                bom.tools = all("createdUsing");
                bom.authors = all("createdBy");
            }
            "SpdxDocument" => {
                bom.name = text(node.get("name"));
                bom.serial = id(node).map(str::to_owned);
            }
            "software_Sbom" | "Bom" => {
                bom.subject = node.get("rootElement").one_or_many().first().and_then(text);
            }
            "software_Package" | "ai_AIPackage" | "dataset_DatasetPackage" | "software_File" => {
                bom.components.push(package(node, &name_of));
            }
            "security_Vulnerability" => bom.vulnerabilities.push(Vulnerability {
                id: cve(node),
                line: node.line,
                ..Vulnerability::default()
            }),
            _ => {}
        }
    }
    edges(nodes, &by_id, &mut bom);
    bom
}

fn id(node: &Node) -> Option<&str> {
    node.get("spdxId").text().or_else(|| node.get("@id").text())
}

fn kind_of(node: &Node) -> &str {
    node.get("type").text().or_else(|| node.get("@type").text()).unwrap_or_default()
}

fn cve(node: &Node) -> String {
    let known = node.get("externalIdentifier").items().iter().find_map(|one| one.get("identifier").text());
    node.get("name").text().or(known).or(id(node)).unwrap_or_default().to_owned()
}

fn package(node: &Node, name_of: &dyn Fn(&str) -> String) -> Component {
    let text = |key: &str| node.get(key).text().and_then(said);
    let outer = node.get("externalIdentifier").items().iter().find_map(|one| {
        one.get("identifier").text().filter(|name| name.starts_with("pkg:")).map(str::to_owned)
    });
    let purl = text("software_packageUrl").or(outer);
    let mut found = Component {
        reference: id(node).unwrap_or_default().to_owned(),
        kind: match kind_of(node) {
            "ai_AIPackage" => Kind::Model,
            "dataset_DatasetPackage" => Kind::Data,
            "software_File" => Kind::File,
            _ => kind(node.get("software_primaryPurpose").text_or_empty(), purl.as_deref()),
        },
        name: node.get("name").text_or_empty().to_owned(),
        version: text("software_packageVersion").unwrap_or_default(),
        purl,
        hashes: node
            .get("verifiedUsing")
            .items()
            .iter()
            .filter_map(|hash| {
                Some((algorithm(hash.get("algorithm").text()?), hash.get("hashValue").text()?.to_lowercase()))
            })
            .collect(),
        supplier: text("suppliedBy").map(|id| name_of(&id)),
        description: text("description").or_else(|| text("summary")),
        addresses: ["software_downloadLocation", "software_homePage"]
            .iter()
            .filter_map(|key| text(key))
            .collect(),
        line: node.line,
        ..Component::default()
    };
    for (key, from) in [
        ("architecture", "ai_typeOfModel"),
        ("task", "ai_domain"),
        ("limitations", "ai_limitation"),
        ("training", "ai_informationAboutTraining"),
        ("use_cases", "ai_informationAboutApplication"),
        ("risk_class", "ai_safetyRiskAssessment"),
        ("personal_data", "ai_useSensitivePersonalInformation"),
        ("personal_data", "dataset_hasSensitivePersonalInformation"),
        ("collection", "dataset_dataCollectionProcess"),
        ("intended_use", "dataset_intendedUse"),
        ("rows", "dataset_datasetSize"),
        ("known_bias", "dataset_knownBias"),
        ("modality", "dataset_datasetType"),
    ] {
        let texts: Vec<&str> = node.get(from).one_or_many().iter().filter_map(Node::text).collect();
        if !texts.is_empty() {
            found.card.push((key.to_owned(), texts.join("; ")));
        }
    }
    for (from, prefix) in [("ai_metric", "metric:"), ("ai_hyperparameter", "parameter:")] {
        for entry in node.get(from).items() {
            if let (Some(key), Some(value)) = (entry.get("key").text(), entry.get("value").text()) {
                found.card.push((format!("{prefix}{key}"), value.to_owned()));
            }
        }
    }
    found
}

/// Relationships: licences and decisions go to what they are about, everything else is an edge.
fn edges(nodes: &[Node], by_id: &BTreeMap<&str, &Node>, bom: &mut Bom) {
    let places: BTreeMap<String, usize> =
        bom.components.iter().enumerate().map(|(at, one)| (one.reference.clone(), at)).collect();
    let vulnerable: BTreeMap<String, usize> =
        bom.vulnerabilities.iter().enumerate().map(|(at, one)| (one.id.clone(), at)).collect();
    for node in nodes {
        let from = node.get("from").text_or_empty();
        let ends = || node.get("to").one_or_many().iter().filter_map(Node::text);
        let relation = node.get("relationshipType").text_or_empty();
        match relation {
            "" => {}
            "hasDeclaredLicense" | "hasConcludedLicense" => {
                let Some(component) = places.get(from).and_then(|at| bom.components.get_mut(*at)) else {
                    continue;
                };
                for licence in ends().filter_map(|id| by_id.get(id)) {
                    let text = licence.get("simplelicensing_licenseExpression").text();
                    let text = text.or_else(|| licence.get("name").text()).and_then(said);
                    if let Some(text) = text.filter(|text| !component.licences.contains(text)) {
                        component.licences.push(text);
                    }
                }
            }
            "trainedOn" | "testedOn" => {
                if let Some(component) = places.get(from).and_then(|at| bom.components.get_mut(*at)) {
                    component.datasets.extend(ends().map(str::to_owned));
                }
                let edge = |to: &str| Dependency {
                    from: from.to_owned(),
                    kind: relation.to_owned(),
                    to: to.to_owned(),
                };
                bom.dependencies.extend(ends().map(edge));
            }
            "affects" | "doesNotAffect" | "fixedIn" | "underInvestigationFor" => {
                let Some(named) = by_id.get(from).map(|node| cve(node)) else { continue };
                let known = vulnerable.get(&named).and_then(|at| bom.vulnerabilities.get_mut(*at));
                let Some(known) = known else { continue };
                known.affects.extend(ends().map(str::to_owned));
                known.state = Some(
                    match relation {
                        "affects" => "exploitable",
                        "doesNotAffect" => "not_affected",
                        "fixedIn" => "resolved",
                        _ => "in_triage",
                    }
                    .to_owned(),
                );
                known.justification = node.get("security_justificationType").text().map(str::to_owned);
            }
            _ => {
                let edge = |to: &str| Dependency {
                    from: from.to_owned(),
                    kind: relation.to_owned(),
                    to: to.to_owned(),
                };
                bom.dependencies.extend(ends().map(edge));
            }
        }
    }
}
