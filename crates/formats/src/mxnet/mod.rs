//! MXNet models: the graph in JSON and the list of arrays beside it.
//!
//! Source: `src/nnvm/legacy_json_util.cc` and `src/ndarray/ndarray.cc` of Apache MXNet 1.9.

use crate::yaml::{self, Node};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};

/// How MXNet models are found and read.
pub const FORMAT: Format = Format { name: "mxnet", extensions: &["json", "params"], recognise, parse };

/// An MXNet graph, or a list of arrays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mxnet {
    /// Operators with their names and attributes.
    pub nodes: Vec<Operator>,
    /// Arrays, for a file of parameters.
    pub arrays: u64,
}

/// A node of the graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operator {
    /// Operator, `null` for an input.
    pub op: String,
    /// Name.
    pub name: String,
    /// Attributes as written.
    pub attributes: Vec<(String, String)>,
}

/// First number of a list of arrays.
const LIST: [u8; 8] = 0x112_u64.to_le_bytes();

fn recognise(input: &Input<'_>) -> Recognised {
    let bytes = input.bytes;
    if bytes.starts_with(&LIST) && bytes.get(8..16) == Some(&[0; 8]) {
        return Recognised::ByMagic;
    }
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Recognised::No;
    }
    let (head, tail) =
        (input.head(1 << 14), bytes.get(bytes.len().saturating_sub(1 << 16)..).unwrap_or_default());
    let has = |part: &[u8], word: &str| part.windows(word.len()).any(|window| window == word.as_bytes());
    let yes = has(head, "\"nodes\"")
        && has(head, "\"op\"")
        && (has(tail, "\"arg_nodes\"") || has(tail, "\"heads\""));
    if yes { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut facts = Mxnet::default();
    let mut defects = Vec::new();
    if input.bytes.starts_with(&LIST) {
        arrays(input.bytes, &mut facts, &mut defects);
    } else {
        let (text, more) = yaml::text_of(input.bytes, &input.budget.limits);
        defects.extend(more);
        let (root, more) = json::read_text(&text, &input.budget.limits);
        defects.extend(more);
        graph(&root, &mut facts, &mut defects);
    }
    Parsed { format: FORMAT.name, facts: Facts::Mxnet(facts), defects, members: Vec::new() }
}

fn graph(root: &Node, facts: &mut Mxnet, defects: &mut Vec<Defect>) {
    let nodes = root.get("nodes").items();
    let mut index = |what: &str, at: &Node| {
        let wrong = at.integer().is_some_and(|at| usize::try_from(at).map_or(true, |at| at >= nodes.len()));
        if wrong && defects.len() < 16 {
            let detail = format!("{what} leads to node {} of {}", at.text_or_empty(), nodes.len());
            defects.push(Defect::whole("mxnet-index", detail));
        }
    };
    for node in nodes {
        for input in node.get("inputs").items() {
            index("an input", input.items().first().unwrap_or(input));
        }
        let attributes = ["attrs", "attr", "param"].into_iter().flat_map(|key| node.get(key).entries());
        facts.nodes.push(Operator {
            op: node.get("op").text_or_empty().to_owned(),
            name: node.get("name").text_or_empty().to_owned(),
            attributes: attributes
                .map(|entry| (entry.key.clone(), entry.node.text_or_empty().to_owned()))
                .collect(),
        });
    }
    for list in ["arg_nodes", "heads"] {
        for item in root.get(list).items() {
            index(list, item.items().first().unwrap_or(item));
        }
    }
}

/// Magic numbers of one array: versions 2 and 3.
const ARRAYS: [u32; 2] = [0xf993_fac9, 0xf993_faca];

fn arrays(bytes: &[u8], facts: &mut Mxnet, defects: &mut Vec<Defect>) {
    let number = |at: usize, width: usize| {
        let raw = bytes.get(at..at.checked_add(width)?)?;
        Some(raw.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)))
    };
    facts.arrays = number(16, 8).unwrap_or_default();
    // The smallest array takes more bytes than this.
    if facts.arrays > bytes.len() as u64 / 8 {
        let detail = format!("{} arrays in {} bytes", facts.arrays, bytes.len());
        return defects.push(Defect::at("mxnet-arrays", 16, detail));
    }
    let mut at = 24;
    for index in 0..facts.arrays {
        let broken =
            |detail: String| Defect::at("mxnet-array", at as u64, format!("array {index}: {detail}"));
        let Some(magic) = number(at, 4) else { return defects.push(broken("past the end".to_owned())) };
        // Older layouts have no magic; sparse arrays are rare.
        if !ARRAYS.contains(&(magic as u32)) || number(at + 4, 4) != Some(0) {
            return;
        }
        let Some(rank) = number(at + 8, 4) else { return defects.push(broken("past the end".to_owned())) };
        if rank > 32 {
            return defects.push(broken(format!("{rank} dimensions")));
        }
        let shape: Option<Vec<u64>> = (0..rank as usize).map(|axis| number(at + 12 + 8 * axis, 8)).collect();
        let Some(shape) = shape else { return defects.push(broken("past the end".to_owned())) };
        at += 12 + 8 * rank as usize;
        if rank == 0 {
            continue;
        }
        let Some(kind) = number(at + 8, 4) else { return };
        let width = match kind {
            0 | 4 => 4,
            1 | 6 => 8,
            2 | 8 => 2,
            3 | 5 | 7 => 1,
            _ => return,
        };
        let size = shape.iter().try_fold(width, |product: u64, extent| product.checked_mul(*extent));
        let end =
            size.and_then(|size| usize::try_from(size).ok()).and_then(|size| (at + 12).checked_add(size));
        match end.filter(|end| *end <= bytes.len()) {
            Some(end) => at = end,
            None => {
                let detail = format!("of {shape:?} is past the end of the file");
                return defects.push(Defect::at("mxnet-array", at as u64, format!("array {index} {detail}")));
            }
        }
    }
}
