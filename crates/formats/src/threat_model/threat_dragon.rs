//! OWASP Threat Dragon, formats 1 and 2. <https://www.threatdragon.com/docs/>
//!
//! Trust boundaries are drawn there, so a component is in the smallest box that it stands in; of a curve nothing can be told but
//! that it is there, so flows over one are known to cross a boundary only where they say that they use a public network.

use super::{COMPONENT_FACTS, Component, FLOW_FACTS, Flow, ThreatModel, between, facts, text, word};
use crate::yaml::Node;

/// A box on the canvas.
struct Area {
    name: String,
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

pub(super) fn read(root: &Node) -> ThreatModel {
    let mut model = ThreatModel {
        tool: "threat-dragon",
        title: text(root.at("summary.title")),
        ..ThreatModel::default()
    };
    for diagram in root.at("detail.diagrams").items() {
        // Format 1 keeps the cells one level deeper.
        let old = diagram.at("diagramJson.cells");
        let cells = if old.is_list() { old } else { diagram.get("cells") };
        let areas: Vec<Area> = cells.items().iter().filter_map(area).collect();
        let first = model.components.len();
        model.components.extend(cells.items().iter().filter_map(|cell| component(cell, &areas)));
        let here = model.components.get(first..).unwrap_or_default();
        let flows: Vec<Flow> = cells.items().iter().filter_map(|cell| flow(cell, here)).collect();
        model.flows.extend(flows);
    }
    model
}

/// The data of a cell: in format 1 the cell itself.
fn data(cell: &Node) -> &Node {
    if cell.get("data").is_map() { cell.get("data") } else { cell }
}

fn name(cell: &Node) -> String {
    let named = text(data(cell).get("name"));
    if named.is_empty() { text(cell.at("attrs.text.text")) } else { named }
}

fn area(cell: &Node) -> Option<Area> {
    let is_box = cell.get("shape").text() == Some("trust-boundary-box")
        || data(cell).get("type").text() == Some("tm.BoundaryBox");
    let number = |path: &str| cell.at(path).number();
    is_box.then(|| {
        Some(Area {
            name: name(cell),
            left: number("position.x")?,
            top: number("position.y")?,
            width: number("size.width")?,
            height: number("size.height")?,
        })
    })?
}

fn component(cell: &Node, areas: &[Area]) -> Option<Component> {
    let data = data(cell);
    let kind = word(data.get("type"));
    if !matches!(kind.as_str(), "tm.process" | "tm.store" | "tm.actor") {
        return None;
    }
    let at = |path: &str| cell.at(path).number().unwrap_or_default();
    let (x, y) = (at("position.x") + at("size.width") / 2.0, at("position.y") + at("size.height") / 2.0);
    let zone = areas
        .iter()
        .filter(|area| {
            (area.left..area.left + area.width).contains(&x)
                && (area.top..area.top + area.height).contains(&y)
        })
        .min_by(|one, other| (one.width * one.height).total_cmp(&(other.width * other.height)));
    let is_web = data.get("isWebApplication").is_true();
    let is_log = data.get("isALog").is_true();
    Some(Component {
        reference: text(cell.get("id")),
        name: name(cell),
        word: match kind.as_str() {
            "tm.process" if is_web => "web_application".to_owned(),
            "tm.store" if is_log => "log_store".to_owned(),
            _ => kind,
        },
        zone: zone.map(|area| area.name.clone()).unwrap_or_default(),
        facts: facts(data.get("vauban"), &COMPONENT_FACTS),
        line: cell.line,
    })
}

fn flow(cell: &Node, components: &[Component]) -> Option<Flow> {
    let data = data(cell);
    if word(data.get("type")) != "tm.flow" {
        return None;
    }
    // Format 2 says `cell`, format 1 says `id`; an end that hangs in the air has neither.
    let end = |key: &str| {
        let end = cell.get(key);
        let end = text(if end.get("cell").is_null() { end.get("id") } else { end.get("cell") });
        components.iter().find(|one| one.reference == end)
    };
    let (from, to) = (end("source")?, end("target")?);
    let own = data.get("vauban");
    let mut facts = facts(own, &FLOW_FACTS);
    let protocol = text(data.get("protocol")).to_lowercase().replace("http/s", "https");
    match (protocol.as_str(), data.get("isEncrypted").truth()) {
        ("" | "http", Some(true)) => {
            let secured = if protocol.is_empty() { "encrypted" } else { "https" };
            facts.entry("protocol".to_owned()).or_insert_with(|| secured.to_owned());
        }
        ("", _) => {}
        _ => {
            facts.entry("protocol".to_owned()).or_insert(protocol);
        }
    }
    if data.get("isBidirectional").is_true() {
        facts.entry("data_direction".to_owned()).or_insert_with(|| "both".to_owned());
    }
    let boundary = match (own.is_map(), between(&from.zone, &to.zone)) {
        (true, _) => text(own.get("boundary")),
        (false, "") if data.get("isPublicNetwork").is_true() => "internet".to_owned(),
        (false, crossed) => crossed.to_owned(),
    };
    let classes = match text(own.get("data")) {
        stated if !stated.is_empty() => {
            stated.split(',').map(|class| class.trim().to_owned()).filter(|class| !class.is_empty()).collect()
        }
        _ if own.is_map() => Vec::new(),
        // What a flow is called is what travels on it.
        _ => {
            let label = cell.get("labels").items().first().map(|label| text(label.at("attrs.text.text")));
            let named = text(data.get("name"));
            let called = if named.is_empty() { label.unwrap_or_default() } else { named };
            Some(called).filter(|called| !called.is_empty()).into_iter().collect()
        }
    };
    Some(Flow {
        from: from.reference.clone(),
        to: to.reference.clone(),
        data: classes,
        boundary,
        facts,
        line: cell.line,
    })
}
