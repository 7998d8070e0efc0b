//! FlatBuffers: tables, vectors and texts out of untrusted bytes, without a schema and without copying.
//!
//! Every step checks its offsets against the buffer, so a lie is a [`Defect`] and no reader can leave the bytes.
//! Absent fields are `None`. Shared by TFLite, ONNX Runtime's own format, Arrow, ExecuTorch and others.
//! <https://flatbuffers.dev/internals/>

use std::ops::Range;

use crate::Defect;

/// What a step through the buffer gives, or the lie that stopped it.
pub type Step<T> = Result<T, Defect>;

/// The bytes of one buffer; offsets count from its first byte.
#[derive(Debug, Clone, Copy)]
pub struct Flatbuffer<'a> {
    bytes: &'a [u8],
}

/// A table: fields by slot, `0` for the first field of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    buffer: Flatbuffer<'a>,
    position: usize,
    vtable: usize,
    vtable_size: usize,
    size: usize,
}

/// A vector of elements of one size.
#[derive(Debug, Clone, Copy)]
pub struct Vector<'a> {
    buffer: Flatbuffer<'a>,
    start: usize,
    length: usize,
    element: usize,
}

fn lie<T>(code: &'static str, at: usize, detail: impl Into<String>) -> Step<T> {
    Err(Defect::at(code, at as u64, detail))
}

impl<'a> Flatbuffer<'a> {
    /// The buffer in `bytes`; a size prefix, if there is one, must be cut off before.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The four letters behind the root offset, if the buffer is long enough to have them.
    pub fn identifier(&self) -> Option<[u8; 4]> {
        self.bytes.get(4..8)?.try_into().ok()
    }

    /// The root table.
    ///
    /// # Errors
    /// If the root lies outside the buffer or is no table.
    pub fn root(&self) -> Step<Table<'a>> {
        self.table(self.offset(0)?)
    }

    /// `N` bytes at `at`.
    fn array<const N: usize>(&self, at: usize) -> Step<[u8; N]> {
        let bytes = at.checked_add(N).and_then(|end| self.bytes.get(at..end));
        match bytes.and_then(|bytes| bytes.try_into().ok()) {
            Some(bytes) => Ok(bytes),
            None => lie("flatbuffer-past-end", at, format!("{N} bytes at {at} are past the end")),
        }
    }

    fn u16(&self, at: usize) -> Step<u16> {
        Ok(u16::from_le_bytes(self.array(at)?))
    }

    fn u32(&self, at: usize) -> Step<u32> {
        Ok(u32::from_le_bytes(self.array(at)?))
    }

    /// Where the unsigned offset stored at `at` leads.
    fn offset(&self, at: usize) -> Step<usize> {
        let offset = self.u32(at)? as usize;
        match at.checked_add(offset).filter(|target| offset != 0 && *target < self.bytes.len()) {
            Some(target) => Ok(target),
            None => lie("flatbuffer-offset", at, format!("the offset {offset} leads out of the buffer")),
        }
    }

    /// The table at `position`, whose list of fields is checked.
    fn table(self, position: usize) -> Step<Table<'a>> {
        let back = i32::from_le_bytes(self.array(position)?);
        let vtable = i64::try_from(position).ok().and_then(|at| usize::try_from(at - i64::from(back)).ok());
        let Some(vtable) = vtable else {
            return lie("flatbuffer-table", position, "the list of fields lies before the buffer");
        };
        let (vtable_size, size) = (usize::from(self.u16(vtable)?), usize::from(self.u16(vtable + 2)?));
        let ends =
            |start: usize, size: usize| start.checked_add(size).is_some_and(|end| end <= self.bytes.len());
        if vtable_size < 4
            || vtable_size % 2 != 0
            || size < 4
            || !ends(vtable, vtable_size)
            || !ends(position, size)
        {
            let detail = format!("a table of {size} bytes with a list of {vtable_size} is none");
            return lie("flatbuffer-table", position, detail);
        }
        Ok(Table { buffer: self, position, vtable, vtable_size, size })
    }

    /// The text at `position`, lossily as UTF-8.
    fn text(&self, position: usize) -> Step<String> {
        let bytes = self.vector(position, 1)?.bytes();
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    fn vector(self, position: usize, element: usize) -> Step<Vector<'a>> {
        let length = self.u32(position)? as usize;
        let start = position + 4;
        let fits = length
            .checked_mul(element)
            .and_then(|size| start.checked_add(size))
            .is_some_and(|end| end <= self.bytes.len());
        if !fits {
            let detail = format!("a vector of {length} elements of {element} bytes is past the end");
            return lie("flatbuffer-vector", position, detail);
        }
        Ok(Vector { buffer: self, start, length, element })
    }
}

impl<'a> Table<'a> {
    /// Offset of the table in the buffer: where people look for it.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Number of slots that the table's writer knew, filled or not.
    pub fn slots(&self) -> usize {
        (self.vtable_size - 4) / 2
    }

    /// Where the field in `slot` lies, if it is there; `width` bytes of it are inside the table.
    fn field(&self, slot: usize, width: usize) -> Step<Option<usize>> {
        if slot >= self.slots() {
            return Ok(None);
        }
        let offset = usize::from(self.buffer.u16(self.vtable + 4 + 2 * slot)?);
        if offset == 0 {
            return Ok(None);
        }
        if offset < 4 || offset + width > self.size {
            let detail = format!("field {slot} lies outside its table");
            return lie("flatbuffer-field", self.position, detail);
        }
        Ok(Some(self.position + offset))
    }

    fn scalar<const N: usize>(&self, slot: usize) -> Step<Option<[u8; N]>> {
        self.field(slot, N)?.map(|at| self.buffer.array(at)).transpose()
    }

    /// An unsigned byte, truth value or small enumeration.
    ///
    /// # Errors
    /// As all accessors: if the field is stored and an offset on the way to it lies.
    pub fn u8(&self, slot: usize) -> Step<Option<u8>> {
        Ok(self.scalar::<1>(slot)?.map(|[byte]| byte))
    }

    /// A signed byte.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn i8(&self, slot: usize) -> Step<Option<i8>> {
        Ok(self.scalar(slot)?.map(i8::from_le_bytes))
    }

    /// A 16-bit integer.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn i16(&self, slot: usize) -> Step<Option<i16>> {
        Ok(self.scalar(slot)?.map(i16::from_le_bytes))
    }

    /// An unsigned 32-bit integer.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn u32(&self, slot: usize) -> Step<Option<u32>> {
        Ok(self.scalar(slot)?.map(u32::from_le_bytes))
    }

    /// A signed 32-bit integer.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn i32(&self, slot: usize) -> Step<Option<i32>> {
        Ok(self.scalar(slot)?.map(i32::from_le_bytes))
    }

    /// A signed 64-bit integer.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn i64(&self, slot: usize) -> Step<Option<i64>> {
        Ok(self.scalar(slot)?.map(i64::from_le_bytes))
    }

    /// An unsigned 64-bit integer.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn u64(&self, slot: usize) -> Step<Option<u64>> {
        Ok(self.scalar(slot)?.map(u64::from_le_bytes))
    }

    /// A struct of `size` bytes, stored inline.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn inline(&self, slot: usize, size: usize) -> Step<Option<&'a [u8]>> {
        Ok(self.field(slot, size)?.and_then(|at| self.buffer.bytes.get(at..at + size)))
    }

    /// A table, or the value of a union.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn table(&self, slot: usize) -> Step<Option<Self>> {
        let Some(at) = self.field(slot, 4)? else { return Ok(None) };
        self.buffer.table(self.buffer.offset(at)?).map(Some)
    }

    /// A text, lossily as UTF-8.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn text(&self, slot: usize) -> Step<Option<String>> {
        let Some(at) = self.field(slot, 4)? else { return Ok(None) };
        self.buffer.text(self.buffer.offset(at)?).map(Some)
    }

    /// A vector whose elements take `element` bytes each: 4 for tables and texts, their own size for numbers and
    /// structs.
    ///
    /// # Errors
    /// As [`Table::u8`].
    pub fn vector(&self, slot: usize, element: usize) -> Step<Option<Vector<'a>>> {
        let Some(at) = self.field(slot, 4)? else { return Ok(None) };
        self.buffer.vector(self.buffer.offset(at)?, element).map(Some)
    }
}

impl<'a> Vector<'a> {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Where the elements lie in the buffer.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.length * self.element
    }

    /// All elements as stored.
    pub fn bytes(&self) -> &'a [u8] {
        self.buffer.bytes.get(self.range()).unwrap_or_default()
    }

    /// The bytes of each element, in order.
    pub fn elements(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.bytes().chunks_exact(self.element.max(1))
    }

    /// The elements of a vector of 32-bit integers.
    pub fn i32s(&self) -> impl Iterator<Item = i32> + use<'a> {
        self.bytes().as_chunks::<4>().0.iter().map(|four| i32::from_le_bytes(*four))
    }

    /// The elements of a vector of 64-bit integers.
    pub fn i64s(&self) -> impl Iterator<Item = i64> + use<'a> {
        self.bytes().as_chunks::<8>().0.iter().map(|eight| i64::from_le_bytes(*eight))
    }

    /// The tables of a vector of tables, each with its own verdict.
    pub fn tables(self) -> impl Iterator<Item = Step<Table<'a>>> {
        (0..self.length).map(move |index| self.buffer.table(self.buffer.offset(self.start + 4 * index)?))
    }

    /// The texts of a vector of texts, each with its own verdict.
    pub fn texts(self) -> impl Iterator<Item = Step<String>> {
        (0..self.length).map(move |index| self.buffer.text(self.buffer.offset(self.start + 4 * index)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root table with an `i32` in slot 0, a text in slot 1, nothing in slot 2 and a vector of it in slot 3.
    fn sample() -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(20_u32.to_le_bytes()); // root
        bytes.extend(*b"TEST");
        for word in [12_u16, 16, 4, 8, 0, 12] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.extend(12_i32.to_le_bytes()); // table at 20, back to 8
        bytes.extend(7_i32.to_le_bytes());
        bytes.extend(8_u32.to_le_bytes()); // at 28, text at 36
        bytes.extend(12_u32.to_le_bytes()); // at 32, vector at 44
        bytes.extend(2_u32.to_le_bytes());
        bytes.extend(*b"hi\0\0");
        bytes.extend(3_u32.to_le_bytes());
        for number in [1_i32, 2, 3] {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn fields_are_read() {
        let bytes = sample();
        let buffer = Flatbuffer::new(&bytes);
        assert_eq!(buffer.identifier(), Some(*b"TEST"));
        let root = buffer.root().unwrap();
        assert_eq!(root.i32(0), Ok(Some(7)));
        assert_eq!(root.text(1), Ok(Some("hi".to_owned())));
        assert_eq!(root.table(2).unwrap().map(|table| table.position()), None);
        assert_eq!(root.i64(9), Ok(None));
        let vector = root.vector(3, 4).unwrap().unwrap();
        assert_eq!(vector.i32s().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(vector.range(), 48..60);
    }

    #[test]
    fn lies_are_told() {
        let code = |at: usize, value: u32| {
            let mut bytes = sample();
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let buffer = Flatbuffer::new(&bytes);
            let root = buffer.root()?;
            root.text(1)?;
            root.vector(3, 4)?;
            root.table(1).map(|_| ())
        };
        let code = |at, value| code(at, value).unwrap_err().code;
        assert_eq!(code(0, 0xffff_ffff), "flatbuffer-offset");
        assert_eq!(code(0, 0), "flatbuffer-offset");
        assert_eq!(code(20, 0x7fff_ffff), "flatbuffer-table");
        assert_eq!(code(28, 0x1000), "flatbuffer-offset");
        assert_eq!(code(36, 0x1000), "flatbuffer-vector");
        assert_eq!(code(44, 0x4000_0000), "flatbuffer-vector");
        assert_eq!(code(12, 0x00ff_0004), "flatbuffer-field");
    }

    #[test]
    fn every_truncation_and_flip_is_survived() {
        let bytes = sample();
        let read = |bytes: &[u8]| {
            let Ok(root) = Flatbuffer::new(bytes).root() else { return };
            for slot in 0..root.slots() {
                let _ = (root.u8(slot), root.i64(slot), root.text(slot), root.inline(slot, 12));
                if let Ok(Some(table)) = root.table(slot) {
                    let _ = table.text(0);
                }
                if let Ok(Some(vector)) = root.vector(slot, 4) {
                    let _ = (vector.tables().count(), vector.texts().count(), vector.i64s().count());
                }
            }
        };
        for length in 0..bytes.len() {
            read(&bytes[..length]);
        }
        for at in 0..bytes.len() {
            for flip in [0x01, 0x40, 0x80, 0xff] {
                let mut broken = bytes.clone();
                broken[at] ^= flip;
                read(&broken);
            }
        }
    }
}
