//! CycloneDX in JSON.

use super::facts::{Bom, Component, Dependency, Kind, Vulnerability, algorithm};
use crate::Limits;
use crate::yaml::Node;

/// Reads a document.
pub(super) fn read(root: &Node, limits: &Limits) -> Bom {
    let text = |node: &Node| node.text().map(str::to_owned);
    let metadata = root.get("metadata");
    let subject = metadata.get("component");
    let mut bom = Bom {
        format: format!("CycloneDX {}", root.get("specVersion").text_or_empty()).trim_end().to_owned(),
        serial: text(root.get("serialNumber")),
        created: text(metadata.get("timestamp")),
        tools: tools(metadata.get("tools")),
        authors: metadata
            .get("authors")
            .items()
            .iter()
            .chain([metadata.get("supplier"), metadata.get("manufacturer")])
            .filter_map(|author| text(author.get("name")))
            .collect(),
        subject: reference(subject),
        name: text(subject.get("name")),
        ..Bom::default()
    };
    // Components nest: the outer holds the inner.
    let mut open: Vec<(&Node, Option<String>)> =
        root.get("components").items().iter().rev().map(|node| (node, None)).collect();
    if subject.is_map() {
        for node in subject.get("components").items() {
            open.push((node, reference(subject)));
        }
    }
    while let Some((node, holder)) = open.pop() {
        if bom.components.len() > limits.records {
            break;
        }
        let part = component(node, bom.components.len());
        if let Some(holder) = holder {
            let to = part.reference.clone();
            bom.dependencies.push(Dependency { from: holder, kind: "contains".to_owned(), to });
        }
        let inner = node.get("components").items().iter().rev();
        open.extend(inner.map(|node| (node, Some(part.reference.clone()))));
        bom.components.push(part);
    }
    for node in root.get("services").items() {
        let mut service = component(node, bom.components.len());
        service.kind = Kind::Service;
        service.addresses.extend(node.get("endpoints").items().iter().filter_map(text));
        service.supplier = text(node.at("provider.name")).or(service.supplier);
        if let Some(answer) = node.get("authenticated").truth() {
            let word = if answer { "yes" } else { "none" };
            service.card.push(("authentication".to_owned(), word.to_owned()));
        }
        bom.components.push(service);
    }
    for node in root.get("dependencies").items() {
        let from = node.get("ref").text_or_empty();
        for (key, kind) in [("dependsOn", "dependsOn"), ("provides", "provides")] {
            bom.dependencies.extend(node.get(key).items().iter().filter_map(text).map(|to| Dependency {
                from: from.to_owned(),
                kind: kind.to_owned(),
                to,
            }));
        }
    }
    bom.vulnerabilities = root.get("vulnerabilities").items().iter().map(vulnerability).collect();
    bom
}

fn reference(node: &Node) -> Option<String> {
    node.get("bom-ref").text().or_else(|| node.get("purl").text()).map(str::to_owned)
}

fn tools(node: &Node) -> Vec<String> {
    // A list until 1.4, lists of components and services since.
    let parts = node.items().iter().chain(node.get("components").items()).chain(node.get("services").items());
    parts
        .filter_map(|tool| {
            let name = tool.get("name").text()?;
            Some(format!("{name} {}", tool.get("version").text_or_empty()).trim_end().to_owned())
        })
        .collect()
}

fn component(node: &Node, index: usize) -> Component {
    let text = |key: &str| node.get(key).text().map(str::to_owned);
    let kind = match node.get("type").text_or_empty() {
        "machine-learning-model" => Kind::Model,
        "data" => Kind::Data,
        "container" => Kind::Container,
        "operating-system" => Kind::System,
        "file" => Kind::File,
        "application" | "platform" | "device" | "firmware" => Kind::Application,
        _ => Kind::Package,
    };
    let name = node.get("name").text_or_empty();
    let name = match node.get("group").text_or_empty() {
        "" => name.to_owned(),
        group => format!("{group}/{name}"),
    };
    let external = node.get("externalReferences").items().iter().filter(|one| {
        matches!(one.get("type").text_or_empty(), "distribution" | "vcs" | "website" | "model-card")
    });
    let mut found = Component {
        reference: reference(node).unwrap_or_else(|| format!("component-{index}")),
        kind,
        name,
        version: text("version").unwrap_or_default(),
        purl: text("purl"),
        licences: licences(node.get("licenses")),
        hashes: node
            .get("hashes")
            .items()
            .iter()
            .filter_map(|hash| {
                Some((algorithm(hash.get("alg").text()?), hash.get("content").text()?.to_lowercase()))
            })
            .collect(),
        supplier: ["supplier", "manufacturer"]
            .iter()
            .find_map(|key| node.get(key).get("name").text())
            .map(str::to_owned)
            .or_else(|| text("publisher"))
            .or_else(|| text("author")),
        description: text("description"),
        addresses: external.filter_map(|one| one.get("url").text().map(str::to_owned)).collect(),
        ancestors: node
            .at("pedigree.ancestors")
            .items()
            .iter()
            .filter_map(|one| one.get("purl").text().or_else(|| one.get("name").text()).map(str::to_owned))
            .collect(),
        line: node.line,
        ..Component::default()
    };
    card(node, &mut found);
    found
}

fn card(node: &Node, found: &mut Component) {
    let mut say = |key: &str, text: Option<&str>| {
        if let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) {
            found.card.push((key.to_owned(), text.to_owned()));
        }
    };
    let card = node.get("modelCard");
    let parameters = card.get("modelParameters");
    say("task", parameters.get("task").text());
    say("architecture", parameters.get("architectureFamily").text());
    say("class", parameters.get("modelArchitecture").text());
    say("approach", parameters.at("approach.type").text());
    let considerations = card.get("considerations");
    for (key, from) in
        [("users", "users"), ("use_cases", "useCases"), ("limitations", "technicalLimitations")]
    {
        let texts: Vec<&str> = considerations.get(from).items().iter().filter_map(Node::text).collect();
        say(key, Some(&texts.join("; ")));
    }
    let ethics: Vec<&str> = considerations
        .get("ethicalConsiderations")
        .items()
        .iter()
        .filter_map(|one| one.get("name").text())
        .collect();
    say("ethical_considerations", Some(&ethics.join("; ")));
    for metric in card.at("quantitativeAnalysis.performanceMetrics").items() {
        if let (Some(name), Some(value)) = (metric.get("type").text(), metric.get("value").text()) {
            say(&format!("metric:{name}"), Some(value));
        }
    }
    let data = node.get("data").items().first();
    if let Some(data) = data {
        say("classification", data.get("classification").text());
        say("url", data.at("contents.url").text());
    }
    let datasets = parameters.get("datasets").items().iter();
    found.datasets = datasets
        .filter_map(|one| one.get("ref").text().or_else(|| one.get("name").text()).map(str::to_owned))
        .collect();
}

fn licences(node: &Node) -> Vec<String> {
    let one = |choice: &Node| {
        let licence = choice.get("license");
        let text = choice.get("expression").text().or_else(|| licence.get("id").text());
        text.or_else(|| licence.get("name").text()).map(str::to_owned)
    };
    node.items().iter().filter_map(one).collect()
}

fn vulnerability(node: &Node) -> Vulnerability {
    const ORDER: [&str; 7] = ["unknown", "none", "info", "low", "medium", "high", "critical"];
    let text = |node: &Node| node.text().map(str::to_owned);
    let analysis = node.get("analysis");
    Vulnerability {
        id: node.get("id").text_or_empty().to_owned(),
        severity: node
            .get("ratings")
            .items()
            .iter()
            .filter_map(|rating| rating.get("severity").text())
            .max_by_key(|word| ORDER.iter().position(|known| known == word))
            .map(str::to_owned),
        affects: node.get("affects").items().iter().filter_map(|one| text(one.get("ref"))).collect(),
        state: text(analysis.get("state")),
        justification: text(analysis.get("justification")),
        detail: text(analysis.get("detail")),
        line: node.line,
    }
}
