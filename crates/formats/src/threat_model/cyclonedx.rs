//! CycloneDX in JSON as a model: services with their data flows, models and data with what needs them.
//! <https://cyclonedx.org/docs/1.6/json/#services>

use std::collections::BTreeSet;

use super::{Component, Flow, ThreatModel, text, texts, word};
use crate::yaml::Node;

/// Services inside one another that are followed.
const DEPTH: usize = 16;

pub(super) fn read(root: &Node) -> ThreatModel {
    let mut model = ThreatModel {
        tool: "cyclonedx",
        title: text(root.at("metadata.component.name")),
        ..ThreatModel::default()
    };
    // Libraries are ingredients of something, not parts of a system that data flows between.
    let parts = ["machine-learning-model", "data", "application", "platform", "device"];
    for node in root.get("components").items() {
        if parts.contains(&node.get("type").text_or_empty()) {
            model.components.push(component(node, word(node.get("type"))));
        }
    }
    let mut open: Vec<(&Node, usize)> = root.get("services").items().iter().map(|node| (node, 0)).collect();
    let mut services = Vec::new();
    while let Some((node, depth)) = open.pop() {
        if depth < DEPTH {
            open.extend(node.get("services").items().iter().map(|inner| (inner, depth + 1)));
        }
        services.push(node);
    }
    services.sort_by_key(|node| node.line);
    for node in &services {
        let mut service = component(node, "service".to_owned());
        if let Some(address) = texts(node.get("endpoints")).into_iter().next() {
            service.facts.insert("url".to_owned(), address);
        }
        if node.get("authenticated").is_false() {
            service.facts.insert("authentication".to_owned(), "none".to_owned());
        }
        service.zone = text(node.get("trustZone"));
        model.components.push(service);
    }
    let known: BTreeSet<String> = model.components.iter().map(|one| one.reference.clone()).collect();
    for node in services {
        let own = reference(node);
        let crosses = node.get("x-trust-boundary").is_true();
        for data in node.get("data").items() {
            model.flows.extend(flows(data, &own, crosses, &known));
        }
    }
    for node in root.get("dependencies").items() {
        let from = text(node.get("ref"));
        for to in texts(node.get("dependsOn")) {
            if known.contains(&from) && known.contains(&to) {
                model.flows.push(Flow { from: from.clone(), to, line: node.line, ..Flow::default() });
            }
        }
    }
    model
}

fn reference(node: &Node) -> String {
    let reference = text(node.get("bom-ref"));
    if reference.is_empty() { text(node.get("name")) } else { reference }
}

fn component(node: &Node, word: String) -> Component {
    Component {
        reference: reference(node),
        name: text(node.get("name")),
        word,
        line: node.line,
        ..Component::default()
    }
}

/// The flows of one kind of data at a service. An end that is no part of the document is the world outside, which is said
/// only of services whose data crosses a trust boundary.
fn flows(data: &Node, own: &str, crosses: bool, known: &BTreeSet<String>) -> Vec<Flow> {
    let ends = |key: &str| -> Vec<String> {
        texts(data.get(key)).into_iter().filter(|end| known.contains(end)).collect()
    };
    let class = text(data.get("classification"));
    let class = if class.is_empty() { text(data.get("name")) } else { class };
    let direction = text(data.get("flow"));
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (wanted, key) in [("inbound", "source"), ("outbound", "destination")] {
        if direction != wanted && direction != "bi-directional" {
            continue;
        }
        let mut others = ends(key);
        if others.is_empty() && crosses {
            others.push(String::new());
        }
        pairs.extend(others.into_iter().map(|other| match wanted {
            "inbound" => (other, own.to_owned()),
            _ => (own.to_owned(), other),
        }));
    }
    pairs
        .into_iter()
        .map(|(from, to)| Flow {
            from,
            to,
            data: Some(class.clone()).filter(|class| !class.is_empty()).into_iter().collect(),
            boundary: if crosses { "trust boundary".to_owned() } else { String::new() },
            line: data.line,
            ..Flow::default()
        })
        .collect()
}
