//! Threagile, its YAML model. <https://threagile.io/>, schema at <https://github.com/Threagile/threagile/blob/master/support/schema.json>

use std::collections::BTreeMap;

use super::{COMPONENT_FACTS, Component, FLOW_FACTS, Flow, ThreatModel, between, text, texts, word};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> ThreatModel {
    let mut zones: BTreeMap<String, String> = BTreeMap::new();
    for boundary in root.get("trust_boundaries").entries() {
        for inside in texts(boundary.node.get("technical_assets_inside")) {
            zones.entry(inside).or_insert_with(|| boundary.key.clone());
        }
    }
    // Data assets are called by their ids, people know them by their names.
    let data: BTreeMap<String, String> = root
        .get("data_assets")
        .entries()
        .iter()
        .map(|entry| (text(entry.node.get("id")), entry.key.clone()))
        .collect();
    let mut model =
        ThreatModel { tool: "threagile", title: text(root.get("title")), ..ThreatModel::default() };
    for entry in root.get("technical_assets").entries() {
        let reference = text(entry.node.get("id"));
        let zone = zones.get(&reference).cloned().unwrap_or_default();
        let mut facts = tagged(entry.node.get("tags"), &COMPONENT_FACTS);
        if entry.node.get("internet").is_true() {
            facts.entry("exposure".to_owned()).or_insert_with(|| "internet".to_owned());
        }
        let technology = word(entry.node.get("technology"));
        let kind = word(entry.node.get("type"));
        model.flows.extend(entry.node.get("communication_links").entries().iter().map(|link| {
            let target = text(link.node.get("target"));
            let entered = zones.get(&target).map_or("", String::as_str);
            self::link(&link.node, (&reference, &target), between(&zone, entered), &data, link.line)
        }));
        model.components.push(Component {
            // The technology says more than the type, unless it says that nothing is known or the thing is somebody else's.
            word: match technology.as_str() {
                "" | "unknown_technology" => kind,
                _ if kind == "external_entity" => kind,
                _ => technology,
            },
            reference,
            name: entry.key.clone(),
            zone,
            facts,
            line: entry.line,
        });
    }
    model
}

fn link(
    node: &Node,
    (from, to): (&str, &str),
    crossed: &str,
    data: &BTreeMap<String, String>,
    line: u32,
) -> Flow {
    let mut facts = tagged(node.get("tags"), &FLOW_FACTS);
    for key in ["protocol", "authentication"] {
        let value = text(node.get(key));
        if !value.is_empty() && value != "unknown-protocol" {
            facts.entry(key.to_owned()).or_insert(value);
        }
    }
    // The format has no word for what nobody has said; a tag has.
    if facts.get("authentication").is_some_and(|said| said == "not-declared") {
        facts.remove("authentication");
    }
    // What a tag leaves open the words of the format say; `none` of both says nothing about whom it acts for.
    let identity = match text(node.get("authorization")).as_str() {
        "technical-user" => "service",
        "enduser-identity-propagation" => "delegated",
        _ => "",
    };
    if !identity.is_empty() {
        facts.entry("identity".to_owned()).or_insert_with(|| identity.to_owned());
    }
    if !texts(node.get("data_assets_received")).is_empty() {
        let both = !texts(node.get("data_assets_sent")).is_empty();
        let direction = if both { "both" } else { "backward" };
        facts.entry("data_direction".to_owned()).or_insert_with(|| direction.to_owned());
    }
    let boundary = match tagged(node.get("tags"), &["boundary"]).remove("boundary") {
        Some(none) if none == "none" => String::new(),
        Some(named) => named,
        None => crossed.to_owned(),
    };
    let mut classes: Vec<String> = Vec::new();
    for id in ["data_assets_sent", "data_assets_received"].iter().flat_map(|key| texts(node.get(key))) {
        let class = data.get(&id).cloned().unwrap_or(id);
        if !classes.contains(&class) {
            classes.push(class);
        }
    }
    Flow { from: from.to_owned(), to: to.to_owned(), data: classes, boundary, facts, line }
}

/// Facts written as tags, `exposure:internet`.
fn tagged(tags: &Node, keys: &[&str]) -> BTreeMap<String, String> {
    texts(tags)
        .iter()
        .filter_map(|tag| tag.split_once(':'))
        .filter(|(key, value)| keys.contains(key) && !value.trim().is_empty())
        .map(|(key, value)| (key.to_owned(), value.trim().to_owned()))
        .collect()
}
