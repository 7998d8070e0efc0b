//! Streams compressed as a whole: gzip, zlib, bzip2, xz, LZMA, LZ4 frames, Zstandard. What is inside is a member.

mod flow;
mod metered;
mod unpack;

pub(crate) use flow::flow;
pub use unpack::{Codec, Inflated};
pub(crate) use unpack::{decoder, inflate};

use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};

/// How compressed streams are found and read.
pub const FORMAT: Format = Format {
    name: "compressed",
    extensions: &["bz2", "gz", "lz4", "lzma", "tgz", "xz", "z", "zst"],
    recognise,
    parse,
};

/// One compressed stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compressed {
    /// How it is compressed.
    pub codec: Codec,
    /// Bytes that came out.
    pub inflated: u64,
}

/// Bytes of a stream without magic that are tried.
const TRIAL: usize = 1 << 16;

fn codec(input: &Input<'_>) -> Option<(Codec, Recognised)> {
    let found = match input.bytes {
        [0x1f, 0x8b, 8, ..] => Codec::Gzip,
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Codec::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Codec::Xz,
        [0x04, 0x22, 0x4d, 0x18, ..] => Codec::Lz4,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Codec::Zstd,
        [0x5d, 0, 0, _, _, ..] if input.bytes.len() > 13 => {
            return unpack::tries(Codec::Lzma, input.head(TRIAL))
                .then_some((Codec::Lzma, Recognised::ByShape));
        }
        // The two bytes of zlib are common in pickles and text: only a stream that inflates counts.
        [method, check, ..]
            if method & 0x0f == 8
                && method >> 4 <= 7
                && check & 0x20 == 0
                && (u16::from(*method) << 8 | u16::from(*check)) % 31 == 0 =>
        {
            return unpack::tries(Codec::Zlib, input.head(TRIAL))
                .then_some((Codec::Zlib, Recognised::ByShape));
        }
        _ => return None,
    };
    Some((found, Recognised::ByMagic))
}

fn recognise(input: &Input<'_>) -> Recognised {
    codec(input).map_or(Recognised::No, |(_, sure)| sure)
}

fn parse(input: &Input<'_>) -> Parsed {
    let Some((codec, _)) = codec(input) else {
        return Parsed {
            format: FORMAT.name,
            facts: Facts::Unknown,
            defects: Vec::new(),
            members: Vec::new(),
        };
    };
    stream(input, codec, input.bytes)
}

/// Whether a gzip stream that begins here inflates to anything.
pub(crate) fn opens(bytes: &[u8]) -> bool {
    unpack::tries(Codec::Gzip, bytes.get(..TRIAL).unwrap_or(bytes))
}

/// Parses what is inside the compressed bytes `data` of `input`.
pub(crate) fn stream(input: &Input<'_>, codec: Codec, data: &[u8]) -> Parsed {
    let mut defects = Vec::new();
    let file = input.file_name();
    let extension = input.extension();
    let name = match file.rsplit_once('.') {
        Some((stem, _)) if extension == "tgz" => format!("{stem}.tar"),
        Some((stem, _)) if FORMAT.extensions.contains(&extension.as_str()) => stem.to_owned(),
        _ => file.to_owned(),
    };
    let mut members = Vec::new();
    let mut inflated = 0;
    match unpack::decoder(codec, data) {
        Ok(reader) => {
            let flow = flow(input, &name, reader, data.len(), 0);
            inflated = flow.size;
            defects.extend(flow.defects);
            if let Some(parsed) = flow.parsed {
                members.push(Member { name, size: flow.size, parsed });
            }
        }
        Err(why) => {
            defects.push(Defect::whole("compression-broken", format!("does not inflate: {why}")));
        }
    }
    if let Some(end) = unpack::end(codec, data)
        && let Some(behind) = data.get(end..).filter(|behind| !behind.is_empty())
    {
        defects.extend(crate::payload::region(input, end as u64, behind, "behind the stream", &mut members));
    }
    let facts = Facts::Compressed(Compressed { codec, inflated });
    Parsed { format: FORMAT.name, facts, defects, members }
}
