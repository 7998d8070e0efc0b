//! tar: old, ustar, GNU and pax, read from front to back so that packed ones need no memory.
//!
//! What extractors disagree on is told: headers with wrong checksums (CPython stops there, GNU tar goes on), archives
//! behind the end, sizes that differ in the two headers of one member.

mod header;
mod reader;
mod source;

use crate::{Facts, Format, Input, Parsed, Recognised};
use header::{BLOCK, Header};

/// How tar archives are found and read.
pub const FORMAT: Format = Format { name: "tar", extensions: &["nemo", "ova", "tar"], recognise, parse };

/// Bytes that tell whether a stream is one.
pub(crate) const HEAD: usize = BLOCK;

/// A tar archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tar {
    /// Members in stored order, at most as many as the bound allows.
    pub entries: Vec<Entry>,
}

/// What a member is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    #[default]
    File,
    /// A folder.
    Folder,
    /// A second name for another member.
    HardLink,
    /// A symbolic link.
    SymbolicLink,
    /// A device or pipe.
    Special,
}

/// One member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Name, lossily as UTF-8.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What it links to, if it is a link.
    pub link: String,
    /// Size of the content.
    pub size: u64,
    /// Where the content starts.
    pub offset: u64,
    /// Unix mode.
    pub mode: u32,
}

/// Whether a tar archive begins here.
pub(crate) fn begins(head: &[u8]) -> bool {
    sure(head) != Recognised::No
}

fn sure(head: &[u8]) -> Recognised {
    let Some(header) = Header::read(head) else { return Recognised::No };
    if header.sound && header.ustar {
        return Recognised::ByMagic;
    }
    let named =
        !header.name.is_empty() && !header.name.chars().any(|char| char.is_control() || char == '\u{fffd}');
    let known = matches!(header.kind, 0 | b'0'..=b'7' | b'L' | b'K' | b'S' | b'g' | b'x');
    if header.ustar || header.sound && named && known { Recognised::ByShape } else { Recognised::No }
}

fn recognise(input: &Input<'_>) -> Recognised {
    if input.bytes.len() < BLOCK { Recognised::No } else { sure(input.head(BLOCK)) }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (tar, defects, members) = reader::read(input, source::Memory(input.bytes));
    Parsed { format: FORMAT.name, facts: Facts::Tar(tar), defects, members }
}

/// Reads an archive out of a stream whose first bytes are those of `input`.
pub(crate) fn stream(input: &Input<'_>, reader: impl std::io::Read) -> Parsed {
    let (tar, defects, members) = reader::read(input, source::Stream { head: input.bytes, reader });
    Parsed { format: FORMAT.name, facts: Facts::Tar(tar), defects, members }
}
