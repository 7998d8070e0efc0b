//! HDF5: objects, attributes and where data lies, as far as it takes to say what loading such a file does.
//!
//! Source: HDF5 File Format Specification Version 3.0 (superblocks 0 to 3). Values of datasets are not read, with
//! two exceptions: attributes that hold text, and small datasets of text or opaque bytes, which can hold objects of
//! other formats. Those are handed on as members.

mod facts;
mod heap;
mod message;
mod reader;
#[cfg(test)]
mod tests;
mod tree;
mod value;

use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};

pub use facts::{Class, Dataset, Hdf5, Link, Target, Text};

/// How HDF5 files are found and read.
pub const FORMAT: Format = Format {
    name: "hdf5",
    extensions: &["h5", "hdf", "hdf5", "he5", "keras", "mat", "nc"],
    recognise,
    parse,
};

/// First bytes of every superblock.
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// Where the superblock may be: at the start, or behind a user block of 512, 1024, 2048 ... bytes.
fn superblock(bytes: &[u8]) -> Option<usize> {
    let at = |start: &usize| bytes.get(*start..).is_some_and(|rest| rest.starts_with(SIGNATURE));
    std::iter::once(0)
        .chain((9..usize::BITS - 1).map(|power| 1 << power))
        .take_while(|start| *start < bytes.len())
        .find(at)
}

fn recognise(input: &Input<'_>) -> Recognised {
    match superblock(input.bytes) {
        Some(0) => Recognised::ByMagic,
        Some(_) => Recognised::ByShape,
        None => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let start = superblock(input.bytes).unwrap_or_default();
    let (mut facts, defects) = reader::read(input, start);
    facts.user_block = start as u64;
    let mut members = Vec::new();
    // A user block is read by nobody who reads HDF5, and by everybody else.
    if let Some(block) = input.bytes.get(..start).filter(|block| block.iter().any(|byte| *byte != 0)) {
        hand_on(input, "user block", block, &mut members);
    }
    for text in &facts.texts {
        hand_on(input, &text.path, &text.bytes, &mut members);
    }
    facts.texts.retain(|text| text.bytes.len() <= SHORT);
    Parsed { format: FORMAT.name, facts: Facts::Hdf5(facts), defects, members }
}

/// Bytes of a text that stay in the facts.
const SHORT: usize = 4096;

/// Lets another format read a value, if one knows it; plain texts are no members.
fn hand_on(input: &Input<'_>, name: &str, bytes: &[u8], members: &mut Vec<Member>) {
    let inner = input.member(name, bytes);
    let worth = crate::identify(&inner)
        .is_some_and(|format| !matches!(format.name, "text" | "table" | "prompt" | "python"));
    if worth && members.len() < input.budget.limits.members {
        let parsed = crate::parse(&inner);
        members.push(Member { name: name.to_owned(), size: bytes.len() as u64, parsed });
    }
}

/// A step through the file, or what was wrong there.
type Step<T> = Result<T, Defect>;
