//! Pickles and archives inside the texts and byte strings of a pickle: as they are, as Latin-1, as base64, as
//! hexadecimal, compressed.

use std::borrow::Cow;

use super::{begins, starts_like_protocol_2};
use crate::encoded::{base64, hexadecimal};

/// Bytes of a text that are decoded.
const LONGEST: usize = 16 << 20;

/// Whether a byte string is something that loaders open.
pub(super) fn is_opened(bytes: &[u8]) -> bool {
    let compressed = bytes.len() > 16
        && matches!(
            bytes,
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]
                | [0x1f, 0x8b, 8, ..]
                | [b'B', b'Z', b'h', b'1'..=b'9', 0x31, ..]
        )
        && bytes.len() < LONGEST;
    let torch = bytes.starts_with(super::TORCH_MAGIC);
    bytes.starts_with(b"PK\x03\x04") || torch || compressed || starts_like_protocol_2(bytes) && begins(bytes)
}

/// Whether a text stands for such a byte string.
pub(super) fn is_opened_text(text: &[u8]) -> bool {
    // U+0080, protocol: how Latin-1 text of a pickle begins in UTF-8.
    if matches!(text, [0xc2, 0x80, 2..=5, ..]) || text.starts_with(b"PK\x03\x04") {
        return is_opened(&latin_1(text));
    }
    if text.len() < 16 || text.len() > LONGEST {
        return false;
    }
    // Base64 and hexadecimal of PROTO 2 to 5, of `c` and `(c`, of zlib, gzip and ZIP.
    let base64 = matches!(
        text,
        [b'g', b'A', b'I'..=b'X', ..]
            | [b'Y', b'2'..=b'3', ..]
            | [b'K', b'G', ..]
            | [b'e', b'J' | b'N' | b'F', ..]
            | [b'H', b'4', b's', ..]
            | [b'U', b'E', b's', ..]
    );
    let hexadecimal = matches!(
        text,
        [b'8', b'0', b'0', b'2'..=b'5', ..]
            | [b'6', b'3', ..]
            | [b'2', b'8', ..]
            | [b'7', b'8', ..]
            | [b'1', b'f', ..]
            | [b'5', b'0', ..]
    );
    if !base64 && !hexadecimal {
        return false;
    }
    match decoded(text) {
        Some(bytes) => is_opened(&bytes) || matches!(bytes.first(), Some(b'c' | b'(')) && begins(&bytes),
        None => false,
    }
}

/// The bytes that a byte string or text stands for.
pub(super) fn opened(content: &[u8]) -> Cow<'_, [u8]> {
    if matches!(content, [0xc2, 0x80, ..]) {
        return latin_1(content).into();
    }
    if std::str::from_utf8(content).is_ok() && !begins(content) {
        return decoded(content).unwrap_or_else(|| latin_1(content)).into();
    }
    Cow::Borrowed(content)
}

/// The bytes that a text stands for when it is encoded as Latin-1; the text as it is if it does not fit.
fn latin_1(text: &[u8]) -> Vec<u8> {
    let decoded = std::str::from_utf8(text).ok();
    let bytes =
        decoded.and_then(|text| text.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect());
    bytes.unwrap_or_else(|| text.to_vec())
}

fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    hexadecimal(text).or_else(|| base64(text))
}
