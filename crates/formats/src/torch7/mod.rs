//! Torch7: objects of Lua's Torch, `.t7` and `.net`, in binary or as text. Functions in them are Lua byte code.
//!
//! Source: torch7's `File.lua` (`writeObject`, `readObject`), `lib/TH/THDiskFile.c`, `Tensor.lua`.

mod reader;

use crate::{Budget, Defect, Facts, Format, Input, Parsed, Recognised};
use reader::Reader;

/// How Torch7 files are found and read.
pub const FORMAT: Format = Format { name: "torch7", extensions: EXTENSIONS, recognise, parse };

const EXTENSIONS: &[&str] = &["net", "t7", "th", "th7"];

/// The objects of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Torch7 {
    /// Whether it is written as text.
    pub ascii: bool,
    /// Classes of its objects, each once, in the order met.
    pub classes: Vec<String>,
    /// Functions, which the reader hands to Lua's `load`.
    pub functions: Vec<Function>,
    /// Texts, each cut to [`TEXT_KEPT`] bytes: keys and values alike.
    pub texts: Vec<String>,
    /// Objects read.
    pub objects: u64,
}

/// One serialised function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// Where its code begins.
    pub offset: u64,
    /// Bytes of code.
    pub length: u64,
    /// What the code is: `LuaJIT`, `Lua`, or `source` if it has no magic of byte code.
    pub kind: &'static str,
    /// Words of letters in it: names and constants, as byte code holds them.
    pub words: Vec<String>,
}

/// Bytes kept of a text.
pub const TEXT_KEPT: usize = 512;

fn recognise(input: &Input<'_>) -> Recognised {
    // An object of a class: type 4, index 1, a version that begins with `V `.
    let object = matches!(input.bytes, [4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, b'V', b' ', ..])
        || input.bytes.starts_with(b"4\n1\n3\nV 1\n");
    if object {
        return Recognised::ByMagic;
    }
    let named = EXTENSIONS.contains(&input.extension().as_str());
    let begins = matches!(input.bytes, [0..=8, 0, 0, 0, ..] | [b'0'..=b'8', b'\n', ..]);
    if named && begins { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (torch7, defects) = read(input.bytes, input.budget);
    Parsed { format: FORMAT.name, facts: Facts::Torch7(torch7), defects, members: Vec::new() }
}

/// Reads the objects of `bytes`; what comes before a break is kept.
pub fn read(bytes: &[u8], budget: &Budget) -> (Torch7, Vec<Defect>) {
    let ascii = matches!(bytes, [b'0'..=b'8', b'\n', ..]);
    let mut reader = Reader::new(bytes, ascii, budget);
    let mut defects = Vec::new();
    if let Err(code) = reader.object(0) {
        let detail = match code {
            "limit-class" => "an object of a class whose layout is not known: what follows was not read",
            "limit-depth" => "objects deeper inside one another than are followed",
            "limit-nodes" => "more objects than are kept",
            "limit-time" => "the time for the file was over",
            _ => "an object ends after the file, or is of no known type",
        };
        defects.push(Defect::at(code, reader.at as u64, detail));
    }
    let mut torch7 = reader.facts;
    torch7.ascii = ascii;
    (torch7, defects)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let number = |value: u32| value.to_le_bytes().to_vec();
        let text = |text: &str| [number(text.len() as u32), text.as_bytes().to_vec()].concat();
        [
            number(4),
            number(1),
            text("V 1"),
            text("nn.Linear"),
            number(3),
            number(2),
            number(2),
            number(2),
            text("bias"),
            number(1),
            1.5_f64.to_le_bytes().to_vec(),
            number(2),
            text("run"),
            number(8),
            number(3),
            text("\x1bLJ os.execute"),
            number(0),
        ]
        .concat()
    }

    #[test]
    fn classes_functions_and_texts() {
        let (torch7, defects) = read(&sample(), &Budget::default());
        assert!(defects.is_empty(), "{defects:?}");
        assert_eq!(torch7.classes, ["nn.Linear"]);
        assert_eq!(torch7.texts, ["bias", "run"]);
        let [function] = &torch7.functions[..] else { panic!("{torch7:?}") };
        assert_eq!((function.kind, function.words.join(" ")), ("LuaJIT", "os.execute".to_owned()));
        let (torch7, _) = read(b"8\n1\n10\nos.exit(1)\n0\n", &Budget::default());
        assert_eq!(torch7.functions.len(), 1);
    }

    #[test]
    fn truncations_and_flips_never_panic() {
        let whole = sample();
        for end in 0..whole.len() {
            let _ = read(whole.get(..end).unwrap_or_default(), &Budget::default());
        }
        for at in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            let _ = read(&bytes, &Budget::default());
        }
    }
}
