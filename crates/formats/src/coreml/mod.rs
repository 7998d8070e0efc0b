//! Core ML models: the `.mlmodel` message and the manifest of an `.mlpackage`.
//!
//! Source: the `.proto` files of coremltools 9 (`mlmodel/format`).

mod message;
#[cfg(test)]
mod tests;

use crate::protobuf::Fields;
use crate::search::holds;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};

/// How Core ML models are found and read.
pub const FORMAT: Format = Format { name: "coreml", extensions: &["mlmodel"], recognise, parse };

/// A Core ML model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coreml {
    /// Version of the specification.
    pub version: u64,
    /// Classes of the application that the model calls.
    pub custom: Vec<Custom>,
    /// Files that the model refers to: weights, linked models, items of a package.
    pub files: Vec<String>,
    /// Texts of the metadata and parameters: what they are called and what they say.
    pub texts: Vec<(String, String)>,
    /// Types of operations of an ML program, each once.
    pub operations: Vec<String>,
}

/// A class of the application that loads the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Custom {
    /// `layer` or `model`.
    pub kind: &'static str,
    /// Class.
    pub class: String,
    /// Offset of its message.
    pub offset: u64,
}

/// Field numbers of the kinds of model.
const KINDS: &[u32] = &[
    200, 201, 202, 300, 301, 302, 303, 304, 400, 401, 402, 403, 404, 500, 501, 502, 555, 556, 560, 600, 601,
    602, 603, 604, 606, 607, 609, 610, 900, 2000, 2001, 2002, 2003, 2004, 2005, 2006, 3000,
];

fn manifest(input: &Input<'_>) -> bool {
    let head = input.head(4096);
    input.file_name() == "Manifest.json"
        && [&b"\"fileFormatVersion\""[..], b"\"itemInfoEntries\""].iter().all(|word| holds(head, word))
}

fn recognise(input: &Input<'_>) -> Recognised {
    if manifest(input) {
        return Recognised::ByShape;
    }
    // Version, then description, then one of the kinds of model; other order only under its own name.
    let [8, version @ 1..=31, rest @ ..] = input.bytes else { return Recognised::No };
    if *version == 0
        || !matches!(rest.first(), Some(0x12 | 0x50)) && rest.first().is_none_or(|tag| tag & 7 != 2)
    {
        return Recognised::No;
    }
    let own_name = input.extension() == "mlmodel";
    let mut kinds = false;
    for field in Fields::new(input.bytes, 0..input.bytes.len()).take(6) {
        let Ok(field) = field else { return if own_name { Recognised::ByShape } else { Recognised::No } };
        match field.number {
            1 if field.varint().is_some() => {}
            2 if field.bytes().is_some() => {}
            10 if field.varint().is_some() => {}
            number if KINDS.contains(&number) => kinds = true,
            _ => return Recognised::No,
        }
    }
    if kinds || own_name { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    if manifest(input) {
        let mut facts = Coreml::default();
        let text = String::from_utf8_lossy(input.head(1 << 20));
        let (root, defects) = json::read_text(&text, &input.budget.limits);
        for item in root.get("itemInfoEntries").entries() {
            facts.files.push(item.node.get("path").text_or_empty().to_owned());
        }
        let defects = defects.into_iter().filter(Defect::is_limit).collect();
        return Parsed { format: FORMAT.name, facts: Facts::Coreml(facts), defects, members: Vec::new() };
    }
    let (facts, defects, members) = message::read(input);
    Parsed { format: FORMAT.name, facts: Facts::Coreml(facts), defects, members }
}
