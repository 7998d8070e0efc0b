//! Reads bytes and lines, never past the end.

/// A place in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Bytes searched for the ends of lines.
    pub(super) searched: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    /// A little-endian length of 1, 2, 4 or 8 bytes.
    pub(super) fn length(&mut self, width: usize) -> Option<u64> {
        let taken = self.take(width)?;
        Some(taken.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// The rest of the line without its end, which is passed over; `None` if the line never ends.
    pub(super) fn line(&mut self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().position(|byte| *byte == b'\n');
        self.searched += length.unwrap_or(rest.len()) as u64;
        let length = length?;
        self.at += length + 1;
        rest.get(..length)
    }

    pub(super) fn left(&self) -> u64 {
        self.bytes.len().saturating_sub(self.at) as u64
    }
}

/// What Python makes of the backslashes in the argument of `STRING`.
pub(super) fn unescape_string(raw: &[u8]) -> String {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'r') => out.push(b'\r'),
            Some(b'a') => out.push(7),
            Some(b'b') => out.push(8),
            Some(b'f') => out.push(12),
            Some(b'v') => out.push(11),
            Some(b'\n') => {}
            Some(b'x') => {
                let mut value = 0_u8;
                for _ in 0..2 {
                    let Some(digit) = bytes.peek().and_then(|byte| char::from(*byte).to_digit(16)) else {
                        break;
                    };
                    value = value.wrapping_mul(16).wrapping_add(digit as u8);
                    bytes.next();
                }
                out.push(value);
            }
            Some(first @ b'0'..=b'7') => {
                let mut value = u32::from(first - b'0');
                for _ in 0..2 {
                    let Some(digit) = bytes.peek().and_then(|byte| char::from(*byte).to_digit(8)) else {
                        break;
                    };
                    value = value * 8 + digit;
                    bytes.next();
                }
                out.push(value as u8);
            }
            Some(other @ (b'\\' | b'\'' | b'"')) => out.push(other),
            Some(other) => out.extend([b'\\', other]),
            None => out.push(b'\\'),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What Python makes of the argument of `UNICODE`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`.
pub(super) fn unescape_unicode(raw: &[u8]) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut at = 0;
    while let Some(byte) = raw.get(at).copied() {
        let digits = match (byte, raw.get(at + 1)) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => 0,
        };
        let escaped = (digits > 0)
            .then(|| raw.get(at + 2..at + 2 + digits))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32);
        match escaped {
            Some(character) => {
                out.push(character);
                at += 2 + digits;
            }
            None => {
                out.push(char::from(byte));
                at += 1;
            }
        }
    }
    out
}
