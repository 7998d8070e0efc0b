//! TorchScript: the sources under `code/` of a compiled PyTorch model, in a language that looks like Python.
//!
//! Only what is called is kept, by name: the interpreter has no way to compute a name. Source: PyTorch's
//! `torch/csrc/jit/serialization/python_print.cpp` and `torch/csrc/jit/OVERVIEW.md`.

use std::collections::BTreeMap;

/// What the sources of a compiled model call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// Each callable once, by name.
    pub operations: Vec<Operation>,
    /// Modules imported, which compiled models do not do.
    pub imports: Vec<Place>,
    /// Loops with a condition that is always true.
    pub endless: Vec<Place>,
}

/// Something that is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operation {
    /// Dotted name as written: `torch.relu`, `ops.torchvision.nms`, `^PythonOp`.
    pub name: String,
    /// Where it is called first, or first with a text.
    pub place: Place,
    /// First text among its arguments, over all calls; empty if there is none.
    pub text: String,
    /// Largest product of the numbers in the first list among its arguments.
    pub largest: u64,
}

/// A line of a source file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Member of the archive.
    pub member: String,
    /// One-based line.
    pub line: u32,
    /// The line, cut.
    pub text: String,
}

/// Different names kept.
const NAMES: usize = 10_000;
/// Bytes of a call that are looked into for its arguments.
const ARGUMENTS: usize = 512;
/// Characters kept of a line.
const LINE: usize = 160;

/// Collects what sources call.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    operations: BTreeMap<String, Operation>,
    imports: Vec<Place>,
    endless: Vec<Place>,
}

impl Collector {
    /// Reads one source file.
    pub(crate) fn read(&mut self, member: &str, source: &str) {
        for (index, line) in source.lines().enumerate() {
            let trimmed = line.trim_start();
            let place = || Place {
                member: member.to_owned(),
                line: u32::try_from(index + 1).unwrap_or(u32::MAX),
                text: trimmed.chars().take(LINE).collect(),
            };
            // Old versions import the archive's own modules.
            let imports = trimmed.starts_with("import ") && !trimmed.starts_with("import __torch__")
                || trimmed.starts_with("from ")
                    && trimmed.contains(" import ")
                    && !trimmed.starts_with("from __torch__");
            if imports && self.imports.len() < NAMES {
                self.imports.push(place());
            }
            if matches!(trimmed.trim_end(), "while True:" | "while 1:") && self.endless.len() < NAMES {
                self.endless.push(place());
            }
            self.calls(trimmed, &place);
        }
    }

    fn calls(&mut self, line: &str, place: &impl Fn() -> Place) {
        if line.starts_with("def ") || line.starts_with("class ") {
            return;
        }
        let bytes = line.as_bytes();
        let mut start = None;
        let mut quote = None;
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            match (quote, byte) {
                (Some(_), b'\\') => at += 1,
                (Some(open), byte) if byte == open => quote = None,
                (Some(_), _) => {}
                (None, b'"' | b'\'') => {
                    quote = Some(byte);
                    start = None;
                }
                (None, b'#') => break,
                (None, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' | b'^') => {
                    start.get_or_insert(at);
                }
                (None, b'(') => {
                    if let Some(name) = start.and_then(|start| line.get(start..at)) {
                        let end = (at + ARGUMENTS).min(bytes.len());
                        self.call(name, bytes.get(at + 1..end).unwrap_or_default(), place);
                    }
                    start = None;
                }
                _ => start = None,
            }
            at += 1;
        }
    }

    fn call(&mut self, name: &str, rest: &[u8], place: &impl Fn() -> Place) {
        // Methods of values and of submodules say nothing by their name alone.
        if name.is_empty() || name.starts_with('.') || name.starts_with("self.") {
            return;
        }
        if self.operations.len() >= NAMES && !self.operations.contains_key(name) {
            return;
        }
        let operation = self.operations.entry(name.to_owned()).or_insert_with(|| Operation {
            name: name.to_owned(),
            place: place(),
            ..Operation::default()
        });
        operation.largest = operation.largest.max(product_of_list(rest));
        if operation.text.is_empty()
            && let Some(text) = first_text(rest)
        {
            operation.text = text;
            operation.place = place();
        }
    }

    /// What was collected.
    pub(crate) fn finish(self) -> Script {
        Script {
            operations: self.operations.into_values().collect(),
            imports: self.imports,
            endless: self.endless,
        }
    }
}

fn first_text(rest: &[u8]) -> Option<String> {
    let open = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b')'))?;
    let quote = *rest.get(open)?;
    if quote == b')' {
        return None;
    }
    let inner = rest.get(open + 1..)?;
    let close = inner.iter().position(|byte| *byte == quote).unwrap_or(inner.len());
    Some(String::from_utf8_lossy(inner.get(..close)?).into_owned())
}

fn product_of_list(rest: &[u8]) -> u64 {
    let Some(open) = rest.iter().position(|byte| matches!(byte, b'[' | b')')) else { return 0 };
    if rest.get(open) != Some(&b'[') {
        return 0;
    }
    let list = rest.get(open + 1..).unwrap_or_default();
    let list = list.split(|byte| *byte == b']').next().unwrap_or_default();
    let numbers = list
        .split(|byte| *byte == b',')
        .filter_map(|number| std::str::from_utf8(number).ok()?.trim().parse::<u64>().ok());
    let mut product = 0_u64;
    for number in numbers {
        product = if product == 0 { number } else { product.saturating_mul(number) };
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_texts_and_sizes() {
        let mut collector = Collector::default();
        collector.read(
            "code/__torch__.py",
            "import os\nclass M(Module):\n  def forward(self, x: Tensor) -> Tensor:\n    _0 = (self.f).forward(x, )\n    \
             y = torch.zeros([10, 20], dtype=None)\n    ops.aten.save(x, \"/tmp/a(b\")\n    while True:\n      z = ^Op(1)(x)\n",
        );
        let script = collector.finish();
        let names: Vec<&str> = script.operations.iter().map(|operation| operation.name.as_str()).collect();
        assert_eq!(names, ["^Op", "ops.aten.save", "torch.zeros"]);
        assert_eq!(script.operations.iter().map(|operation| operation.largest).max(), Some(200));
        assert!(script.operations.iter().any(|operation| operation.text == "/tmp/a(b"));
        assert_eq!((script.imports.len(), script.endless.len()), (1, 1));
    }
}
