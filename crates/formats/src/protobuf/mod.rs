//! Protocol Buffers wire format: fields out of bytes, without a schema.
//!
//! Nothing is copied and nothing is allocated from a length that the input states: a field is a number, a wire
//! type and a byte range that is known to lie inside the message. Shared by every format that is stored in
//! protobuf. <https://protobuf.dev/programming-guides/encoding/>

pub mod text;

use std::ops::Range;

use crate::Defect;

/// What stands behind a field's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Wire type 0: an integer, boolean or enumeration.
    Varint(u64),
    /// Wire type 1: eight bytes, little-endian.
    Fixed64(u64),
    /// Wire type 2: bytes, text, a nested message or packed numbers.
    Bytes,
    /// Wire type 5: four bytes, little-endian.
    Fixed32(u32),
}

/// One field of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Field number, 1 to 2^29 - 1.
    pub number: u32,
    /// Offset of the field's tag in the whole input.
    pub offset: usize,
    /// Where the content lies in the whole input, behind tag and length.
    pub content: Range<usize>,
    /// Its content.
    pub payload: Payload,
}

impl Field {
    /// The integer of a varint field.
    pub fn varint(&self) -> Option<u64> {
        match self.payload {
            Payload::Varint(value) => Some(value),
            _ => None,
        }
    }

    /// The byte range of a length-delimited field.
    pub fn bytes(&self) -> Option<Range<usize>> {
        (self.payload == Payload::Bytes).then(|| self.content.clone())
    }

    /// The number of a fixed 32-bit field as a float.
    pub fn float(&self) -> Option<f32> {
        match self.payload {
            Payload::Fixed32(bits) => Some(f32::from_bits(bits)),
            _ => None,
        }
    }
}

/// Walks the fields of one message; after the first defect it ends.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    position: usize,
    end: usize,
}

impl<'a> Fields<'a> {
    /// Fields of the message in `range` of `bytes`; offsets and ranges refer to `bytes`.
    pub fn new(bytes: &'a [u8], range: Range<usize>) -> Self {
        let end = range.end.min(bytes.len());
        Self { bytes, position: range.start.min(end), end }
    }

    /// Base-128 varint, at most ten bytes.
    fn varint(&mut self) -> Result<u64, Defect> {
        let start = self.position;
        let mut value = 0_u64;
        for index in 0..10_u32 {
            let byte =
                *self.bytes.get(self.position).filter(|_| self.position < self.end).ok_or_else(|| {
                    Defect::at("protobuf-truncated", start as u64, "the input ends inside a number")
                })?;
            self.position += 1;
            // Only one bit is left for the tenth byte.
            if index == 9 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Defect::at("protobuf-varint", start as u64, "a number takes more than 64 bits"))
    }

    fn take(&mut self, length: u64, offset: usize) -> Result<Range<usize>, Defect> {
        let left = self.end - self.position;
        match usize::try_from(length) {
            Ok(length) if length <= left => {
                let range = self.position..self.position + length;
                self.position += length;
                Ok(range)
            }
            _ => Err(Defect::at(
                "protobuf-length",
                offset as u64,
                format!("a field claims {length} bytes where {left} are left"),
            )),
        }
    }

    fn field(&mut self) -> Result<Field, Defect> {
        let offset = self.position;
        let tag = self.varint()?;
        let number =
            u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number)).ok_or_else(|| {
                Defect::at("protobuf-tag", offset as u64, format!("{} is no field number", tag >> 3))
            })?;
        let mut start = self.position;
        let payload = match tag & 7 {
            0 => Payload::Varint(self.varint()?),
            1 => Payload::Fixed64(little_endian(&self.bytes[self.take(8, offset)?])),
            2 => {
                let length = self.varint()?;
                start = self.take(length, offset)?.start;
                Payload::Bytes
            }
            5 => Payload::Fixed32(little_endian(&self.bytes[self.take(4, offset)?]) as u32),
            other => {
                let detail = format!("field {number} has wire type {other}, which proto3 does not use");
                return Err(Defect::at("protobuf-wire-type", offset as u64, detail));
            }
        };
        Ok(Field { number, offset, content: start..self.position, payload })
    }
}

impl Iterator for Fields<'_> {
    type Item = Result<Field, Defect>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.position >= self.end {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.position = self.end;
        }
        Some(field)
    }
}

/// The varints packed into `range`.
pub fn packed_varints(bytes: &[u8], range: Range<usize>) -> impl Iterator<Item = Result<u64, Defect>> + '_ {
    let mut fields = Fields::new(bytes, range);
    std::iter::from_fn(move || {
        if fields.position >= fields.end {
            return None;
        }
        let value = fields.varint();
        if value.is_err() {
            fields.position = fields.end;
        }
        Some(value)
    })
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(bytes: &[u8]) -> Vec<Result<Field, &'static str>> {
        Fields::new(bytes, 0..bytes.len()).map(|field| field.map_err(|defect| defect.code)).collect()
    }

    #[test]
    fn every_wire_type_is_read() {
        let read = fields(&[
            0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x1d, 0, 0, 0x80, 0x3f, 0x21, 1, 0, 0, 0, 0, 0, 0, 0,
        ]);
        let read: Vec<Field> = read.into_iter().map(Result::unwrap).collect();
        assert_eq!(read[0].varint(), Some(150));
        assert_eq!(read[1].bytes(), Some(5..7));
        assert_eq!(read[2].float(), Some(1.0));
        assert_eq!(read[3].payload, Payload::Fixed64(1));
        assert_eq!(read.iter().map(|field| field.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    #[test]
    fn lies_end_the_walk_with_a_defect() {
        let code = |bytes: &[u8]| fields(bytes).pop().unwrap().unwrap_err();
        assert_eq!(code(&[0x08, 0x96]), "protobuf-truncated");
        assert_eq!(code(&[0x12, 0xff, 0xff, 0xff, 0xff, 0x0f, b'x']), "protobuf-length");
        assert_eq!(code(&[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]), "protobuf-varint");
        assert_eq!(code(&[0x0b]), "protobuf-wire-type");
        assert_eq!(code(&[0x00, 0x00]), "protobuf-tag");
        assert_eq!(code(&[0x1d, 0, 0]), "protobuf-length");
    }
}
