//! B-trees: version 1 for the members of old groups, version 2 for many links or attributes.

use super::Step;
use super::heap::signature;
use super::reader::Reader;
use crate::Defect;

/// Levels of a tree.
const LEVELS: u32 = 16;

/// A member of an old group.
#[derive(Debug)]
pub(super) struct Symbol {
    pub(super) name: u64,
    pub(super) header: u64,
    /// Where the text of a soft link lies in the local heap.
    pub(super) soft: Option<u64>,
}

impl<'a> Reader<'a> {
    /// The members of an old group, by its B-tree of version 1.
    pub(super) fn symbols(&mut self, address: u64, depth: u32, found: &mut Vec<Symbol>) -> Step<()> {
        if depth > LEVELS {
            return Err(Defect::at("hdf5-tree", address, "a tree without end"));
        }
        self.spend(address)?;
        let mut cursor = self.cursor(address)?;
        if cursor.bytes.starts_with(b"SNOD") {
            cursor.take(6)?;
            let count = cursor.number(2)?;
            for _ in 0..count {
                let name = cursor.number(self.offset_size)?;
                let header = cursor.number(self.offset_size)?;
                let cache = cursor.number(4)?;
                cursor.take(4)?;
                let scratch = cursor.take(16)?;
                let soft = (cache == 2).then(|| {
                    scratch.iter().take(4).rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
                });
                found.push(Symbol { name, header, soft });
            }
            return Ok(());
        }
        signature(&mut cursor, b"TREE", address)?;
        if cursor.byte()? != 0 {
            return Err(Defect::at("hdf5-tree", address, "a group's tree is none of names"));
        }
        cursor.byte()?;
        let count = cursor.number(2)?;
        cursor.take(2 * self.offset_size)?;
        for _ in 0..count {
            cursor.take(self.length_size)?;
            let child = cursor.number(self.offset_size)?;
            self.symbols(child, depth + 1, found)?;
        }
        Ok(())
    }

    /// The records of a B-tree of version 2.
    pub(super) fn records(&mut self, address: u64) -> Step<Vec<&'a [u8]>> {
        let mut cursor = self.cursor(address)?;
        signature(&mut cursor, b"BTHD", address)?;
        cursor.take(2)?;
        let node_size = cursor.number(4)?;
        let record_size = cursor.number(2)?;
        let depth = cursor.number(2)?;
        cursor.take(2)?;
        let root = cursor.number(self.offset_size)?;
        let in_root = cursor.number(2)?;
        let total = cursor.number(self.length_size)?;
        if record_size == 0 || depth > u64::from(LEVELS) || node_size < 16 {
            return Err(Defect::at("hdf5-tree", address, "a tree with impossible sizes"));
        }
        let mut found = Vec::new();
        if total > 0 {
            let shape = Shape { node_size, record_size };
            self.node(&shape, root, in_root, depth as u32, &mut found)?;
        }
        Ok(found)
    }

    fn node(
        &mut self,
        shape: &Shape,
        address: u64,
        count: u64,
        depth: u32,
        found: &mut Vec<&'a [u8]>,
    ) -> Step<()> {
        self.spend(address)?;
        let mut cursor = self.cursor(address)?;
        signature(&mut cursor, if depth == 0 { b"BTLF" } else { b"BTIN" }, address)?;
        cursor.take(2)?;
        for _ in 0..count {
            found.push(cursor.take(shape.record_size as usize)?);
        }
        if depth > 0 {
            let bytes_for = |value: u64| ((64 - value.leading_zeros()) as usize).div_ceil(8).max(1);
            // Most records that fit below, level by level: they decide how wide the counts are.
            let leaf = shape.node_size.saturating_sub(10) / shape.record_size;
            let count_width = bytes_for(leaf);
            let mut most = leaf;
            for level in 1..depth {
                let pointer = (self.offset_size + count_width) as u64
                    + if level > 1 { bytes_for(most) as u64 } else { 0 };
                let own = shape.node_size.saturating_sub(10 + pointer) / (shape.record_size + pointer);
                most = own.saturating_add(own.saturating_add(1).saturating_mul(most));
            }
            for _ in 0..=count {
                let child = cursor.number(self.offset_size)?;
                let records = cursor.number(count_width)?;
                if depth > 1 {
                    cursor.take(bytes_for(most))?;
                }
                self.node(shape, child, records, depth - 1, found)?;
            }
        }
        Ok(())
    }
}

struct Shape {
    node_size: u64,
    record_size: u64,
}
