//! joblib's own wrapping of compressed pickles before 0.10: `ZF`, the length in hexadecimal, a zlib stream.
//!
//! What newer joblib writes is a plain compressed stream (see `compression`) around a pickle with raw arrays
//! between its opcodes (see `pickle`). Source: `joblib/numpy_pickle_compat.py`.

use crate::compression::{self, Codec};
use crate::{Defect, Format, Input, Parsed, Recognised};

/// How old joblib files are found and read.
pub const FORMAT: Format = Format { name: "joblib", extensions: &["joblib", "z"], recognise, parse };

/// `ZF0x`.
const MAGIC: &[u8] = b"ZF0x";
/// Magic and length: `ZF` and a hexadecimal number padded to 19 characters.
const HEADER: usize = 21;

fn recognise(input: &Input<'_>) -> Recognised {
    if input.bytes.starts_with(MAGIC) { Recognised::ByMagic } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    // An even older variant wrote a shorter header: the stream starts at its own magic.
    let start = input.head(HEADER + 2).iter().rposition(|byte| *byte == 0x78).unwrap_or(HEADER);
    let data = input.bytes.get(start..).unwrap_or_default();
    let mut parsed = compression::stream(input, Codec::Zlib, data);
    parsed.format = FORMAT.name;
    let stated = std::str::from_utf8(input.head(HEADER).get(4..).unwrap_or_default())
        .ok()
        .and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
    let inflated = parsed.members.first().map_or(0, |member| member.size);
    if stated != Some(inflated) {
        let detail = format!("inflates to {inflated} bytes, the header states another length");
        parsed.defects.push(Defect::at("joblib-length", 2, detail));
    }
    parsed
}
