//! Marshal: Python's own serialisation of code objects, alone or in a `.pyc`, of Python 2.7 and 3.0 to 3.14.
//!
//! Nothing is executed or disassembled: what is kept are the names that code uses, its constants, and how functions
//! lie inside one another. Source: CPython's `Python/marshal.c` and `Lib/importlib/_bootstrap_external.py`.

mod listing;
mod reader;

use crate::{Budget, Defect, Facts, Format, Input, Member, Parsed, Recognised};
use reader::Reader;

/// How marshalled code is found and read.
pub const FORMAT: Format =
    Format { name: "marshal", extensions: &["marshal", "pyc", "pyo"], recognise, parse };

/// Code objects of one input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marshal {
    /// The Python that wrote it as far as its magic number says, `3.11`; empty for code without a header.
    pub python: String,
    /// Whether it is a compiled module, that runs when it is imported.
    pub module: bool,
    /// Code objects, outer ones before those inside them.
    pub codes: Vec<Code>,
    /// Byte strings among the constants that begin like something that is loaded: offset and length.
    pub embedded: Vec<(u64, u32)>,
}

/// One code object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Code {
    /// Name of the function, `<lambda>`, `<module>`.
    pub name: String,
    /// File that it was compiled from.
    pub file: String,
    /// Line that it begins on.
    pub line: i64,
    /// Names of globals and attributes that it uses, in the order of first use.
    pub names: Vec<String>,
    /// Names of its arguments and variables.
    pub variables: Vec<String>,
    /// Texts and bytes among its constants, cut to [`CONSTANT_KEPT`] bytes, lossily as UTF-8.
    pub constants: Vec<String>,
    /// Bytes of instructions.
    pub instructions: u64,
    /// Code object that it lies in, into [`Marshal::codes`].
    pub inside: Option<u32>,
    /// Where it begins in the input.
    pub offset: u64,
}

/// Bytes kept of a constant.
pub const CONSTANT_KEPT: usize = 1024;

/// Length of the header and the Python that wrote it, by magic number.
///
/// Source: the list of magic numbers in `Lib/importlib/_bootstrap_external.py` (`Include/internal/pycore_magic_number.h`
/// from 3.14 on).
fn header(bytes: &[u8]) -> Option<(usize, &'static str)> {
    let [low, high, b'\r', b'\n', ..] = bytes else { return None };
    Some(match u16::from_le_bytes([*low, *high]) {
        62_041..=62_219 => (8, "2.7"),
        3_000..=3_219 => (8, "3.2"),
        3_220..=3_389 => (12, "3.6"),
        3_390..=3_399 => (16, "3.7"),
        3_400..=3_419 => (16, "3.8"),
        3_420..=3_429 => (16, "3.9"),
        3_430..=3_449 => (16, "3.10"),
        3_450..=3_499 => (16, "3.11"),
        3_500..=3_549 => (16, "3.12"),
        3_550..=3_599 => (16, "3.13"),
        3_600..=3_649 => (16, "3.14"),
        3_650..=3_799 => (16, "3.15"),
        _ => return None,
    })
}

fn recognise(input: &Input<'_>) -> Recognised {
    if let Some((length, _)) = header(input.bytes) {
        let code = input.bytes.get(length..).is_some_and(reader::begins_code);
        return if code { Recognised::ByMagic } else { Recognised::No };
    }
    if reader::begins_code(input.bytes) {
        return Recognised::ByShape;
    }
    if input.extension() == "marshal" && !input.bytes.is_empty() {
        Recognised::ByName
    } else {
        Recognised::No
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (marshal, defects) = read(input.bytes, input.budget);
    let mut members = Vec::new();
    for (at, length) in &marshal.embedded {
        let start = usize::try_from(*at).unwrap_or(usize::MAX);
        let content = start.checked_add(*length as usize).and_then(|end| input.bytes.get(start..end));
        let name = format!("bytes@{at}");
        let parsed = crate::parse(&input.member(&name, content.unwrap_or_default()));
        members.push(Member { name, size: u64::from(*length), parsed });
    }
    Parsed { format: FORMAT.name, facts: Facts::Marshal(marshal), defects, members }
}

/// Reads the code objects of `bytes`, with or without the header of a `.pyc`.
pub fn read(bytes: &[u8], budget: &Budget) -> (Marshal, Vec<Defect>) {
    let (start, python) = header(bytes).unwrap_or((0, ""));
    let mut reader = Reader::new(bytes, start, budget);
    let ended = reader.object(0);
    let mut defects = Vec::new();
    if let Err(broken) = ended {
        let detail = match broken {
            "limit-time" => "the time for the file was over",
            "limit-nodes" => "more objects than are kept",
            "limit-depth" => "objects deeper inside one another than Python reads",
            _ => "the bytes end, or go wrong, in the middle of an object",
        };
        defects.push(Defect::at(broken, reader.at as u64, detail));
    }
    let marshal = Marshal {
        python: python.to_owned(),
        module: start > 0,
        codes: reader.codes,
        embedded: reader.embedded,
    };
    (marshal, defects)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        // Python 3.8 layout, by hand: six numbers, code, constants, names, variables, two empty tuples, file, name.
        let mut out = vec![0xe3];
        for number in [1_u32, 0, 0, 1, 2, 67] {
            out.extend(number.to_le_bytes());
        }
        let text = |text: &str| [&[b'z', text.len() as u8], text.as_bytes()].concat();
        out.extend([b's', 2, 0, 0, 0, 0x53, 0]);
        out.extend([b")\x02N".as_slice(), &text("id")].concat());
        out.extend([b")\x02".as_slice(), &text("os"), &text("path")].concat());
        out.extend([b")\x01".as_slice(), &text("x")].concat());
        out.extend(b")\x00)\x00");
        out.extend([text("a.py"), text("<lambda>")].concat());
        out.extend(1_u32.to_le_bytes());
        out.extend([b's', 0, 0, 0, 0]);
        out
    }

    #[test]
    fn names_and_constants_of_a_lambda() {
        let (marshal, defects) = read(&sample(), &Budget::default());
        assert!(defects.is_empty(), "{defects:?}");
        insta::assert_snapshot!(marshal.listing(20), @r"
        code <lambda>(x)  # a.py:1
            uses os, path
            constant 'id'
        ");
    }

    #[test]
    fn truncations_and_flips_never_panic() {
        let whole = sample();
        for end in 0..whole.len() {
            let _ = read(whole.get(..end).unwrap_or_default(), &Budget::default());
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                let _ = read(&bytes, &Budget::default());
            }
        }
        let nested = [b")".to_vec(), [1, b')'].repeat(100_000)].concat();
        let _ = read(&nested, &Budget::default());
    }
}
