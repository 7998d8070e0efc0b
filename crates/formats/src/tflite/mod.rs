//! TensorFlow Lite models: operators, and whether every index and size in the FlatBuffer is true.
//!
//! Source: `tensorflow/compiler/mlir/lite/schema/schema.fbs`, version 3 of the format (TensorFlow 2.20).

use crate::flatbuffer::{Flatbuffer, Step, Table, Vector};
use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};

/// How TensorFlow Lite models are found and read.
pub const FORMAT: Format = Format { name: "tflite", extensions: &["lite", "tflite"], recognise, parse };

/// A TensorFlow Lite model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tflite {
    /// Version of the schema.
    pub version: u32,
    /// Text for people.
    pub description: String,
    /// Operators that the model needs, by number, or by name for those from elsewhere.
    pub operators: Vec<Operator>,
    /// Tensors in all subgraphs.
    pub tensors: usize,
    /// Names of metadata entries.
    pub metadata: Vec<String>,
    /// Names of subgraphs and tensors that are longer than names are.
    pub texts: Vec<String>,
}

/// An operator that the model needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operator {
    /// Number of a built-in operator; 32 stands for a custom one.
    pub builtin: i32,
    /// Name of a custom operator.
    pub custom: String,
    /// How often it is used.
    pub uses: usize,
}

/// `BuiltinOperator_CUSTOM`.
pub const CUSTOM: i32 = 32;
/// Built-in operators that the schema numbers; later versions add a few.
const BUILTINS: i32 = 256;
/// Bytes before an identifier can stand.
const IDENTIFIER: &[u8; 4] = b"TFL3";

fn recognise(input: &Input<'_>) -> Recognised {
    match Flatbuffer::new(input.bytes).identifier() {
        Some(identifier) if identifier == *IDENTIFIER => Recognised::ByMagic,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut reader = Reader {
        bytes: input.bytes,
        facts: Tflite::default(),
        defects: Vec::new(),
        buffers: Vec::new(),
        last: 0,
        calls: Vec::new(),
    };
    let read = Flatbuffer::new(input.bytes).root().and_then(|root| reader.model(&root));
    if let Err(defect) = read {
        reader.defects.push(defect);
    }
    let mut members = Vec::new();
    for (name, range) in reader.attached() {
        let Some(bytes) = input.bytes.get(range) else { continue };
        let inner = input.member(&name, bytes);
        let known =
            crate::identify(&inner).is_some_and(|format| !matches!(format.name, "text" | "table" | "prompt"));
        if known {
            let parsed = crate::parse(&inner);
            members.push(Member { name: name.clone(), size: bytes.len() as u64, parsed });
        }
    }
    let Reader { facts, mut defects, last, .. } = reader;
    // Files that belong to the model are kept in an archive behind it; programs are not.
    let behind = input.bytes.get(last..).unwrap_or_default();
    if input.budget.sample(behind.len() as u64) {
        let hidden = crate::payload::hidden(behind, last as u64, "behind the buffers");
        defects.extend(hidden.into_iter().filter(|defect| defect.code != "hidden-archive"));
    }
    Parsed { format: FORMAT.name, facts: Facts::Tflite(facts), defects, members }
}

struct Reader<'a> {
    bytes: &'a [u8],
    facts: Tflite,
    defects: Vec<Defect>,
    /// Length of each buffer; `None` where it is nowhere.
    buffers: Vec<Option<u64>>,
    /// Where the last buffer ends.
    last: usize,
    /// Which subgraphs each subgraph calls.
    calls: Vec<Vec<usize>>,
}

/// Options of operators that call subgraphs: the slots with their numbers.
fn calls(builtin: i32) -> Option<&'static [usize]> {
    match builtin {
        31 | 129 => Some(&[0]),
        118 | 119 => Some(&[0, 1]),
        _ => None,
    }
}

/// Bytes of an element type by number of `TensorType`; `None` for text, resources and packed types.
fn width(kind: i8) -> Option<u64> {
    Some(match kind {
        0 | 2 | 15 => 4,
        1 | 7 | 16 | 18 => 2,
        3 | 6 | 9 => 1,
        4 | 8 | 10 | 12 => 8,
        11 => 16,
        _ => return None,
    })
}

impl Reader<'_> {
    fn defect(&mut self, code: &'static str, at: usize, detail: String) {
        if self.defects.len() < 64 {
            self.defects.push(Defect::at(code, at as u64, detail));
        }
    }

    /// Metadata entries and where their bytes lie.
    fn attached(&self) -> Vec<(String, std::ops::Range<usize>)> {
        let read = || -> Step<Vec<(String, std::ops::Range<usize>)>> {
            let root = Flatbuffer::new(self.bytes).root()?;
            let (Some(entries), Some(buffers)) = (root.vector(6, 4)?, root.vector(4, 4)?) else {
                return Ok(Vec::new());
            };
            let mut found = Vec::new();
            for entry in entries.tables().take(64) {
                let entry = entry?;
                let name = entry.text(0)?.unwrap_or_default();
                let index = entry.u32(1)?.unwrap_or_default() as usize;
                if let Some(buffer) = buffers.tables().nth(index)
                    && let Some(data) = buffer?.vector(0, 1)?
                {
                    found.push((name, data.range()));
                }
            }
            Ok(found)
        };
        read().unwrap_or_default()
    }

    fn model(&mut self, root: &Table<'_>) -> Step<()> {
        self.facts.version = root.u32(0)?.unwrap_or_default();
        self.facts.description = root.text(3)?.unwrap_or_default();
        if let Some(codes) = root.vector(1, 4)? {
            for code in codes.tables() {
                let code = code?;
                // The old field is a byte; numbers beyond it are in the new one only.
                let old = i32::from(code.i8(0)?.unwrap_or_default());
                let builtin = old.max(code.i32(3)?.unwrap_or_default());
                if !(0..BUILTINS).contains(&builtin) {
                    let detail = format!("there is no built-in operator {builtin}");
                    self.defect("tflite-operator", code.position(), detail);
                }
                let custom = code.text(1)?.unwrap_or_default();
                self.facts.operators.push(Operator { builtin, custom, uses: 0 });
            }
        }
        if let Some(buffers) = root.vector(4, 4)? {
            for buffer in buffers.tables() {
                let length = self.buffer(&buffer?)?;
                self.buffers.push(length);
            }
        }
        if let Some(entries) = root.vector(6, 4)? {
            for entry in entries.tables() {
                let entry = entry?;
                self.facts.metadata.push(entry.text(0)?.unwrap_or_default());
                let index = entry.u32(1)?.unwrap_or_default() as usize;
                if index >= self.buffers.len() {
                    let detail = format!("metadata is in buffer {index} of {}", self.buffers.len());
                    self.defect("tflite-index", entry.position(), detail);
                }
            }
        }
        if let Some(graphs) = root.vector(2, 4)? {
            for (index, graph) in graphs.tables().enumerate() {
                self.calls.push(Vec::new());
                self.graph(&graph?, index)?;
            }
            self.recursion();
        }
        Ok(())
    }

    /// Bytes of a buffer: inside the FlatBuffer, or behind it at a place of its own.
    fn buffer(&mut self, buffer: &Table<'_>) -> Step<Option<u64>> {
        if let Some(data) = buffer.vector(0, 1)? {
            self.last = self.last.max(data.range().end);
            return Ok(Some(data.len() as u64));
        }
        let (offset, size) = (buffer.u64(1)?.unwrap_or_default(), buffer.u64(2)?.unwrap_or_default());
        if offset <= 1 {
            return Ok(None);
        }
        if offset.checked_add(size).is_none_or(|end| end > self.bytes.len() as u64) {
            let detail = format!("a buffer of {size} bytes at {offset} is past the end of the file");
            self.defect("tflite-buffer", buffer.position(), detail);
        }
        Ok(Some(size))
    }

    fn graph(&mut self, graph: &Table<'_>, own: usize) -> Step<()> {
        let mut count = 0;
        if let Some(name) = graph.text(4)? {
            self.note(name);
        }
        if let Some(tensors) = graph.vector(0, 4)? {
            count = tensors.len();
            self.facts.tensors += count;
            for tensor in tensors.tables() {
                self.tensor(&tensor?)?;
            }
        }
        for slot in [1, 2] {
            if let Some(indexes) = graph.vector(slot, 4)? {
                self.indexes(indexes, count, false, graph.position());
            }
        }
        let Some(operators) = graph.vector(3, 4)? else { return Ok(()) };
        for operator in operators.tables() {
            let operator = operator?;
            let index = operator.u32(0)?.unwrap_or_default() as usize;
            match self.facts.operators.get_mut(index) {
                Some(known) => known.uses += 1,
                None => {
                    let detail =
                        format!("an operator has the code {index} of {}", self.facts.operators.len());
                    self.defect("tflite-index", operator.position(), detail);
                }
            }
            for slot in [1, 2] {
                if let Some(indexes) = operator.vector(slot, 4)? {
                    self.indexes(indexes, count, true, operator.position());
                }
            }
            // The options are a union; its table is checked by being reached.
            if let (Some(options), Some(slots)) =
                (operator.table(4)?, self.facts.operators.get(index).and_then(|known| calls(known.builtin)))
            {
                for slot in slots {
                    let called =
                        usize::try_from(options.i32(*slot)?.unwrap_or_default()).unwrap_or(usize::MAX);
                    if let Some(list) = self.calls.get_mut(own) {
                        list.push(called);
                    }
                }
            }
            operator.vector(5, 1)?;
            let (offset, size) =
                (operator.u64(9)?.unwrap_or_default(), operator.u64(10)?.unwrap_or_default());
            if offset > 1 && offset.checked_add(size).is_none_or(|end| end > self.bytes.len() as u64) {
                let detail = format!("options of {size} bytes at {offset} are past the end of the file");
                self.defect("tflite-buffer", operator.position(), detail);
            }
        }
        Ok(())
    }

    /// Subgraphs that lead back to themselves, or nowhere.
    fn recursion(&mut self) {
        for start in 0..self.calls.len().min(1000) {
            let mut seen = vec![false; self.calls.len()];
            let mut next = vec![start];
            while let Some(at) = next.pop() {
                let called = self.calls.get(at).cloned().unwrap_or_default();
                for index in called {
                    match seen.get_mut(index) {
                        None => {
                            return self.defect("tflite-index", 0, format!("the subgraph {index} is called"));
                        }
                        _ if index == start => {
                            return self.defect(
                                "tflite-recursion",
                                0,
                                format!("the subgraph {index} calls itself"),
                            );
                        }
                        Some(known) if !*known => {
                            *known = true;
                            next.push(index);
                        }
                        Some(_) => {}
                    }
                }
            }
        }
    }

    fn note(&mut self, text: String) {
        if text.len() > 48 && self.facts.texts.len() < 10_000 {
            self.facts.texts.push(text);
        }
    }

    /// Indexes of tensors; -1 stands for an input that is left out.
    fn indexes(&mut self, indexes: Vector<'_>, count: usize, optional: bool, at: usize) {
        let fits =
            |index: i32| usize::try_from(index).is_ok_and(|index| index < count) || optional && index == -1;
        if let Some(wrong) = indexes.i32s().find(|index| !fits(*index)) {
            self.defect("tflite-index", at, format!("the tensor {wrong} of {count} is used"));
        }
    }

    fn tensor(&mut self, tensor: &Table<'_>) -> Step<()> {
        let shape: Vec<i32> = tensor.vector(0, 4)?.map(|shape| shape.i32s().collect()).unwrap_or_default();
        let kind = tensor.i8(1)?.unwrap_or_default();
        let buffer = tensor.u32(2)?.unwrap_or_default() as usize;
        let name = tensor.text(3)?.unwrap_or_default();
        self.note(name.clone());
        let sparse = tensor.table(6)?.is_some();
        let at = tensor.position();
        if shape.iter().any(|extent| *extent < -1) {
            self.defect("tflite-dimensions", at, format!("tensor `{name}` has the extents {shape:?}"));
            return Ok(());
        }
        let bytes = width(kind).and_then(|width| {
            shape
                .iter()
                .try_fold(width, |product, extent| product.checked_mul(u64::from(extent.unsigned_abs())))
        });
        if width(kind).is_some() && bytes.is_none_or(|bytes| bytes > 1 << 40) {
            self.defect("tflite-dimensions", at, format!("tensor `{name}` of {shape:?} fits nowhere"));
            return Ok(());
        }
        let Some(held) = self.buffers.get(buffer) else {
            let detail = format!("tensor `{name}` is in buffer {buffer} of {}", self.buffers.len());
            self.defect("tflite-index", at, detail);
            return Ok(());
        };
        if let (Some(held), Some(bytes)) = (*held, bytes)
            && buffer != 0
            && held != 0
            && !sparse
            && held != bytes
        {
            let detail =
                format!("tensor `{name}` of {shape:?} asks for {bytes} bytes, its buffer holds {held}");
            self.defect("tflite-tensor-size", at, detail);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    #[test]
    fn what_only_has_the_identifier_is_malformed() {
        let budget = Budget::default();
        for bytes in
            [&b"\x08\0\0\0TFL3"[..], b"\xff\xff\xff\xffTFL3\0\0\0\0", b"\x08\0\0\0TFL3\x04\0\0\0\0\0\0\0"]
        {
            let parsed = crate::parse(&Input::new("m.tflite", bytes, &budget));
            assert_eq!((parsed.format, parsed.defects.len()), ("tflite", 1));
        }
    }
}
