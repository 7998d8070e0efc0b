//! Open Threat Model, JSON or YAML, 0.1.0 and 0.2.0. <https://github.com/iriusrisk/OpenThreatModel>

use std::collections::BTreeMap;

use super::{COMPONENT_FACTS, Component, FLOW_FACTS, Flow, ThreatModel, between, facts, text, texts, word};
use crate::yaml::Node;

/// Components inside one another that are followed to their zone.
const DEPTH: usize = 16;

pub(super) fn read(root: &Node) -> ThreatModel {
    let names = |key: &str| -> BTreeMap<String, String> {
        root.get(key).items().iter().map(|one| (text(one.get("id")), text(one.get("name")))).collect()
    };
    let (zones, data) = (names("trustZones"), names("assets"));
    let nodes: BTreeMap<String, &Node> =
        root.get("components").items().iter().map(|node| (text(node.get("id")), node)).collect();
    let zone_of = |node: &Node| {
        let mut parent = node.get("parent");
        for _ in 0..DEPTH {
            let zone = text(parent.get("trustZone"));
            if !zone.is_empty() {
                return zones.get(&zone).cloned().unwrap_or(zone);
            }
            match nodes.get(&text(parent.get("component"))) {
                Some(outer) => parent = outer.get("parent"),
                None => break,
            }
        }
        String::new()
    };
    let components: Vec<Component> = root
        .get("components")
        .items()
        .iter()
        .map(|node| Component {
            reference: text(node.get("id")),
            name: text(node.get("name")),
            word: word(node.get("type")),
            zone: zone_of(node),
            facts: facts(node.get("attributes"), &COMPONENT_FACTS),
            line: node.line,
        })
        .collect();
    let zone: BTreeMap<&str, &str> =
        components.iter().map(|one| (one.reference.as_str(), one.zone.as_str())).collect();
    let flows = root
        .get("dataflows")
        .items()
        .iter()
        .map(|node| {
            let (from, to) = (text(node.get("source")), text(node.get("destination")));
            let attributes = node.get("attributes");
            let mut facts = facts(attributes, &FLOW_FACTS);
            if node.get("bidirectional").is_true() {
                facts.entry("data_direction".to_owned()).or_insert_with(|| "both".to_owned());
            }
            let crossed = |end: &str| zone.get(end).copied().unwrap_or_default();
            let boundary = match attributes.entry("boundary") {
                Some(stated) => text(&stated.node),
                None => between(crossed(&from), crossed(&to)).to_owned(),
            };
            let classes = texts(node.get("assets"))
                .into_iter()
                .map(|id| data.get(&id).cloned().unwrap_or(id))
                .collect();
            Flow { from, to, data: classes, boundary, facts, line: node.line }
        })
        .collect();
    ThreatModel { tool: "otm", title: text(root.at("project.name")), components, flows }
}
