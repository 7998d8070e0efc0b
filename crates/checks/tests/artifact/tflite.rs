//! TensorFlow Lite models, built table by table: operators from elsewhere and indexes that lie.

use crate::check;

/// A value of a table's slot.
enum Slot {
    /// Nothing.
    None,
    /// A number stored in four bytes.
    Number(i32),
    /// A number stored in one byte.
    Byte(u8),
    /// A text.
    Text(&'static str),
    /// Numbers of four bytes.
    Numbers(Vec<i32>),
    /// Tables.
    Tables(Vec<Vec<Slot>>),
}

/// Appends a table and returns its place; what it refers to follows it.
fn table(slots: &[Slot], out: &mut Vec<u8>) -> usize {
    let size = 4 + 4 * slots.len();
    let vtable = out.len();
    out.extend((4 + 2 * slots.len() as u16).to_le_bytes());
    out.extend((size as u16).to_le_bytes());
    for (index, slot) in slots.iter().enumerate() {
        let offset = if matches!(slot, Slot::None) { 0 } else { 4 + 4 * index as u16 };
        out.extend(offset.to_le_bytes());
    }
    out.resize(out.len().next_multiple_of(4), 0);
    let place = out.len();
    out.extend(((place - vtable) as i32).to_le_bytes());
    out.resize(place + size, 0);
    for (index, slot) in slots.iter().enumerate() {
        let at = place + 4 + 4 * index;
        let refer = |out: &mut Vec<u8>| {
            out.resize(out.len().next_multiple_of(4), 0);
            let offset = (out.len() - at) as u32;
            out[at..at + 4].copy_from_slice(&offset.to_le_bytes());
        };
        match slot {
            Slot::None => {}
            Slot::Number(number) => out[at..at + 4].copy_from_slice(&number.to_le_bytes()),
            Slot::Byte(byte) => out[at] = *byte,
            Slot::Text(text) => {
                refer(out);
                out.extend((text.len() as u32).to_le_bytes());
                out.extend(text.bytes().chain([0]));
            }
            Slot::Numbers(numbers) => {
                refer(out);
                out.extend((numbers.len() as u32).to_le_bytes());
                numbers.iter().for_each(|number| out.extend(number.to_le_bytes()));
            }
            Slot::Tables(tables) => {
                refer(out);
                let start = out.len() + 4;
                out.extend((tables.len() as u32).to_le_bytes());
                out.resize(start + 4 * tables.len(), 0);
                for (index, inner) in tables.iter().enumerate() {
                    let (from, to) = (start + 4 * index, table(inner, out));
                    out[from..from + 4].copy_from_slice(&((to - from) as u32).to_le_bytes());
                }
            }
        }
    }
    place
}

/// A model with one operator on one tensor of this shape, which uses the tensor `input`.
fn model(builtin: u8, custom: &'static str, shape: &[i32], input: i32) -> Vec<u8> {
    let code = vec![Slot::Byte(builtin), if custom.is_empty() { Slot::None } else { Slot::Text(custom) }];
    let tensor = vec![Slot::Numbers(shape.to_vec()), Slot::None, Slot::Number(0), Slot::Text("x")];
    let operator = vec![Slot::Number(0), Slot::Numbers(vec![input]), Slot::Numbers(vec![0])];
    let graph = vec![
        Slot::Tables(vec![tensor]),
        Slot::Numbers(vec![0]),
        Slot::Numbers(vec![0]),
        Slot::Tables(vec![operator]),
    ];
    let root = [
        Slot::Number(3),
        Slot::Tables(vec![code]),
        Slot::Tables(vec![graph]),
        Slot::Text("made by hand"),
        Slot::Tables(vec![vec![]]),
    ];
    let mut out = b"\0\0\0\0TFL3".to_vec();
    let place = table(&root, &mut out) as u32;
    out[..4].copy_from_slice(&place.to_le_bytes());
    out
}

#[test]
fn built_in_operators_are_silent() {
    check("m.tflite", &model(19, "", &[1, 4], 0), &[]);
    check("m.tflite", &model(32, "FlexAddV2", &[1, 4], 0), &[]);
}

#[test]
fn operators_from_elsewhere() {
    for operator in ["FlexReadFile", "FlexWriteFile", "FlexPyFunc", "FlexNobodyKnows"] {
        check("m.tflite", &model(32, operator, &[1, 4], 0), &["tflite-flex-operator"]);
    }
    check("m.tflite", &model(32, "ShellOperator", &[1, 4], 0), &["tflite-custom-operator"]);
}

#[test]
fn indexes_and_extents_that_lie() {
    check("m.tflite", &model(19, "", &[1, 4], 7), &["artifact-malformed"]);
    check("m.tflite", &model(19, "", &[1, -4], 0), &["artifact-malformed"]);
    check("m.tflite", &model(19, "", &[i32::MAX, i32::MAX], 0), &["artifact-malformed"]);
    let whole = model(19, "", &[1, 4], 0);
    for length in 8..whole.len() {
        let _ = crate::findings("m.tflite", &whole[..length]);
    }
}
