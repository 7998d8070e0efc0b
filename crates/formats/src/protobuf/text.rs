//! The text format of Protocol Buffers, turned into the wire format by a table of field numbers.
//!
//! What readers of the wire format know then holds for text, too. Fields that the table does not have are passed
//! over. <https://protobuf.dev/reference/protobuf/textformat-spec/>

use crate::yaml::Node;
use crate::{Defect, Limits, text_proto};

/// A field of a message: name, number, kind.
pub type Field = (&'static str, u32, Kind);

/// A schema: messages by index.
pub type Schema = &'static [&'static [Field]];

/// Kind of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An integer, truth value or name out of a list of names and numbers.
    Integer(&'static [(&'static str, u64)]),
    /// A 32-bit float.
    Float,
    /// A 64-bit float.
    Double,
    /// Text or bytes.
    Text,
    /// A nested message, by its index in the schema.
    Message(usize),
}

/// The wire format of a message in text; `root` is the index of its kind in the schema.
pub fn encode(text: &str, schema: Schema, root: usize, limits: &Limits) -> (Vec<u8>, Vec<Defect>) {
    let (tree, defects) = text_proto::read_text(text, limits);
    let mut out = Vec::new();
    if let Some(fields) = schema.get(root) {
        message(&tree, fields, schema, &mut out);
    }
    (out, defects)
}

fn message(node: &Node, fields: &[Field], schema: Schema, out: &mut Vec<u8>) {
    for entry in node.entries() {
        let Some((_, number, kind)) = fields.iter().find(|(name, ..)| *name == entry.key) else { continue };
        for value in entry.node.one_or_many() {
            field(value, *number, *kind, schema, out);
        }
    }
}

fn field(value: &Node, number: u32, kind: Kind, schema: Schema, out: &mut Vec<u8>) {
    let word = value.text_or_empty();
    match kind {
        Kind::Message(index) => {
            let mut content = Vec::new();
            if let Some(fields) = schema.get(index) {
                message(value, fields, schema, &mut content);
            }
            bytes(out, number, &content);
        }
        Kind::Text => bytes(out, number, word.as_bytes()),
        Kind::Integer(names) => {
            let named = names.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
            let value = named
                .or_else(|| word.parse::<i64>().ok().map(i64::cast_unsigned))
                .or_else(|| word.parse().ok())
                .unwrap_or(u64::from(word == "true"));
            varint(out, u64::from(number) << 3);
            varint(out, value);
        }
        Kind::Float => {
            varint(out, u64::from(number) << 3 | 5);
            out.extend(word.trim_end_matches('f').parse::<f32>().unwrap_or(0.0).to_le_bytes());
        }
        Kind::Double => {
            varint(out, u64::from(number) << 3 | 1);
            out.extend(word.parse::<f64>().unwrap_or(0.0).to_le_bytes());
        }
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn bytes(out: &mut Vec<u8>, number: u32, content: &[u8]) {
    varint(out, u64::from(number) << 3 | 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: Schema = &[
        &[("name", 1, Kind::Text), ("inner", 2, Kind::Message(1)), ("kind", 3, Kind::Integer(&[("BIG", 7)]))],
        &[("values", 1, Kind::Integer(&[])), ("rate", 2, Kind::Float)],
    ];

    #[test]
    fn text_becomes_the_wire_format() {
        let text = "# note\nname: \"a\\x41\\101\" 'b'\nother { x: [1, 2] }\nkind: BIG\ninner { values: [1, 300] rate: 1.5 }";
        let (out, defects) = encode(text, SCHEMA, 0, &Limits::default());
        assert_eq!(defects, []);
        let inner = [8, 1, 8, 0xac, 2, 0x15, 0, 0, 0xc0, 0x3f];
        assert_eq!(out, [&[10, 4][..], b"aAAb", &[24, 7, 18, 10], &inner].concat());
    }
}
