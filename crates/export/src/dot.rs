//! The model of data flows as a graph for Graphviz.
//!
//! <https://graphviz.org/doc/info/lang.html>: in a quoted text only the quote and the backslash mean anything.

use crate::{
    exporter::{ExportError, Exporter},
    html::shown,
    threat_model::{Bounds, Component, Flow, Shape, ThreatModel},
    v1::Document,
};

/// The model as a graph.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "dot",
    extension: "dot",
    media_type: "text/vnd.graphviz",
    summary: "assets, flows and trust zones as a Graphviz graph",
    write,
};

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let bounds = Bounds { components: 2_000, flows: 5_000 };
    let model = ThreatModel::of(document, EXPORTER.name, bounds)?;
    let mut text = format!(
        "digraph threat_model {{\n  graph [label={}, rankdir=LR, compound=true];\n",
        quoted(&format!("{}: {}", ThreatModel::title(document), model.description(document)))
    );
    text.push_str("  node [fontname=\"Helvetica\"];\n  edge [fontname=\"Helvetica\", fontsize=10];\n");
    for (at, zone) in model.zones.iter().enumerate() {
        text.push_str(&format!(
            "  subgraph cluster_{at} {{\n    label={};\n    style=dashed;\n",
            quoted(&zone.name)
        ));
        for (index, component) in model.components.iter().enumerate().filter(|(_, one)| one.zone == at) {
            text.push_str(&format!("    {}\n", node(index, component)));
        }
        text.push_str("  }\n");
    }
    for flow in &model.flows {
        let bold = if flow.fact("boundary").is_empty() { "" } else { ", style=bold" };
        text.push_str(&format!("  c{} -> c{} [label={}{bold}];\n", flow.from, flow.to, quoted(&edge(flow))));
    }
    for link in &model.links {
        text.push_str(&format!(
            "  c{} -> c{} [label={}, style=dotted, constraint=false];\n",
            link.from,
            link.to,
            quoted(link.kind.as_str())
        ));
    }
    text.push_str("}\n");
    Ok(text.into_bytes())
}

fn node(index: usize, component: &Component<'_>) -> String {
    let asset = component.asset;
    let shape = match component.shape {
        Shape::Outside => "box",
        Shape::Process => "ellipse",
        Shape::Store => "cylinder",
    };
    let threats: Vec<&str> = component.threats.iter().take(8).map(|threat| threat.kind.as_str()).collect();
    let words = format!("{}\n{} {}\n{}", asset.name, asset.component, asset.layer, threats.join(" "));
    format!("c{index} [shape={shape}, label={}];", quoted(words.trim_end()))
}

fn edge(flow: &Flow<'_>) -> String {
    let mut words = vec![flow.name()];
    words.extend(["protocol", "authentication", "boundary"].map(|key| flow.fact(key).to_owned()));
    words.retain(|word| !word.is_empty());
    words.join("\n")
}

fn quoted(text: &str) -> String {
    let text = shown(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', " ");
    format!("\"{text}\"")
}
