//! MATLAB's MAT-files of levels 4 and 5: variables, and among them what MATLAB runs or builds by class.
//!
//! Level 7.3 is HDF5. Sources: MathWorks "MAT-File Format" (R2019b); the function handle and opaque classes as
//! scipy's `mio5` reads them.

mod level4;
mod level5;
#[cfg(test)]
mod tests;

use crate::{Facts, Format, Input, Parsed, Recognised};

/// How MAT-files are found and read.
pub const FORMAT: Format = Format { name: "mat", extensions: &["mat"], recognise, parse };

/// A MAT-file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mat {
    /// Level of the format, 4 or 5.
    pub level: u32,
    /// Variables, in stored order.
    pub variables: Vec<Variable>,
    /// Function handles: where they stand and their text, `@(x) sin(x)` or a name.
    pub functions: Vec<Function>,
    /// Texts: the variable or field that holds them, and what they say.
    pub texts: Vec<(String, String)>,
    /// Objects that are built by a class: of MATLAB or of Java.
    pub objects: Vec<Object>,
}

/// A variable of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Name.
    pub name: String,
    /// Number of its class in the format.
    pub class: u8,
    /// Extent per dimension.
    pub shape: Vec<u64>,
}

/// A function handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Variable or field that holds it.
    pub place: String,
    /// Its text.
    pub text: String,
    /// Offset of its element, inside the inflated data if it was compressed.
    pub offset: u64,
}

/// An object that is built by a class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Variable or field that holds it.
    pub place: String,
    /// What builds it: `MCOS` (MATLAB), `java`, `handle`, or empty for MATLAB's old objects.
    pub system: String,
    /// Class.
    pub class: String,
    /// Offset of its element.
    pub offset: u64,
}

fn recognise(input: &Input<'_>) -> Recognised {
    match input.bytes.get(124..128) {
        Some([0, 1, b'I', b'M'] | [1, 0, b'M', b'I']) if input.bytes.starts_with(b"MATLAB") => {
            Recognised::ByMagic
        }
        // The text is free, and this place belongs to weights in other formats.
        Some([0, 1, b'I', b'M'] | [1, 0, b'M', b'I']) if printable(input.head(100)) => Recognised::ByShape,
        _ if input.extension() == "mat" && level4::begins(input.bytes) => Recognised::ByShape,
        _ => Recognised::No,
    }
}

fn printable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, 0 | 9..=13 | 32..=126))
}

fn parse(input: &Input<'_>) -> Parsed {
    let (facts, defects, members) =
        if input.bytes.get(126..128).is_some_and(|order| matches!(order, b"IM" | b"MI"))
            && !level4::begins(input.bytes)
        {
            level5::read(input)
        } else {
            let (facts, defects) = level4::read(input);
            (facts, defects, Vec::new())
        };
    Parsed { format: FORMAT.name, facts: Facts::Mat(facts), defects, members }
}
