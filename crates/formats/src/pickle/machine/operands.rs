//! Operands of opcodes: lengths, lines, numbers, texts. Texts stay where they are in the input.

use std::borrow::Cow;

use super::super::slot::Slot;
use super::stack::NODES;
use super::{Broken, Machine};

/// Bytes of a text that are read as a name or key; a text of megabytes would be copied for every use.
const NAME: usize = 4096;
/// Byte strings looked into.
const EMBEDDED: usize = 256;

impl<'a> Machine<'a> {
    pub(super) fn need_byte(&mut self) -> Result<u8, Broken> {
        self.cursor.byte().ok_or(Broken::Truncated)
    }

    pub(super) fn length(&mut self, width: usize) -> Result<u64, Broken> {
        self.cursor.length(width).ok_or(Broken::Truncated)
    }

    pub(super) fn line(&mut self) -> Result<&'a [u8], Broken> {
        self.cursor.line().ok_or(Broken::Truncated)
    }

    pub(super) fn decimal_line(&mut self) -> Result<u64, Broken> {
        let line = self.line()?;
        Ok(match integer_line(line) {
            Slot::Int(value) if value >= 0 => value as u64,
            _ => u64::MAX,
        })
    }

    pub(super) fn long(&mut self, width: usize) -> Result<(), Broken> {
        let length = self.length(width)?;
        let bytes =
            self.cursor.take(usize::try_from(length).unwrap_or(usize::MAX)).ok_or(Broken::Truncated)?;
        self.push(if bytes.len() <= 8 {
            let fill = if bytes.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 };
            let mut whole = [fill; 8];
            whole.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
            Slot::Int(i64::from_le_bytes(whole))
        } else {
            Slot::LongInt(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
        });
        Ok(())
    }

    pub(super) fn span(&mut self, width: usize) -> Result<(u64, u32), Broken> {
        let length = self.length(width)?;
        let at = self.cursor.at as u64;
        self.cursor.take(usize::try_from(length).unwrap_or(usize::MAX)).ok_or(Broken::Truncated)?;
        Ok((at, u32::try_from(length).unwrap_or(u32::MAX)))
    }

    pub(super) fn text(&mut self, width: usize) -> Result<(), Broken> {
        let (at, length) = self.span(width)?;
        let content = self.cursor.bytes.get(at as usize..self.cursor.at).unwrap_or_default();
        if self.stream.embedded.len() < EMBEDDED && crate::pickle::wrapped::is_opened_text(content) {
            self.stream.embedded.push((at, length));
        }
        self.push(Slot::Text { at, length });
        Ok(())
    }

    pub(super) fn bytes(&mut self, width: usize) -> Result<(), Broken> {
        let (at, length) = self.span(width)?;
        let content = self.cursor.bytes.get(at as usize..self.cursor.at).unwrap_or_default();
        if length >= 4 && self.stream.embedded.len() < EMBEDDED && crate::pickle::wrapped::is_opened(content)
        {
            self.stream.embedded.push((at, length));
        }
        self.push(Slot::Bytes { at, length });
        Ok(())
    }

    /// Pushes a text that stands in a line of its own at `at`, decoded if it has escapes.
    pub(super) fn push_line(&mut self, at: usize, raw: &[u8], decode: fn(&[u8]) -> String) {
        if raw.is_ascii() && !raw.contains(&b'\\') {
            self.push(Slot::Text { at: at as u64, length: u32::try_from(raw.len()).unwrap_or(u32::MAX) });
        } else if self.decoded.len() >= NODES {
            self.push(Slot::Unknown);
        } else {
            self.decoded.push(decode(raw));
            self.push(Slot::Decoded(self.decoded.len() as u32 - 1));
        }
    }

    /// The text of a slot, if it is one.
    pub(in crate::pickle) fn read(&self, slot: Slot) -> Option<Cow<'_, str>> {
        match slot {
            Slot::Text { at, length } => {
                let start = usize::try_from(at).ok()?;
                let bytes = self.cursor.bytes.get(start..start.checked_add(length as usize)?)?;
                Some(String::from_utf8_lossy(bytes.get(..NAME).unwrap_or(bytes)))
            }
            Slot::Decoded(at) => {
                let text = self.decoded.get(at as usize)?;
                Some(text.get(..text.floor_char_boundary(NAME)).unwrap_or(text).into())
            }
            _ => None,
        }
    }
}

/// The argument of `INT`, `LONG`, `GET` and `PUT`.
pub(super) fn integer_line(line: &[u8]) -> Slot {
    match line {
        b"00" => return Slot::Bool(false),
        b"01" => return Slot::Bool(true),
        _ => {}
    }
    let digits = std::str::from_utf8(line).unwrap_or_default().trim().trim_end_matches('L');
    let parsed = if digits.contains('_') { digits.replace('_', "").parse() } else { digits.parse() };
    match parsed {
        Ok(value) => Slot::Int(value),
        Err(_) if digits.len() > 18 => Slot::LongInt(u32::try_from(digits.len()).unwrap_or(u32::MAX)),
        Err(_) => Slot::Unknown,
    }
}
