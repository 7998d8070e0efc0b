//! Apache MXNet: symbol graphs in JSON and `.params` files of arrays.
//!
//! Sources: `src/nnvm/legacy_json_util.cc`, `3rdparty/tvm/nnvm/src/pass/saveload_json.cc` and `src/ndarray/ndarray.cc`
//! (`NDArray::Save`) of MXNet 1.9.

mod arrays;
#[cfg(test)]
mod tests;

use crate::search::holds;
use crate::yaml::Node;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};

/// How MXNet's files are found and read.
pub const FORMAT: Format = Format { name: "mxnet", extensions: &["params"], recognise, parse };

/// A graph, or the arrays of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mxnet {
    /// Operators, in stored order, those of subgraphs among them.
    pub operators: Vec<Operator>,
    /// Names of arrays.
    pub arrays: Vec<String>,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its type.
    pub kind: String,
    /// Name of the node.
    pub name: String,
    /// Attributes.
    pub attributes: Vec<(String, String)>,
}

/// First word of a list of arrays.
const LIST: u64 = 0x112;

fn is_graph(input: &Input<'_>) -> bool {
    let head = input.head(4096);
    let tail = &input.bytes[input.bytes.len().saturating_sub(64 << 10)..];
    let has = |bytes: &[u8], word: &[u8]| holds(bytes, word);
    head.trim_ascii_start().first() == Some(&b'{')
        && has(head, b"\"nodes\"")
        && has(head, b"\"op\"")
        && (has(tail, b"\"arg_nodes\"") || has(head, b"\"arg_nodes\""))
}

fn recognise(input: &Input<'_>) -> Recognised {
    // The second word is reserved and 0.
    if input.bytes.len() >= 24 && input.bytes[..8] == LIST.to_le_bytes() && input.bytes[8..16] == [0; 8] {
        Recognised::ByMagic
    } else if is_graph(input) {
        Recognised::ByShape
    } else {
        Recognised::No
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    if input.bytes.first() == Some(&0x12) {
        let (facts, defects, members) = arrays::read(input);
        return Parsed { format: FORMAT.name, facts: Facts::Mxnet(facts), defects, members };
    }
    let text = String::from_utf8_lossy(input.head(input.budget.limits.text_bytes));
    let (root, broken) = json::read_text(&text, &input.budget.limits);
    let mut facts = Mxnet::default();
    let mut defects: Vec<Defect> = broken.into_iter().filter(Defect::is_limit).collect();
    graph(&root, 0, &mut facts, &mut defects);
    Parsed { format: FORMAT.name, facts: Facts::Mxnet(facts), defects, members: Vec::new() }
}

/// Reads a graph and the graphs of its control flow; a node that points to none that exists is a defect.
fn graph(root: &Node, depth: u32, facts: &mut Mxnet, defects: &mut Vec<Defect>) {
    if depth > 16 {
        return;
    }
    let nodes = root.get("nodes").items();
    let exists = |node: &Node| {
        let index = node.items().first().unwrap_or(node).integer();
        index.is_none_or(|index| usize::try_from(index).is_ok_and(|index| index < nodes.len()))
    };
    let mut wrong = |node: &Node, what: &str| {
        if defects.len() < 16 {
            let detail = format!("line {}: {what} refers to a node that is not there", node.line);
            defects.push(Defect::whole("mxnet-reference", detail));
        }
    };
    for node in nodes {
        for input in node.get("inputs").items().iter().filter(|input| !exists(input)) {
            wrong(input, "an input");
        }
    }
    for list in ["arg_nodes", "heads"] {
        for item in root.get(list).items().iter().filter(|item| !exists(item)) {
            wrong(item, list);
        }
    }
    for node in nodes {
        // The attributes were called otherwise in older versions.
        let mut attributes = Vec::new();
        for key in ["attrs", "attr", "param"] {
            for entry in node.get(key).entries().iter().take(256) {
                attributes.push((entry.key.clone(), entry.node.text_or_empty().chars().take(4096).collect()));
            }
        }
        let text = |key: &str| node.get(key).text_or_empty().to_owned();
        facts.operators.push(Operator { kind: text("op"), name: text("name"), attributes });
        for inner in node.get("subgraphs").items() {
            graph(inner, depth + 1, facts, defects);
        }
    }
}
