//! TensorFlow.js models: `model.json` with a topology (of Keras, or a graph) and the list of weight files.
//!
//! Source: `tfjs-core/src/io/types.ts` of TensorFlow.js 4.22. The topology is a member of its own: a Keras
//! configuration or a TensorFlow graph, judged as such.

use super::facts::{Constant, Graph, Kind, Node as GraphNode, TensorFlow};
use crate::encoded::base64;
use crate::keras::Keras;
use crate::search::holds;
use crate::yaml::{self, Node};
use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised, json};

/// How models of TensorFlow.js are found and read.
pub const FORMAT: Format = Format { name: "tfjs", extensions: &["json"], recognise, parse };

/// A model of TensorFlow.js.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tfjs {
    /// `graph-model` or `layers-model`.
    pub format: String,
    /// Tool and version that made it.
    pub made_by: String,
    /// Weight files as stored: may be addresses or climb.
    pub paths: Vec<String>,
    /// Weights.
    pub weights: Vec<Weight>,
    /// Texts beside topology and weights, with their places.
    pub texts: Vec<(String, String)>,
}

/// A weight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weight {
    /// Name.
    pub name: String,
    /// Extents as written.
    pub shape: Vec<i64>,
    /// Element type, `float32`.
    pub dtype: String,
}

/// Elements of one weight beyond which no browser could hold it.
const MOST_ELEMENTS: u64 = 1 << 40;

fn recognise(input: &Input<'_>) -> Recognised {
    let bytes = input.bytes;
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Recognised::No;
    }
    let (head, tail) =
        (input.head(1 << 16), bytes.get(bytes.len().saturating_sub(1 << 14)..).unwrap_or_default());
    let has = |word: &str| [head, tail].iter().any(|part| holds(part, word.as_bytes()));
    if has("\"modelTopology\"") || has("\"weightsManifest\"") { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (text, mut defects) = yaml::text_of(input.bytes, &input.budget.limits);
    let (root, more) = json::read_text(&text, &input.budget.limits);
    defects.extend(more);
    if let Some(key) = pollutes(&root) {
        let detail = format!("the key `{key}` changes every object of the page that loads the model");
        defects.push(Defect::whole("tfjs-prototype", detail));
    }
    let mut facts = Tfjs {
        format: root.get("format").text_or_empty().to_owned(),
        made_by: root
            .get("generatedBy")
            .text()
            .or(root.get("convertedBy").text())
            .unwrap_or_default()
            .to_owned(),
        ..Tfjs::default()
    };
    for group in root.get("weightsManifest").items() {
        facts.paths.extend(group.get("paths").items().iter().filter_map(Node::text).map(str::to_owned));
        for weight in group.get("weights").items() {
            let shape: Vec<i64> = weight.get("shape").items().iter().filter_map(Node::integer).collect();
            let elements =
                shape.iter().fold(1_u64, |product, extent| product.saturating_mul(extent.unsigned_abs()));
            if (shape.iter().any(|extent| *extent < 0) || elements > MOST_ELEMENTS) && defects.len() < 16 {
                let detail =
                    format!("weight `{}` has the extents {shape:?}", weight.get("name").text_or_empty());
                defects.push(Defect::whole("tfjs-dimensions", detail));
            }
            facts.weights.push(Weight {
                name: weight.get("name").text_or_empty().to_owned(),
                shape,
                dtype: weight.get("dtype").text_or_empty().to_owned(),
            });
        }
    }
    for entry in
        root.entries().iter().filter(|entry| entry.key != "modelTopology" && entry.key != "weightsManifest")
    {
        entry.node.visit_scalars(|path, node| {
            let path = if path.is_empty() { entry.key.clone() } else { format!("{}.{path}", entry.key) };
            facts.texts.push((path, node.text_or_empty().to_owned()));
        });
    }
    let topology = root.get("modelTopology");
    let inner = if topology.get("node").is_list() || !topology.get("library").is_null() {
        Some(Facts::TensorFlow(graph(topology)))
    } else if topology.is_map() {
        Some(Facts::Keras(Keras { root: topology.clone(), ..Keras::default() }))
    } else {
        None
    };
    let members = inner.map(|facts| {
        let format = if matches!(facts, Facts::Keras(_)) { "keras" } else { "tensorflow" };
        let parsed = Parsed { format, facts, defects: Vec::new(), members: Vec::new() };
        Member { name: "modelTopology".to_owned(), size: text.len() as u64, parsed }
    });
    Parsed { format: FORMAT.name, facts: Facts::Tfjs(facts), defects, members: members.into_iter().collect() }
}

/// A key that reaches the prototype of JavaScript's objects.
fn pollutes(node: &Node) -> Option<&'static str> {
    let entries = node.entries().iter().find_map(|entry| match entry.key.as_str() {
        "__proto__" => Some("__proto__"),
        "prototype" if entry.node.is_map() => Some("prototype"),
        _ => pollutes(&entry.node),
    });
    entries.or_else(|| node.items().iter().find_map(pollutes))
}

/// A `GraphDef` as protobuf's JSON has it: bytes in Base64, 64-bit numbers as texts.
fn graph(topology: &Node) -> TensorFlow {
    let mut facts = TensorFlow { kind: Kind::Json, ..TensorFlow::default() };
    facts
        .graphs
        .push(Graph { nodes: topology.get("node").items().iter().map(node).collect(), ..Graph::default() });
    for function in topology.at("library.function").items() {
        let name = function.at("signature.name").text_or_empty().to_owned();
        facts.functions.insert(name.clone());
        let returns =
            function.get("ret").entries().iter().filter_map(|entry| entry.node.text()).map(str::to_owned);
        let nodes = function.get("nodeDef").items().iter().map(node).collect();
        let takes = function
            .at("signature.inputArg")
            .items()
            .iter()
            .map(|one| one.get("name").text_or_empty().to_owned());
        facts.graphs.push(Graph { name, nodes, takes: takes.collect(), returns: returns.collect() });
    }
    facts
}

fn bytes_of(node: &Node) -> Option<String> {
    let text = node.text()?;
    let decoded = base64(text.as_bytes()).filter(|bytes| !bytes.is_empty());
    Some(decoded.map_or_else(|| text.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn whole(node: &Node) -> Option<i64> {
    node.text()?.parse().ok()
}

fn node(from: &Node) -> GraphNode {
    let mut node = GraphNode {
        name: from.get("name").text_or_empty().to_owned(),
        op: from.get("op").text_or_empty().to_owned(),
        inputs: from.get("input").items().iter().filter_map(Node::text).map(str::to_owned).collect(),
        ..GraphNode::default()
    };
    for attribute in from.get("attr").entries() {
        let value = &attribute.node;
        let texts: Vec<String> = std::iter::once(value.get("s"))
            .chain(value.at("list.s").items())
            .filter_map(bytes_of)
            .filter(|text| !text.is_empty())
            .take(64)
            .collect();
        if !texts.is_empty() {
            node.texts.push((attribute.key.clone(), texts));
        }
        if let Some(name) = value.at("func.name").text() {
            node.functions.push((attribute.key.clone(), name.to_owned()));
        }
        let tensor = value.get("tensor");
        if tensor.is_map() {
            node.constant = Some(Constant {
                shape: tensor
                    .at("tensorShape.dim")
                    .items()
                    .iter()
                    .map(|dim| whole(dim.get("size")).unwrap_or(0))
                    .collect(),
                texts: tensor.get("stringVal").items().iter().filter_map(bytes_of).take(64).collect(),
                integers: tensor.get("intVal").items().iter().filter_map(whole).take(64).collect(),
                dtype: match tensor.get("dtype").text_or_empty() {
                    "DT_STRING" => 7,
                    "DT_INT32" => 3,
                    _ => 1,
                },
                stored: 0,
            });
        }
    }
    node
}
