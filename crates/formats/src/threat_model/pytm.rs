//! OWASP pytm, what `--json` writes and what `pytm.json.load` reads. <https://github.com/OWASP/pytm>

use std::collections::BTreeMap;

use super::{COMPONENT_FACTS, Component, FLOW_FACTS, Flow, ThreatModel, between, facts, text, texts, word};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> ThreatModel {
    let elements = root.get("elements").items();
    let components: Vec<Component> = elements.iter().map(component).collect();
    let zones: BTreeMap<&str, &str> =
        components.iter().map(|one| (one.reference.as_str(), one.zone.as_str())).collect();
    // What an element listens with and asks for is a fact of the flows to it.
    let listens: BTreeMap<String, [(&str, String); 2]> = elements
        .iter()
        .map(|node| {
            let scheme = text(node.at("controls.authenticationScheme"));
            (text(node.get("name")), [("protocol", text(node.get("protocol"))), ("authentication", scheme)])
        })
        .collect();
    let flows = root
        .get("flows")
        .items()
        .iter()
        // An answer is the other half of a flow that is there already.
        .filter(|node| !node.get("isResponse").is_true())
        .map(|node| {
            let (from, to) = (text(node.get("source")), text(node.get("sink")));
            let mut facts = facts(node, &FLOW_FACTS);
            for (key, usual) in listens.get(&to).into_iter().flatten().filter(|(_, usual)| !usual.is_empty())
            {
                facts.entry((*key).to_owned()).or_insert_with(|| usual.clone());
            }
            let zone = |end: &str| zones.get(end).copied().unwrap_or_default();
            let boundary = match node.entry("boundary") {
                Some(stated) => text(&stated.node),
                None => between(zone(&from), zone(&to)).to_owned(),
            };
            Flow { data: texts(node.get("data")), from, to, boundary, facts, line: node.line }
        })
        .collect();
    ThreatModel { tool: "pytm", title: text(root.get("name")), components, flows }
}

fn component(node: &Node) -> Component {
    let name = text(node.get("name"));
    let mut facts = facts(node, &COMPONENT_FACTS);
    let scheme = text(node.at("controls.authenticationScheme"));
    if !scheme.is_empty() {
        facts.entry("authentication".to_owned()).or_insert(scheme);
    }
    Component {
        reference: name.clone(),
        name,
        word: word(node.get("__class__")),
        zone: text(node.get("inBoundary")),
        facts,
        line: node.line,
    }
}
