//! PaddlePaddle programs: `.pdmodel` (protobuf) and `inference.json` of Paddle 3.
//!
//! Source: `paddle/fluid/framework/framework.proto`; `paddle/fluid/pir/serialize_deserialize`.

mod weights;

use crate::protobuf::{Field, Fields};
use crate::search::holds;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};

/// How Paddle programs are found and read.
pub const FORMAT: Format = Format {
    name: "paddle",
    extensions: &["pdiparams", "pdmodel"],
    recognise,
    parse: |input| {
        if weights::begins(input.bytes) {
            let (defects, members) = weights::read(input);
            return Parsed { format: FORMAT.name, facts: Facts::Paddle(Paddle::default()), defects, members };
        }
        let (facts, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Paddle(facts), defects, members: Vec::new() }
    },
};

/// A program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paddle {
    /// Operators, in stored order.
    pub operators: Vec<Operator>,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its type, without the name of its dialect.
    pub kind: String,
    /// Texts among its attributes: name and value.
    pub texts: Vec<(String, String)>,
    /// Offset of its message; 0 in JSON.
    pub offset: u64,
}

fn is_json(input: &Input<'_>) -> bool {
    let head = input.head(1024);
    let has = |word: &[u8]| holds(head, word);
    head.trim_ascii_start().first() == Some(&b'{') && has(b"\"base_code\"") && has(b"\"pir\"")
}

fn recognise(input: &Input<'_>) -> Recognised {
    if is_json(input) || weights::begins(input.bytes) {
        return Recognised::ByShape;
    }
    // A program begins with its first block, a block with its number 0 and its parent -1 or 0.
    let [0x0a, ..] = input.bytes else { return Recognised::No };
    let own_name = input.extension() == "pdmodel" || input.file_name() == "__model__";
    let Some(Ok(first)) = Fields::new(input.bytes, 0..input.bytes.len()).next() else {
        return if own_name { Recognised::ByShape } else { Recognised::No };
    };
    let mut block = Fields::new(input.bytes, first.content).flatten();
    let number = |field: Option<Field>, number: u32| {
        field.filter(|field| field.number == number).and_then(|field| field.varint())
    };
    let begins = number(block.next(), 1) == Some(0)
        && number(block.next(), 2).is_some_and(|parent| parent == 0 || parent > u64::from(u32::MAX) / 2);
    if begins || own_name { Recognised::ByShape } else { Recognised::No }
}

/// Reads the operators.
pub fn parse(input: &Input<'_>) -> (Paddle, Vec<Defect>) {
    if is_json(input) { read_json(input) } else { read_program(input) }
}

fn read_json(input: &Input<'_>) -> (Paddle, Vec<Defect>) {
    let text = String::from_utf8_lossy(input.head(input.budget.limits.text_bytes));
    let (root, defects) = json::read_text(&text, &input.budget.limits);
    let mut facts = Paddle::default();
    root.visit_scalars(|path, node| {
        let text = node.text_or_empty();
        let is_kind = path.ends_with(".#") || path.ends_with(".id");
        if is_kind && (text.contains('.') || text.len() > 1) && !text.starts_with("t_") {
            let kind = text.rsplit('.').next().unwrap_or(text).to_owned();
            facts.operators.push(Operator { kind, texts: Vec::new(), offset: 0 });
        } else if let Some(last) = facts.operators.last_mut()
            && text.len() > 3
            && last.texts.len() < 64
        {
            last.texts.push((
                path.rsplit('.').next().unwrap_or(path).to_owned(),
                text.chars().take(4096).collect(),
            ));
        }
    });
    (facts, defects.into_iter().filter(Defect::is_limit).collect())
}

fn read_program(input: &Input<'_>) -> (Paddle, Vec<Defect>) {
    let bytes = input.bytes;
    let text = |field: &Field| {
        let range = field.content.start..field.content.end.min(field.content.start + 4096);
        String::from_utf8_lossy(bytes.get(range).unwrap_or_default()).into_owned()
    };
    let mut facts = Paddle::default();
    let mut defects = Vec::new();
    for block in Fields::new(bytes, 0..bytes.len()) {
        let block = match block {
            Ok(block) if block.number == 1 => block,
            Ok(_) => continue,
            Err(defect) => {
                defects.push(defect);
                break;
            }
        };
        for field in Fields::new(bytes, block.content) {
            let operator = match field {
                Ok(field) if field.number == 4 && field.bytes().is_some() => field,
                Ok(_) => continue,
                Err(defect) => {
                    defects.push(defect);
                    break;
                }
            };
            if facts.operators.len() >= input.budget.limits.records || input.budget.is_stopped() {
                defects.push(Defect::whole("limit-records", "more operators than are kept"));
                return (facts, defects);
            }
            let mut found =
                Operator { kind: String::new(), texts: Vec::new(), offset: operator.offset as u64 };
            for field in Fields::new(bytes, operator.content).flatten() {
                match field.number {
                    3 => found.kind = text(&field),
                    4 => {
                        let mut name = String::new();
                        for part in Fields::new(bytes, field.content).flatten() {
                            match part.number {
                                1 => name = text(&part),
                                5 | 8 if found.texts.len() < 64 => {
                                    found.texts.push((name.clone(), text(&part)))
                                }
                                _ => {}
                            }
                        }
                    }
                    _ => {}
                }
            }
            facts.operators.push(found);
        }
    }
    (facts, defects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, content.len() as u8], content].concat()
    }

    #[test]
    fn operators_and_their_texts_are_read() {
        let path = field(4, &[field(1, b"file_path"), vec![0x10, 2], field(5, b"w")].concat());
        let operator = field(4, &[field(3, b"load"), path].concat());
        let program = field(1, &[vec![8, 0, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f], operator].concat());
        let budget = Budget::default();
        let input = Input::new("m", &program, &budget);
        assert_eq!(recognise(&input), Recognised::ByShape);
        let (facts, defects) = parse(&input);
        assert_eq!(defects, []);
        assert_eq!(facts.operators[0].kind, "load");
        assert_eq!(facts.operators[0].texts, [("file_path".to_owned(), "w".to_owned())]);
        for cut in 0..program.len() {
            parse(&Input::new("m", &program[..cut], &budget));
        }
    }

    #[test]
    fn weights_are_followed_to_their_end() {
        let tensor = |extent: u8| [&[0; 16][..], &[4, 0, 0, 0, 8, 5, 0x10, extent], &[1; 8]].concat();
        let codes = |bytes: &[u8]| -> Vec<&'static str> {
            let budget = Budget::default();
            let parsed = (FORMAT.parse)(&Input::new("m.pdiparams", bytes, &budget));
            parsed.defects.iter().map(|defect| defect.code).collect()
        };
        assert_eq!(codes(&[tensor(2), tensor(2)].concat()), [""; 0]);
        assert_eq!(codes(&tensor(9)), ["paddle-tensor"]);
        assert_eq!(codes(&[tensor(2), vec![7; 9]].concat()), ["paddle-trailing"]);
        for cut in 0..32 {
            codes(&tensor(2)[..cut]);
        }
    }

    #[test]
    fn programs_in_json_are_read() {
        let text = br##"{"base_code":{"magic":"pir","version":1},"program":{"regions":[{"#":"region_0","blocks":[{"ops":[{"#":"1.py_func","A":[{"AT":{"#":"0.a_str","D":"x.y"}}]}]}]}]}}"##;
        let budget = Budget::default();
        let (facts, _) = parse(&Input::new("inference.json", text, &budget));
        assert!(facts.operators.iter().any(|operator| operator.kind == "py_func"));
    }
}
