//! The model of data flows as a Mermaid flowchart, which GitHub, GitLab and most wikis draw.
//!
//! <https://mermaid.js.org/syntax/flowchart.html>. Every sign of a name that could mean something is written as a number.

use crate::{
    exporter::{ExportError, Exporter},
    html::shown,
    threat_model::{Bounds, Component, Flow, Shape, ThreatModel},
    v1::Document,
};

/// The model as a picture in text.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "mermaid",
    extension: "mmd",
    media_type: "text/vnd.mermaid",
    summary: "assets, flows and trust zones as a Mermaid flowchart",
    write,
};

/// Mermaid refuses charts of more than 500 edges and 50,000 signs unless it is told otherwise.
const BOUNDS: Bounds = Bounds { components: 120, flows: 200 };

/// Fill of each layer; the layer's name stands in the box as well.
const FILLS: [(&str, &str); 8] = [
    ("L1", "#cfe8ff"),
    ("L2", "#d7f5d3"),
    ("L3", "#fff1c2"),
    ("L4", "#ffe0cc"),
    ("L5", "#e6dcff"),
    ("L6", "#ffd6e7"),
    ("L7", "#d6f5f2"),
    ("X", "#eeeeee"),
];

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let model = ThreatModel::of(document, EXPORTER.name, BOUNDS)?;
    let mut text = String::from("flowchart LR\n");
    for (at, zone) in model.zones.iter().enumerate() {
        text.push_str(&format!("  subgraph z{at}[\"{}\"]\n", label(&zone.name)));
        for (index, component) in model.components.iter().enumerate().filter(|(_, one)| one.zone == at) {
            text.push_str(&format!("    {}\n", node(index, component)));
        }
        text.push_str("  end\n");
    }
    for flow in &model.flows {
        text.push_str(&format!("  c{} -->|\"{}\"| c{}\n", flow.from, label(&edge(flow)), flow.to));
    }
    for link in &model.links {
        text.push_str(&format!("  c{} -.->|\"{}\"| c{}\n", link.from, link.kind, link.to));
    }
    for (at, one) in model.left_out.iter().enumerate() {
        text.push_str(&format!("  left{at}[\"left out: {}\"]\n", label(one)));
    }
    for (layer, fill) in FILLS {
        text.push_str(&format!("  classDef {layer} fill:{fill},stroke:#444,color:#111\n"));
    }
    Ok(text.into_bytes())
}

fn node(index: usize, component: &Component<'_>) -> String {
    let asset = component.asset;
    let mut words = format!("{}<br/>{} {}", label(&asset.name), label(&asset.component), label(&asset.layer));
    if let Some(worst) = component.threats.first() {
        words.push_str(&format!("<br/>{} threats, worst {}", component.threats.len(), label(&worst.kind)));
    }
    let (open, close) = match component.shape {
        Shape::Outside => ("([", "])"),
        Shape::Process => ("[", "]"),
        Shape::Store => ("[(", ")]"),
    };
    let class = FILLS.iter().find(|(layer, _)| *layer == asset.layer).map_or("X", |(layer, _)| layer);
    format!("c{index}{open}\"{words}\"{close}:::{class}")
}

/// What stands on an edge: what travels, how, and which boundary it crosses.
fn edge(flow: &Flow<'_>) -> String {
    let mut words = vec![flow.name()];
    words.extend(["protocol", "authentication"].map(|key| flow.fact(key).to_owned()));
    if !flow.fact("boundary").is_empty() {
        words.push(format!("crosses {}", flow.fact("boundary")));
    }
    words.retain(|word| !word.is_empty());
    words.join("; ")
}

/// Text in quotes: letters, digits and harmless signs as they are, the rest as `#code;`.
fn label(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for sign in shown(text).chars().take(160) {
        match sign {
            '\n' | '\t' => written.push(' '),
            ' ' | '.' | '_' | '-' | '/' | ':' | ',' | '@' | '+' => written.push(sign),
            sign if sign.is_alphanumeric() => written.push(sign),
            sign => written.push_str(&format!("#{};", u32::from(sign))),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_end_a_label() {
        assert_eq!(label("a\"]; click c0 <b>\n`x`"), "a#34;#93;#59; click c0 #60;b#62; #96;x#96;");
    }
}
