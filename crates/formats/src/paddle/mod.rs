//! PaddlePaddle programs: operators with their texts.
//!
//! Source: `paddle/fluid/framework/framework.proto` of PaddlePaddle 3.0 (`ProgramDesc`). Parameters (`.pdparams`) are
//! pickles and read as such.

use std::ops::Range;

use crate::protobuf::Fields;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// How PaddlePaddle programs are found and read.
pub const FORMAT: Format = Format { name: "paddle", extensions: &["pdmodel"], recognise, parse };

/// A PaddlePaddle program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paddle {
    /// Blocks.
    pub blocks: usize,
    /// Operators, in stored order.
    pub operators: Vec<Operator>,
}

/// A call of an operator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operator {
    /// Name, `conv2d`.
    pub name: String,
    /// Attributes that are text, or lists of it.
    pub texts: Vec<(String, String)>,
}

fn field_of(bytes: &[u8], range: &Range<usize>, number: u32) -> Option<Range<usize>> {
    Fields::new(bytes, range.clone()).map_while(Result::ok).find(|field| field.number == number)?.bytes()
}

fn recognise(input: &Input<'_>) -> Recognised {
    let bytes = input.bytes;
    if bytes.first() != Some(&0x0a) {
        return Recognised::No;
    }
    // A program begins with a block: its index, its parent's, then variables or operators.
    let whole = 0..bytes.len();
    let shaped = Fields::new(bytes, whole).next().and_then(Result::ok).and_then(|field| field.bytes()).is_some_and(|block| {
        let mut fields = Fields::new(bytes, block.clone());
        let numbered = matches!(
            (fields.next(), fields.next()),
            (Some(Ok(first)), Some(Ok(second)))
                if first.number == 1 && first.varint().is_some() && second.number == 2 && second.varint().is_some()
        );
        let plain = |range: Range<usize>| {
            bytes.get(range).is_some_and(|name| !name.is_empty() && name.iter().all(|byte| byte.is_ascii_graphic()))
        };
        let operator = field_of(bytes, &block, 4).and_then(|operator| field_of(bytes, &operator, 3)).is_some_and(plain);
        let variable = field_of(bytes, &block, 3).and_then(|variable| field_of(bytes, &variable, 1)).is_some_and(plain);
        numbered && (operator || variable)
    });
    if shaped { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut reader = Reader {
        bytes: input.bytes,
        facts: Paddle::default(),
        defects: Vec::new(),
        left: input.budget.limits.nodes,
    };
    for (number, content) in reader.fields(0..input.bytes.len()) {
        if let (1, Some(block)) = (number, content) {
            reader.facts.blocks += 1;
            for (number, content) in reader.fields(block) {
                if let (4, Some(operator)) = (number, content) {
                    reader.operator(operator);
                }
            }
        }
    }
    Parsed {
        format: FORMAT.name,
        facts: Facts::Paddle(reader.facts),
        defects: reader.defects,
        members: Vec::new(),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    facts: Paddle,
    defects: Vec<Defect>,
    left: usize,
}

impl Reader<'_> {
    fn fields(&mut self, range: Range<usize>) -> Vec<(u32, Option<Range<usize>>)> {
        let mut found = Vec::new();
        for field in Fields::new(self.bytes, range) {
            match field {
                Ok(field) if self.left > 0 => {
                    self.left -= 1;
                    found.push((field.number, field.bytes()));
                }
                Ok(field) => {
                    if self.defects.is_empty() {
                        self.defects.push(Defect::at(
                            "limit-nodes",
                            field.offset as u64,
                            "more fields than are looked at",
                        ));
                    }
                    break;
                }
                Err(defect) if self.defects.len() < 16 => self.defects.push(defect),
                Err(_) => break,
            }
        }
        found
    }

    fn text(&self, range: Option<&Range<usize>>) -> String {
        let bytes = range.and_then(|range| self.bytes.get(range.clone())).unwrap_or_default();
        String::from_utf8_lossy(bytes.get(..4096).unwrap_or(bytes)).into_owned()
    }

    fn operator(&mut self, range: Range<usize>) {
        let mut operator = Operator::default();
        for (number, content) in self.fields(range) {
            match (number, content) {
                (3, Some(name)) => operator.name = self.text(Some(&name)),
                (4, Some(attribute)) => {
                    let fields = self.fields(attribute);
                    let name =
                        fields.iter().find(|(number, _)| *number == 1).and_then(|(_, range)| range.as_ref());
                    let name = self.text(name);
                    // Where an operator was called from in its author's program says nothing about what it does.
                    if matches!(name.as_str(), "op_callstack" | "op_namescope" | "op_device") {
                        continue;
                    }
                    for (_, text) in fields.iter().filter(|(number, _)| matches!(number, 5 | 8)).take(64) {
                        let text = self.text(text.as_ref());
                        if !text.is_empty() {
                            operator.texts.push((name.clone(), text));
                        }
                    }
                }
                _ => {}
            }
        }
        self.facts.operators.push(operator);
    }
}
