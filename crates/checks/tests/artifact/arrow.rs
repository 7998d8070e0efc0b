//! Arrow and Parquet: types that are unpickled, files elsewhere, buffers that lie.

use crate::assembler::Assembler;
use crate::check;

/// A FlatBuffers table, its fields given as offsets from here to what is written behind it.
///
/// Writes the parts that a schema with one field of an extension type needs, from the back to the front.
struct Flat(Vec<u8>);

impl Flat {
    /// Appends a text or bytes, and says where.
    fn bytes(&mut self, bytes: &[u8]) -> usize {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        let at = self.0.len();
        self.0.extend((bytes.len() as u32).to_le_bytes());
        self.0.extend(bytes);
        self.0.push(0);
        at
    }

    /// Appends a table whose slots all hold offsets, which are filled in later, and says where its slots are.
    fn table(&mut self, slots: &[Slot]) -> (usize, Vec<usize>) {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let vtable = self.0.len();
        self.0.extend((4 + 2 * slots.len() as u16).to_le_bytes());
        self.0.extend((4 + 8 * slots.len() as u16).to_le_bytes());
        for (index, slot) in slots.iter().enumerate() {
            let at = if matches!(slot, Slot::Absent) { 0 } else { 4 + 8 * index as u16 };
            self.0.extend(at.to_le_bytes());
        }
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        let table = self.0.len();
        self.0.extend(((table - vtable) as i32).to_le_bytes());
        let mut places = Vec::new();
        for slot in slots {
            places.push(self.0.len());
            let value = if let Slot::Number(number) = slot { *number } else { 0 };
            self.0.extend(value.to_le_bytes());
        }
        (table, places)
    }

    /// Appends a vector of one offset, and says where it and its element are.
    fn list(&mut self) -> (usize, usize) {
        self.0.resize(self.0.len().next_multiple_of(4), 0);
        let at = self.0.len();
        self.0.extend(1_u32.to_le_bytes());
        self.0.extend([0; 4]);
        (at, at + 4)
    }

    fn point(&mut self, from: usize, to: usize) {
        self.0[from..from + 4].copy_from_slice(&((to - from) as u32).to_le_bytes());
    }
}

#[derive(Clone, Copy)]
enum Slot {
    Absent,
    Number(u64),
    Offset,
}

/// A stream with a schema of one column, whose metadata has one pair.
fn stream(key: &[u8], value: &[u8]) -> Vec<u8> {
    use Slot::{Absent, Number, Offset};
    let mut flat = Flat(vec![0; 4]);
    let (message, message_slots) = flat.table(&[Number(4), Number(1), Offset, Number(0)]);
    flat.point(0, message);
    let (schema, schema_slots) = flat.table(&[Absent, Offset]);
    flat.point(message_slots[2], schema);
    let (fields, element) = flat.list();
    flat.point(schema_slots[1], fields);
    let (field, field_slots) = flat.table(&[Offset, Absent, Number(2), Absent, Absent, Absent, Offset]);
    flat.point(element, field);
    let name = flat.bytes(b"x");
    flat.point(field_slots[0], name);
    let (pairs, element) = flat.list();
    flat.point(field_slots[6], pairs);
    let (pair, pair_slots) = flat.table(&[Offset, Offset]);
    flat.point(element, pair);
    for (slot, text) in [(0, key), (1, value)] {
        let text = flat.bytes(text);
        flat.point(pair_slots[slot], text);
    }
    flat.0.resize(flat.0.len().next_multiple_of(8), 0);
    [&[0xff; 4][..], &(flat.0.len() as u32).to_le_bytes(), &flat.0, &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]]
        .concat()
}

fn evil() -> Vec<u8> {
    Assembler::protocol(4).stack_global("posix", concat!("sys", "tem")).text("id").reduce1().stop()
}

#[test]
fn types_that_are_unpickled() {
    check("m.arrows", &stream(b"note", b"an ordinary column"), &[]);
    check("m.arrows", &stream(b"ARROW:extension:name", b"arrow.uuid"), &[]);
    let extension = stream(b"ARROW:extension:name", b"arrow.py_extension_type");
    check("m.arrows", &extension, &["arrow-extension-type"]);
    check("m.arrows", &stream(b"ARROW:extension:metadata", &evil()), &["pickle-code-execution"]);
    check("m.arrows", &stream(b"state", &evil()), &["pickle-code-execution"]);
}

#[test]
fn messages_that_lie() {
    let mut bytes = stream(b"note", b"an ordinary column");
    bytes[4] = 0xf0;
    check("m.arrow", &bytes, &[]);
    let file = [b"ARROW1\0\0".as_slice(), &bytes].concat();
    check("m.arrow", &file, &["artifact-malformed"]);
}

/// A table of one column whose bytes are said to lie at `at` of `file`.
fn parquet(file: &str, at: u8) -> Vec<u8> {
    let name =
        if file.is_empty() { Vec::new() } else { [&[0x18, file.len() as u8][..], file.as_bytes()].concat() };
    let after = if file.is_empty() { 0x3c } else { 0x2c };
    let footer = [
        b"\x15\x04\x19\x2c\x48\x01r\x15\x02\x00\x15\x02\x38\x01c\x00\x16\x00\x19\x1c\x19\x1c".as_slice(),
        &name,
        // Meta data: seven fields further its stored size, two further its place.
        &[after, 0x76, 0x04, 0x26, at, 0x00, 0x00, 0x26, 0x00, 0x00, 0x00],
    ]
    .concat();
    [b"PAR1....".as_slice(), &footer, &(footer.len() as u32).to_le_bytes(), b"PAR1"].concat()
}

#[test]
fn columns_in_other_files() {
    check("m.parquet", &parquet("", 8), &[]);
    check("m.parquet", &parquet("part-0.parquet", 8), &[]);
    check("m.parquet", &parquet("../../secret.parquet", 8), &["parquet-file-escape"]);
    check("m.parquet", &parquet("/etc/passwd", 8), &["parquet-file-escape"]);
    check("m.parquet", b"PAR1\xff\xff\xff\x7fPAR1", &["artifact-malformed"]);
}

#[test]
fn pages_behind_the_end() {
    check("m.parquet", &parquet("", 0x7e), &["artifact-malformed"]);
}
