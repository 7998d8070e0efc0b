use super::*;
use crate::Budget;

#[test]
fn broken_bytes_never_panic() {
    // A stream of one schema without fields, as pyarrow writes it.
    let metadata: Vec<u8> = [
        16_u32.to_le_bytes().as_slice(),
        &[0, 0, 10, 0, 14, 0, 6, 0, 5, 0, 8, 0, 10, 0, 0, 0],
        &[0, 1, 4, 0, 16, 0, 0, 0],
        &[0, 0, 10, 0, 12, 0, 0, 0, 4, 0, 8, 0, 10, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    let good = [CONTINUES.as_slice(), &(metadata.len() as u32).to_le_bytes(), &metadata, &CONTINUES, &[0; 4]]
        .concat();
    let budget = Budget::default();
    for at in 0..good.len() {
        parse(&Input::new("m.arrow", &good[..at], &budget));
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = good.clone();
            bytes[at] = value;
            parse(&Input::new("m.arrow", &bytes, &budget));
            let file = [b"ARROW1\0\0".as_slice(), &bytes, b"\x20\0\0\0ARROW1"].concat();
            parse(&Input::new("m.arrow", &file, &budget));
        }
    }
}
