//! MessagePack as Flax writes parameters and msgpack-numpy writes arrays: keys, texts, arrays and extension types.
//!
//! Source: <https://github.com/msgpack/msgpack/blob/master/spec.md>; Flax `serialization.py`; msgpack-numpy 0.4.

mod reader;
#[cfg(test)]
mod tests;

use crate::{Facts, Format, Input, Parsed, Recognised};
use reader::Reader;

/// How MessagePack is found and read.
pub const FORMAT: Format = Format { name: "msgpack", extensions: &["flax", "msgpack"], recognise, parse };

/// A tree of parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Msgpack {
    /// Texts that are values, by the key they stand under; cut.
    pub texts: Vec<(String, String)>,
    /// Types of extension in it.
    pub extensions: std::collections::BTreeSet<i8>,
    /// Arrays of numbers.
    pub arrays: usize,
    /// Numbers in them.
    pub elements: u64,
    /// Columns of an array of Python objects, by key.
    pub objects: Vec<String>,
}

/// Values walked before content without magic counts as MessagePack.
const TRIAL: usize = 48;

fn recognise(input: &Input<'_>) -> Recognised {
    let extension = input.extension();
    let named = FORMAT.extensions.contains(&extension.as_str());
    let text = |byte: u8| matches!(byte, 0xa1..=0xbf | 0xc4 | 0xd9 | 0xda);
    let map = match input.bytes {
        [0x81..=0x8f, key, ..] | [0xde, _, _, key, ..] | [0xdf, _, _, _, _, key, ..] => text(*key),
        _ => false,
    };
    let may_be = map && (named || matches!(extension.as_str(), "" | "ckpt" | "bin" | "model"));
    if may_be && Reader::new(input).tries(TRIAL) {
        return Recognised::ByShape;
    }
    let first = input.bytes.first();
    if named && first.is_some_and(|byte| *byte >= 0x80) { Recognised::ByName } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (msgpack, defects, members) = Reader::new(input).read();
    Parsed { format: FORMAT.name, facts: Facts::Msgpack(msgpack), defects, members }
}
