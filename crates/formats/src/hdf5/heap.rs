//! Heaps: local ones for names, global ones for values of variable length, fractal ones for many links or attributes.

use super::Step;
use super::reader::Reader;
use super::value::Cursor;
use crate::Defect;

impl<'a> Reader<'a> {
    /// The text at `offset` of the local heap at `address`.
    pub(super) fn local_heap(&self, address: u64, offset: u64) -> Step<String> {
        let mut cursor = self.cursor(address)?;
        signature(&mut cursor, b"HEAP", address)?;
        cursor.take(4)?;
        let size = cursor.number(self.length_size)?;
        cursor.number(self.length_size)?;
        let data = cursor.number(self.offset_size)?;
        if offset >= size {
            return Err(Defect::at("hdf5-heap", address, "a name lies outside its heap"));
        }
        self.cursor(data.saturating_add(offset))?.text()
    }

    /// Object `index` of the global heap collection at `address`.
    pub(super) fn global_heap(&self, address: u64, index: u64) -> Step<&'a [u8]> {
        let mut cursor = self.cursor(address)?;
        signature(&mut cursor, b"GCOL", address)?;
        cursor.take(4)?;
        let size = cursor.number(self.length_size)?;
        let end = usize::try_from(size).unwrap_or(usize::MAX).min(cursor.bytes.len());
        while cursor.at + 8 + self.length_size <= end {
            let found = cursor.number(2)?;
            cursor.take(6)?;
            let length = usize::try_from(cursor.number(self.length_size)?).unwrap_or(usize::MAX);
            if found == 0 {
                break;
            }
            let content = cursor.take(length)?;
            if found == index {
                return Ok(content);
            }
            cursor.align();
        }
        Err(Defect::at("hdf5-heap", address, format!("the heap has no object {index}")))
    }

    /// The objects with these identifiers in the fractal heap at `address`.
    pub(super) fn fractal_heap(&self, address: u64) -> Step<Fractal> {
        let mut cursor = self.cursor(address)?;
        signature(&mut cursor, b"FRHP", address)?;
        cursor.byte()?;
        let id_length = cursor.number(2)?;
        let filters = cursor.number(2)?;
        cursor.byte()?;
        let largest_managed = cursor.number(4)?;
        let (offsets, lengths) = (self.offset_size, self.length_size);
        cursor.take(lengths + offsets + lengths + offsets)?;
        cursor.take(lengths * 8)?;
        let width = cursor.number(2)?;
        let starting_block = cursor.number(lengths)?;
        let largest_block = cursor.number(lengths)?;
        let heap_bits = cursor.number(2)?;
        cursor.number(2)?;
        let root = cursor.number(offsets)?;
        let rows = cursor.number(2)?;
        let sound =
            width.is_power_of_two() && starting_block.is_power_of_two() && largest_block.is_power_of_two();
        if !sound || heap_bits > 64 || heap_bits == 0 || id_length < 1 || starting_block > largest_block {
            return Err(Defect::at("hdf5-heap", address, "a fractal heap with impossible sizes"));
        }
        if filters != 0 {
            return Err(Defect::at(
                "limit-hdf5-heap",
                address,
                "a compressed heap of links or attributes is not read",
            ));
        }
        let bytes_for = |value: u64| ((64 - value.leading_zeros()) as usize).div_ceil(8);
        Ok(Fractal {
            offset_bytes: (heap_bits as usize).div_ceil(8),
            length_bytes: bytes_for(largest_block.min(largest_managed)).max(1),
            width,
            starting_block,
            largest_block,
            heap_bits,
            root,
            rows,
        })
    }

    /// The bytes of the managed object with this identifier.
    pub(super) fn heap_object(&self, heap: &Fractal, id: &'a [u8]) -> Step<&'a [u8]> {
        let mut cursor = Cursor::new(id);
        let head = cursor.byte()?;
        let kind = head >> 4 & 3;
        if kind == 2 {
            // Tiny: the object stands in the identifier itself.
            return cursor.take(usize::from(head & 0xf) + 1);
        }
        if kind != 0 {
            return Err(Defect::whole("limit-hdf5-heap", "huge heap objects are not read"));
        }
        let offset = cursor.number(heap.offset_bytes)?;
        let length = usize::try_from(cursor.number(heap.length_bytes)?).unwrap_or(usize::MAX);
        let (block, inside) = if heap.rows == 0 {
            (heap.root, offset)
        } else {
            self.block_of(heap, heap.root, heap.rows, offset, 0)?
        };
        self.cursor(block.saturating_add(inside))?.take(length)
    }

    /// The direct block that holds `offset`, and the offset in it, looked for below an indirect block.
    fn block_of(
        &self,
        heap: &Fractal,
        indirect: u64,
        rows: u64,
        offset: u64,
        depth: u32,
    ) -> Step<(u64, u64)> {
        let broken = |detail: &str| Err(Defect::at("hdf5-heap", indirect, detail));
        if depth > 32 || rows > 128 {
            return broken("heap blocks inside one another without end");
        }
        let mut cursor = self.cursor(indirect)?;
        signature(&mut cursor, b"FHIB", indirect)?;
        cursor.take(1 + self.offset_size + (heap.heap_bits as usize).div_ceil(8))?;
        let mut left = offset;
        for row in 0..rows {
            let size = heap.row_size(row);
            let covered = size.saturating_mul(heap.width);
            if left >= covered {
                left -= covered;
                continue;
            }
            let column = left / size;
            let index = usize::try_from(row * heap.width + column).unwrap_or(usize::MAX);
            cursor.take(index.saturating_mul(self.offset_size))?;
            let child = cursor.number(self.offset_size)?;
            let inside = left % size;
            if size <= heap.largest_block {
                return Ok((child, inside));
            }
            // An indirect block of this size has as many rows as it takes to cover it.
            let rows = u64::from(size.trailing_zeros())
                .saturating_sub(u64::from((heap.starting_block * heap.width).trailing_zeros()))
                + 1;
            return self.block_of(heap, child, rows, inside, depth + 1);
        }
        broken("an object lies outside its heap")
    }
}

/// A fractal heap's sizes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fractal {
    offset_bytes: usize,
    length_bytes: usize,
    width: u64,
    starting_block: u64,
    largest_block: u64,
    heap_bits: u64,
    root: u64,
    rows: u64,
}

impl Fractal {
    /// Bytes of each block in a row of the doubling table.
    fn row_size(&self, row: u64) -> u64 {
        let doublings = u32::try_from(row.saturating_sub(1)).unwrap_or(63);
        self.starting_block.checked_shl(doublings).filter(|size| *size != 0).unwrap_or(u64::MAX)
    }
}

/// Passes four letters that must be there.
pub(super) fn signature(cursor: &mut Cursor<'_>, wanted: &[u8; 4], address: u64) -> Step<()> {
    if cursor.take(4)? == wanted {
        return Ok(());
    }
    let wanted = String::from_utf8_lossy(wanted);
    Err(Defect::at("hdf5-signature", address, format!("no `{wanted}` where the file says there is one")))
}
