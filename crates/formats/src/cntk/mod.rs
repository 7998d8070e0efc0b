//! CNTK models of version 2: a dictionary of dictionaries in protobuf.
//!
//! Source: `Source/CNTKv2LibraryDll/proto/CNTK.proto`. Entries are read by their shape (key and value), whatever the
//! number of the value's field, so that no version is left out.

use std::ops::Range;

use crate::protobuf::Fields;
use crate::search::holds;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// How CNTK models are found and read.
pub const FORMAT: Format = Format { name: "cntk", extensions: &["cntk", "dnn"], recognise, parse };

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cntk {
    /// Texts of the dictionaries: key and value.
    pub texts: Vec<(String, String)>,
}

/// Dictionaries inside dictionaries.
const DEPTH: u32 = 32;
/// Messages looked at.
const MESSAGES: u32 = 1 << 20;

fn recognise(input: &Input<'_>) -> Recognised {
    let [8, 1, 0x12, ..] = input.bytes else { return Recognised::No };
    let head = input.head(64 << 10);
    let has = |word: &[u8]| holds(head, word);
    let functions = has(b"CompositeFunction") || has(b"primitive_functions") || has(b"UserDefinedFunction");
    if functions || has(b"\x0a\x04type") && has(b"\x0a\x07version") && has(b"\x0a\x03uid") {
        Recognised::ByShape
    } else {
        Recognised::No
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut facts = Cntk::default();
    let mut defects = Vec::new();
    let broken = Fields::new(input.bytes, 0..input.bytes.len()).find_map(Result::err);
    defects.extend(broken);
    let mut left = MESSAGES;
    walk(input, 0..input.bytes.len(), 0, &mut left, &mut facts);
    if left == 0 {
        defects.push(Defect::whole("limit-nodes", "more dictionaries than are looked at"));
    }
    Parsed { format: FORMAT.name, facts: Facts::Cntk(facts), defects, members: Vec::new() }
}

/// Looks for entries in a message and in the messages below.
fn walk(input: &Input<'_>, range: Range<usize>, depth: u32, left: &mut u32, facts: &mut Cntk) {
    if depth > DEPTH || *left == 0 || input.budget.is_stopped() {
        return;
    }
    *left -= 1;
    for field in Fields::new(input.bytes, range).map_while(Result::ok) {
        let Some(range) = field.bytes() else { continue };
        if let Some((key, value)) = entry(input.bytes, range.clone()) {
            for part in Fields::new(input.bytes, value).map_while(Result::ok) {
                let Some(content) = part.bytes() else { continue };
                match printable(input.bytes, content.clone()) {
                    Some(text) if facts.texts.len() < 100_000 => facts.texts.push((key.clone(), text)),
                    _ => walk(input, content, depth + 1, left, facts),
                }
            }
        } else if range.len() > 2 {
            walk(input, range, depth + 1, left, facts);
        }
    }
}

/// Key and value, if the message is an entry: a short printable key and a message.
fn entry(bytes: &[u8], range: Range<usize>) -> Option<(String, Range<usize>)> {
    let mut fields = Fields::new(bytes, range);
    let key = fields.next()?.ok().filter(|field| field.number == 1)?.bytes().filter(|key| key.len() < 200)?;
    let key = printable(bytes, key)?;
    let value = fields.next()?.ok().filter(|field| field.number == 2)?.bytes()?;
    Some((key, value))
}

fn printable(bytes: &[u8], range: Range<usize>) -> Option<String> {
    let text = std::str::from_utf8(bytes.get(range)?).ok()?;
    let plain = !text.is_empty()
        && !text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\t' | '\r'));
    plain.then(|| text.chars().take(4096).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8], content].concat()
    }

    fn text(key: &str, value: &str) -> Vec<u8> {
        let value = [vec![8, 1, 0x10, 8], field(10, value.as_bytes())].concat();
        field(2, &[field(1, key.as_bytes()), field(2, &value)].concat())
    }

    #[test]
    fn texts_of_nested_dictionaries_are_read() {
        let inner = [vec![8, 1], text("module", "m")].concat();
        let nested =
            field(2, &[field(1, b"inner"), field(2, &[vec![8, 1], field(12, &inner)].concat())].concat());
        let whole = [vec![8, 1], text("type", "CompositeFunction"), nested].concat();
        let budget = Budget::default();
        let input = Input::new("m.dnn", &whole, &budget);
        assert_eq!(recognise(&input), Recognised::ByShape);
        let Facts::Cntk(facts) = parse(&input).facts else { panic!("cntk") };
        let pairs: Vec<_> = facts.texts.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("type", "CompositeFunction"), ("module", "m")]);
        for cut in 0..whole.len() {
            parse(&Input::new("m.dnn", &whole[..cut], &budget));
        }
    }
}
