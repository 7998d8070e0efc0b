//! Statements about exploitability: CycloneDX VEX (<https://cyclonedx.org/capabilities/vex/>) and OpenVEX
//! (<https://github.com/openvex/spec>).

use std::collections::BTreeMap;

use super::{Family, Foreign, Package, Place, Reported, Statement, first_line, severity, weakness};
use crate::yaml::Node;

pub(super) fn cyclonedx(root: &Node) -> Foreign {
    let mut foreign = Foreign { format: "cyclonedx-vex", ..Foreign::default() };
    let mut components = BTreeMap::new();
    collect(root.get("components"), 0, &mut components);
    let author = root.at("metadata.authors").items().first().or(Some(root.at("metadata.supplier")));
    let author = author.and_then(|author| author.get("name").text()).unwrap_or_default();
    for entry in root.get("vulnerabilities").items() {
        let id = entry.get("id").text_or_empty().to_owned();
        let mut ids = vec![id.clone()];
        ids.extend(
            entry
                .get("references")
                .items()
                .iter()
                .filter_map(|other| other.get("id").text().map(str::to_owned)),
        );
        let mut packages: Vec<Package> = Vec::new();
        for affected in entry.get("affects").items() {
            let reference = affected.get("ref").text_or_empty();
            // `urn:cdx:…#bom-ref` points into another document.
            let bare = reference.rsplit('#').next().unwrap_or(reference);
            packages.extend(components.get(bare).cloned().flatten().or_else(|| Package::parse(bare)));
        }
        let analysis = entry.get("analysis");
        let text = |key: &str| analysis.get(key).text_or_empty();
        let state = text("state");
        let justification = [text("justification"), text("detail")]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(": ");
        if !state.is_empty() {
            foreign.statements.push(Statement {
                author: author.to_owned(),
                vulnerabilities: ids.clone(),
                packages: packages.clone(),
                state: state.to_owned(),
                justification,
            });
        }
        if matches!(state, "" | "exploitable" | "in_triage") {
            let word = entry
                .get("ratings")
                .items()
                .iter()
                .find_map(|rating| rating.get("severity").text())
                .unwrap_or_default();
            let tools =
                entry.at("tools.components").items().first().or_else(|| entry.get("tools").items().first());
            let engine = tools.and_then(|tool| tool.get("name").text()).unwrap_or("cyclonedx").to_lowercase();
            for package in packages {
                foreign.results.push(Reported {
                    engine: engine.clone(),
                    rule: id.clone(),
                    detail: package.name.clone(),
                    message: first_line(entry.get("description").text_or_empty()),
                    severity_word: word.to_owned(),
                    severity: severity(word),
                    family: Family::Vulnerability,
                    place: Place { package: Some(package), ..Place::default() },
                    weaknesses: entry
                        .get("cwes")
                        .items()
                        .iter()
                        .filter_map(|id| weakness(id.text()?))
                        .collect(),
                    vulnerabilities: ids.clone(),
                    ..Reported::default()
                });
            }
        }
    }
    foreign
}

/// Package URLs of components by their reference.
fn collect<'a>(components: &'a Node, depth: u32, found: &mut BTreeMap<&'a str, Option<Package>>) {
    if depth > 16 {
        return;
    }
    for component in components.items() {
        if let Some(reference) = component.get("bom-ref").text() {
            let package = component.get("purl").text().and_then(Package::parse);
            found.insert(reference, package);
        }
        collect(component.get("components"), depth + 1, found);
    }
}

pub(super) fn openvex(root: &Node) -> Foreign {
    let mut foreign = Foreign { format: "openvex", ..Foreign::default() };
    for statement in root.get("statements").items() {
        let vulnerability = statement.get("vulnerability");
        let mut ids: Vec<String> = vulnerability
            .text()
            .or_else(|| vulnerability.get("name").text())
            .map(str::to_owned)
            .into_iter()
            .collect();
        ids.extend(vulnerability.get("aliases").items().iter().filter_map(|id| id.text().map(str::to_owned)));
        let mut packages = Vec::new();
        for product in statement.get("products").items() {
            let identified = |node: &Node| {
                node.text()
                    .or_else(|| node.get("@id").text())
                    .or_else(|| node.at("identifiers.purl").text())
                    .and_then(Package::parse)
            };
            packages.extend(identified(product));
            packages.extend(product.get("subcomponents").items().iter().filter_map(identified));
        }
        let text = |key: &str| statement.get(key).text_or_empty();
        foreign.statements.push(Statement {
            author: root.get("author").text_or_empty().to_owned(),
            vulnerabilities: ids,
            packages,
            state: text("status").to_owned(),
            justification: [text("justification"), text("impact_statement")]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(": "),
        });
    }
    foreign
}
