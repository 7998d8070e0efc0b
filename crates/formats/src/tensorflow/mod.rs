//! TensorFlow graphs: SavedModels, meta graphs, frozen graphs in protobuf or text, TensorFlow.js, checkpoints.
//!
//! Source: `tensorflow/core/protobuf/{saved_model,meta_graph,saved_object_graph}.proto`,
//! `tensorflow/core/framework/{graph,node_def,attr_value,tensor,function}.proto` of TensorFlow 2.20 and
//! `keras/protobuf/saved_metadata.proto`.

pub mod checkpoint;
mod facts;
mod parse;
mod schema;
pub mod tfjs;

use std::ops::Range;

use crate::protobuf::{Fields, text};
use crate::search::holds;
use crate::{Facts, Format, Input, Member, Parsed, Recognised};

pub use facts::{Asset, Constant, Graph, Kind, Node, TensorFlow};
use parse::Reader;

/// How TensorFlow graphs are found and read.
pub const FORMAT: Format =
    Format { name: "tensorflow", extensions: &["meta", "pb", "pbtxt"], recognise, parse };

fn recognise(input: &Input<'_>) -> Recognised {
    match kind(input) {
        Some(_) => Recognised::ByShape,
        None if input.file_name().ends_with("saved_model.pb") && !input.bytes.is_empty() => {
            Recognised::ByName
        }
        None => Recognised::No,
    }
}

/// What the file is, by the shape of its first fields.
fn kind(input: &Input<'_>) -> Option<(Kind, bool)> {
    let bytes = input.bytes;
    if !matches!(bytes.first(), Some(0x08 | 0x0a | 0x12 | 0x22)) {
        return is_text(input).map(|kind| (kind, true));
    }
    let whole = 0..bytes.len();
    let mut fields = Fields::new(bytes, whole.clone());
    let first = fields.next()?.ok();
    let binary = match first {
        Some(field) if field.number == 1 && field.varint().is_some_and(|version| version < 4) => {
            let meta_graph = fields.next()?.ok().filter(|field| field.number == 2)?.bytes()?;
            is_meta_graph(bytes, meta_graph).then_some(Kind::SavedModel)
        }
        Some(field) if field.number == 1 => {
            let range = field.bytes()?;
            if is_node(bytes, range.clone()) {
                Some(Kind::Graph)
            } else if is_keras_metadata(bytes, range) {
                Some(Kind::KerasMetadata)
            } else {
                is_meta_graph(bytes, whole).then_some(Kind::MetaGraph)
            }
        }
        // A graph that begins with its functions or versions, a SavedModel without a version.
        Some(field) if field.number == 2 => {
            let range = field.bytes()?;
            let library = field_of(bytes, &range, 1).is_some_and(|function| {
                field_of(bytes, &function, 1)
                    .is_some_and(|signature| field_of(bytes, &signature, 1).is_some())
                    && field_of(bytes, &function, 3).is_some_and(|node| is_node(bytes, node))
            });
            if library {
                Some(Kind::Graph)
            } else if is_meta_graph(bytes, range.clone()) {
                Some(Kind::SavedModel)
            } else {
                field_of(bytes, &range, 1).is_some_and(|node| is_node(bytes, node)).then_some(Kind::MetaGraph)
            }
        }
        Some(field) if field.number == 4 => {
            field_of(bytes, &whole, 1).is_some_and(|node| is_node(bytes, node)).then_some(Kind::Graph)
        }
        _ => None,
    };
    binary.map(|kind| (kind, false)).or_else(|| is_text(input).map(|kind| (kind, true)))
}

/// The first field with this number, if it is bytes; only the first fields are looked at.
fn field_of(bytes: &[u8], range: &Range<usize>, number: u32) -> Option<Range<usize>> {
    let fields = Fields::new(bytes, range.clone()).take(64);
    fields.map_while(Result::ok).find(|field| field.number == number)?.bytes()
}

fn text_of<'a>(bytes: &'a [u8], range: &Range<usize>, number: u32) -> Option<&'a str> {
    std::str::from_utf8(bytes.get(field_of(bytes, range, number)?)?).ok()
}

/// A node has a name and an operator, both of plain characters.
fn is_node(bytes: &[u8], range: Range<usize>) -> bool {
    let plain = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || more.contains(char))
    };
    let known =
        Fields::new(bytes, range.clone()).take(64).all(|field| field.is_ok_and(|field| field.number <= 7));
    known
        && text_of(bytes, &range, 1).is_some_and(|name| plain(name, "_./>-\\"))
        && text_of(bytes, &range, 2).is_some_and(|op| {
            plain(op, "_>.") && op.starts_with(|char: char| char.is_ascii_uppercase() || char == '_')
        })
}

fn is_meta_graph(bytes: &[u8], range: Range<usize>) -> bool {
    let graph = field_of(bytes, &range, 2);
    let nodes = graph.is_some_and(|graph| {
        let starts = Fields::new(bytes, graph).next();
        starts.is_some_and(|field| {
            field.is_ok_and(|field| {
                field.number != 1 || field.bytes().is_some_and(|node| is_node(bytes, node))
            })
        })
    });
    let info = field_of(bytes, &range, 1).is_some_and(|info| {
        text_of(bytes, &info, 5)
            .is_some_and(|version| version.starts_with(|char: char| char.is_ascii_digit()))
            || field_of(bytes, &info, 2).is_some() && text_of(bytes, &info, 4).is_some()
    });
    nodes || info
}

fn is_keras_metadata(bytes: &[u8], range: Range<usize>) -> bool {
    text_of(bytes, &range, 4).is_some_and(|identifier| identifier.starts_with("_tf_keras"))
        || text_of(bytes, &range, 5).is_some_and(|metadata| metadata.trim_start().starts_with('{'))
}

/// Bytes in which the words of a graph in text are looked for.
const HEAD: usize = 1 << 14;

fn is_text(input: &Input<'_>) -> Option<Kind> {
    let head = input.head(HEAD);
    if head.contains(&0) || input.bytes.len() > input.budget.limits.text_bytes {
        return None;
    }
    let has = |word: &str| holds(head, word.as_bytes());
    let begins = |word: &str| {
        head.split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii_start)
            .find(|line| !line.is_empty() && !line.starts_with(b"#"))
            .is_some_and(|line| line.starts_with(word.as_bytes()))
    };
    let opens = |word: &str| {
        begins(&format!("{word} {{")) || begins(&format!("{word}{{")) || begins(&format!("{word}: {{"))
    };
    let nodes = has("op: \"") || has("op:\"") || has("node_def {");
    if (begins("saved_model_schema_version") || opens("meta_graphs")) && has("meta_graphs") {
        Some(Kind::SavedModel)
    } else if (opens("node") || opens("library") || opens("versions")) && nodes && !has("op_type:") {
        Some(Kind::Graph)
    } else if (opens("meta_info_def") || opens("graph_def")) && (has("graph_def") || has("stripped_op_list"))
    {
        Some(Kind::MetaGraph)
    } else {
        None
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (kind, in_text) = kind(input).unwrap_or((Kind::SavedModel, false));
    if in_text {
        let text = String::from_utf8_lossy(input.bytes);
        let root = match kind {
            Kind::SavedModel => schema::SAVED_MODEL,
            Kind::MetaGraph => schema::META_GRAPH,
            _ => schema::GRAPH,
        };
        let (wire, defects) = text::encode(&text, schema::MESSAGES, root, &input.budget.limits);
        let mut parsed = read(input, &wire, kind);
        parsed.defects.extend(defects);
        return parsed;
    }
    read(input, input.bytes, kind)
}

fn read(input: &Input<'_>, bytes: &[u8], kind: Kind) -> Parsed {
    let inner = Input { name: input.name, bytes, depth: input.depth, budget: input.budget };
    let mut reader = Reader::new(&inner, bytes, kind);
    let whole = 0..bytes.len();
    match kind {
        Kind::SavedModel => reader.saved_model(whole),
        Kind::MetaGraph => reader.meta_graph(whole),
        Kind::KerasMetadata => reader.keras_metadata(whole),
        Kind::Graph | Kind::Json => reader.graph_def(whole),
    }
    let Reader { facts, defects, metadata, .. } = reader;
    let mut members = Vec::new();
    for (name, range) in metadata {
        let Some(content) = bytes.get(range) else { continue };
        let member = inner.member(&name, content);
        if (crate::keras::FORMAT.recognise)(&member) > Recognised::No {
            let parsed = crate::parse(&member);
            members.push(Member { name: name.clone(), size: content.len() as u64, parsed });
        }
    }
    Parsed { format: FORMAT.name, facts: Facts::TensorFlow(facts), defects, members }
}
