//! Threat models that other tools keep: Threagile, Open Threat Model, OWASP Threat Dragon, pytm, and the services of CycloneDX.
//! Read only when somebody names the file, and told apart by content.
//!
//! Whatever the tool, a model is components, flows between them and zones of trust; a boundary that a flow crosses is what the tool
//! says, or else the zone that the flow enters. Each file of this folder names its source.

mod cyclonedx;
mod otm;
mod pytm;
#[cfg(test)]
mod tests;
mod threagile;
mod threat_dragon;

use std::collections::BTreeMap;

use crate::yaml::{self, Node};
use crate::{Defect, Input, json};

/// Components that one model may have, and flows.
const MOST: usize = 20_000;

/// Signs of a text that are kept.
const TEXT: usize = 400;

/// Facts of a component that are taken over under their names where a model states them.
const COMPONENT_FACTS: [&str; 8] =
    ["authentication", "component", "exposure", "format", "layer", "product", "url", "version"];

/// Facts of a flow that are taken over under their names where a model states them.
const FLOW_FACTS: [&str; 9] = [
    "authentication",
    "data_direction",
    "human_gate",
    "identity",
    "instructions",
    "persistence",
    "protocol",
    "rate_limit",
    "tenancy",
];

/// A threat model, whoever keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ThreatModel {
    /// The tool that keeps it: `threagile`, `otm`, `threat-dragon`, `pytm`, `cyclonedx`.
    pub tool: &'static str,
    /// What it is about.
    pub title: String,
    /// Components, in the order written.
    pub components: Vec<Component>,
    /// Flows, in the order written.
    pub flows: Vec<Flow>,
}

/// Something in a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// What flows call it; unique in sound models.
    pub reference: String,
    /// Name for people.
    pub name: String,
    /// The tool's own word for what it is, in lower case with underscores: `datastore`, `web_service`, `tm.process`.
    pub word: String,
    /// Zone of trust that it is in; empty for none.
    pub zone: String,
    /// Facts under our names: `exposure`, `authentication`, `url`, `component` ...
    pub facts: BTreeMap<String, String>,
    /// One-based line; 0 where it is not known.
    pub line: u32,
}

/// Data or instructions between two components.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flow {
    /// Reference of the component that it comes from; empty for the world outside.
    pub from: String,
    /// Reference of the component that it goes to; empty for the world outside.
    pub to: String,
    /// Classes of data.
    pub data: Vec<String>,
    /// Trust boundary that it crosses; empty for none.
    pub boundary: String,
    /// Facts under our names: `protocol`, `authentication`, `identity` ...
    pub facts: BTreeMap<String, String>,
    /// One-based line; 0 where it is not known.
    pub line: u32,
}

/// Reads a threat model; of no tool that is known, it leaves the defect `threat-model-unknown`.
pub fn read(input: &Input<'_>) -> (ThreatModel, Vec<Defect>) {
    let limits = &input.budget.limits;
    let (text, mut defects) = yaml::text_of(input.bytes, limits);
    let root = if text.trim_start().starts_with('{') {
        let (root, found) = json::read_text(&text, limits);
        defects.extend(found);
        root
    } else {
        let mut read = yaml::read_text(&text, limits);
        defects.append(&mut read.defects);
        read.documents.into_iter().next().unwrap_or_default()
    };
    let is_there = |key: &str| !root.get(key).is_null();
    let mut model = match () {
        () if is_there("threagile_version") => threagile::read(&root),
        () if is_there("otmVersion") => otm::read(&root),
        () if root.get("bomFormat").text() == Some("CycloneDX") => cyclonedx::read(&root),
        () if root.at("detail.diagrams").is_list() => threat_dragon::read(&root),
        () if root.get("elements").is_list() && root.get("flows").is_list() => pytm::read(&root),
        () => {
            let detail =
                "is no threat model of Threagile, Open Threat Model, Threat Dragon, pytm or CycloneDX";
            defects.push(Defect::whole("threat-model-unknown", detail));
            ThreatModel::default()
        }
    };
    if model.components.len() > MOST || model.flows.len() > MOST {
        defects.push(Defect::whole("limit-records", format!("more than {MOST} components or flows")));
        model.components.truncate(MOST);
        model.flows.truncate(MOST);
    }
    (model, defects)
}

/// A text of a node without line ends, bounded; empty for none.
fn text(node: &Node) -> String {
    let text = node.text_or_empty().split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}

/// The texts of a list.
fn texts(node: &Node) -> Vec<String> {
    node.items().iter().map(text).filter(|text| !text.is_empty()).collect()
}

/// A tool's word as it is compared: lower case, with underscores.
fn word(node: &Node) -> String {
    text(node).to_lowercase().replace([' ', '-'], "_")
}

/// The facts among `keys` that a map states.
fn facts(node: &Node, keys: &[&str]) -> BTreeMap<String, String> {
    keys.iter()
        .map(|key| ((*key).to_owned(), text(node.get(key))))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// The boundary between two zones: the one that is entered, or else the one that is left.
fn between<'a>(from: &'a str, to: &'a str) -> &'a str {
    match (from, to) {
        (from, to) if from == to => "",
        (from, "") => from,
        (_, to) => to,
    }
}
