//! Types, extents and bytes at known places.

use super::Step;
use super::facts::Class;
use crate::Defect;

/// Little-endian numbers out of a slice, front to back.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn take(&mut self, length: usize) -> Step<&'a [u8]> {
        let taken = self.at.checked_add(length).and_then(|end| self.bytes.get(self.at..end));
        let Some(taken) = taken else {
            return Err(Defect::whole(
                "hdf5-truncated",
                format!("{length} bytes are wanted where fewer are left"),
            ));
        };
        self.at += length;
        Ok(taken)
    }

    /// An unsigned number of `width` bytes, at most eight.
    pub(super) fn number(&mut self, width: usize) -> Step<u64> {
        Ok(self.take(width)?.iter().take(8).rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    pub(super) fn byte(&mut self) -> Step<u8> {
        Ok(self.number(1)? as u8)
    }

    /// Text up to a zero byte.
    pub(super) fn text(&mut self) -> Step<String> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.at += 1;
        Ok(text)
    }

    /// Passes what fills up to a multiple of eight bytes.
    pub(super) fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }
}

/// A datatype message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Type {
    pub(super) class: Class,
    /// Bytes of one element.
    pub(super) size: u64,
    /// Text of variable length, or bytes of variable length: stored in a global heap.
    pub(super) in_heap: bool,
}

impl Type {
    pub(super) fn read(bytes: &[u8]) -> Step<Self> {
        let mut cursor = Cursor::new(bytes);
        let head = cursor.byte()?;
        let bits = cursor.number(3)?;
        let size = cursor.number(4)?;
        let mut read = Self { class: Class::Other, size, in_heap: false };
        match head & 0x0f {
            0 | 4 | 8 => read.class = Class::Integer,
            1 => read.class = Class::Float,
            3 => read.class = Class::Text,
            5 => read.class = Class::Opaque,
            9 if bits & 0xf == 1 => (read.class, read.in_heap) = (Class::Text, true),
            9 => {
                // A sequence of single bytes is how objects of other formats are kept.
                let single = cursor
                    .bytes
                    .get(8..16)
                    .and_then(|base| Self::read(base).ok())
                    .is_some_and(|base| base.size == 1);
                (read.class, read.in_heap) = (Class::Sequence, single);
            }
            _ => {}
        }
        Ok(read)
    }
}

/// A dataspace message: extents, none of a null space.
pub(super) fn dataspace(bytes: &[u8], length_size: usize) -> Step<Option<Vec<u64>>> {
    let mut cursor = Cursor::new(bytes);
    let (version, rank, _flags) = (cursor.byte()?, cursor.byte()?, cursor.byte()?);
    match version {
        1 => drop(cursor.take(5)?),
        2 if cursor.byte()? == 2 => return Ok(None),
        2 => {}
        other => return Err(Defect::whole("hdf5-dataspace", format!("a dataspace of version {other}"))),
    }
    (0..rank).map(|_| cursor.number(length_size)).collect::<Step<Vec<u64>>>().map(Some)
}

/// Elements of extents; saturating, for a lie must not become small.
pub(super) fn elements(shape: &[u64]) -> u64 {
    shape.iter().fold(1, |product: u64, extent| product.saturating_mul(*extent))
}
