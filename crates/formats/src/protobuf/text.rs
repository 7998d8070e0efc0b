//! The text format of Protocol Buffers, turned into the wire format by a table of field numbers.
//!
//! What readers of the wire format know then holds for text, too. Fields that the table does not have are passed
//! over. <https://protobuf.dev/reference/protobuf/textformat-spec/>

use crate::{Defect, Limits};

/// A field of a message: name, number, kind.
pub type Field = (&'static str, u32, Kind);

/// A schema: messages by index, the first is the root.
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

/// Messages inside one another.
const DEPTH: usize = 100;

/// The wire format of a message in text.
pub fn encode(text: &str, schema: Schema, limits: &Limits) -> (Vec<u8>, Vec<Defect>) {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        schema,
        fields_left: limits.nodes,
        defects: Vec::new(),
    };
    let mut out = Vec::new();
    reader.message(schema.first().copied(), None, 0, &mut out);
    (out, reader.defects)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    schema: Schema,
    fields_left: usize,
    defects: Vec<Defect>,
}

impl<'a> Reader<'a> {
    fn wrong(&mut self, code: &'static str, detail: &str) -> Option<()> {
        if self.defects.is_empty() {
            self.defects.push(Defect::at(code, self.at as u64, detail));
        }
        self.at = self.bytes.len();
        None
    }

    fn blank(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'#' => {
                    while self.bytes.get(self.at).is_some_and(|byte| *byte != b'\n') {
                        self.at += 1;
                    }
                }
                b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' => self.at += 1,
                _ => return,
            }
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.blank();
        self.bytes.get(self.at).copied()
    }

    fn word(&mut self) -> &'a str {
        self.blank();
        let start = self.at;
        while self
            .bytes
            .get(self.at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.+-/".contains(byte))
        {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The fields up to `end`, or to the end of the text.
    fn message(
        &mut self,
        fields: Option<&'static [Field]>,
        end: Option<u8>,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        if depth > DEPTH {
            return self.wrong("limit-depth", "messages are nested deeper than is looked at");
        }
        loop {
            match (self.peek(), end) {
                (None, None) => return Some(()),
                (None, Some(_)) => return self.wrong("prototext-syntax", "the text ends inside a message"),
                (Some(byte), Some(end)) if byte == end => {
                    self.at += 1;
                    return Some(());
                }
                _ => {}
            }
            let Some(left) = self.fields_left.checked_sub(1) else {
                return self.wrong("limit-nodes", "more fields than are looked at in one file");
            };
            self.fields_left = left;
            let name = if self.peek() == Some(b'[') {
                while self.bytes.get(self.at).is_some_and(|byte| *byte != b']') {
                    self.at += 1;
                }
                self.at += 1;
                "extension"
            } else {
                self.word()
            };
            if name.is_empty() {
                return self.wrong("prototext-syntax", "a field has no name");
            }
            let field = fields.and_then(|fields| fields.iter().find(|(known, ..)| *known == name)).copied();
            if self.peek() == Some(b':') {
                self.at += 1;
            }
            if self.peek() == Some(b'[') {
                self.at += 1;
                while self.peek().is_some_and(|byte| byte != b']') {
                    self.value(field, depth, out)?;
                }
                self.at += 1;
            } else {
                self.value(field, depth, out)?;
            }
        }
    }

    fn value(&mut self, field: Option<Field>, depth: usize, out: &mut Vec<u8>) -> Option<()> {
        match self.peek() {
            Some(open @ (b'{' | b'<')) => {
                self.at += 1;
                let end = if open == b'{' { b'}' } else { b'>' };
                let inner = match field {
                    Some((_, _, Kind::Message(index))) => self.schema.get(index).copied(),
                    _ => None,
                };
                let mut content = Vec::new();
                self.message(inner, Some(end), depth + 1, &mut content)?;
                if let (Some((_, number, _)), Some(_)) = (field, inner) {
                    bytes(out, number, &content);
                }
            }
            Some(b'"' | b'\'') => {
                let mut content = Vec::new();
                while let Some(quote @ (b'"' | b'\'')) = self.peek() {
                    self.at += 1;
                    self.string(quote, &mut content)?;
                }
                if let Some((_, number, Kind::Text)) = field {
                    bytes(out, number, &content);
                }
            }
            _ => {
                let word = self.word();
                if word.is_empty() {
                    return self.wrong("prototext-syntax", "a value is missing");
                }
                match field {
                    Some((_, number, Kind::Integer(names))) => {
                        let named = names.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
                        let value = named
                            .or_else(|| word.parse::<i64>().ok().map(i64::cast_unsigned))
                            .or_else(|| word.parse().ok())
                            .unwrap_or(u64::from(word == "true"));
                        varint(out, u64::from(number) << 3);
                        varint(out, value);
                    }
                    Some((_, number, Kind::Float)) => {
                        varint(out, u64::from(number) << 3 | 5);
                        out.extend(word.trim_end_matches('f').parse::<f32>().unwrap_or(0.0).to_le_bytes());
                    }
                    Some((_, number, Kind::Double)) => {
                        varint(out, u64::from(number) << 3 | 1);
                        out.extend(word.parse::<f64>().unwrap_or(0.0).to_le_bytes());
                    }
                    _ => {}
                }
            }
        }
        Some(())
    }

    fn string(&mut self, quote: u8, out: &mut Vec<u8>) -> Option<()> {
        loop {
            let byte = self.bytes.get(self.at).copied();
            self.at += 1;
            match byte {
                None => return self.wrong("prototext-syntax", "the text ends inside a string"),
                Some(byte) if byte == quote => return Some(()),
                Some(b'\\') => {
                    let escaped = self.bytes.get(self.at).copied().unwrap_or_default();
                    self.at += 1;
                    match escaped {
                        b'n' => out.push(b'\n'),
                        b't' => out.push(b'\t'),
                        b'r' => out.push(b'\r'),
                        b'x' | b'X' => out.push(self.digits(16, 2, 0)),
                        b'0'..=b'7' => {
                            let first = u32::from(escaped - b'0');
                            out.push(self.digits(8, 2, first));
                        }
                        other => out.push(other),
                    }
                }
                Some(byte) => out.push(byte),
            }
        }
    }

    fn digits(&mut self, radix: u32, most: usize, first: u32) -> u8 {
        let mut value = first;
        for _ in 0..most {
            let Some(digit) = self.bytes.get(self.at).and_then(|byte| char::from(*byte).to_digit(radix))
            else {
                break;
            };
            value = value * radix + digit;
            self.at += 1;
        }
        (value & 0xff) as u8
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
        let (out, defects) = encode(text, SCHEMA, &Limits::default());
        assert_eq!(defects, []);
        let inner = [8, 1, 8, 0xac, 2, 0x15, 0, 0, 0xc0, 0x3f];
        assert_eq!(out, [&[10, 4][..], b"aAAb", &[24, 7, 18, 10], &inner].concat());
    }

    #[test]
    fn broken_texts_end_with_a_defect() {
        for text in ["name", "inner {", "inner { values: 1", "name: \"x", "}", ": 1"] {
            assert_eq!(encode(text, SCHEMA, &Limits::default()).1.len(), 1, "{text}");
        }
        let deep = "inner { ".repeat(10_000);
        assert_eq!(encode(&deep, SCHEMA, &Limits::default()).1[0].code, "limit-depth");
    }
}
