use super::*;
use crate::Budget;

/// Parameters as Flax writes them: one array of two numbers.
const FLAX: &[u8] = b"\x81\xa6params\x81\xa1w\xc7\x15\x01\x93\x91\x02\xa7float32\xc4\x08\0\0\0\0\0\0\0\0";

fn codes(bytes: &[u8]) -> Vec<&'static str> {
    let budget = Budget::default();
    let parsed = parse(&Input::new("m.msgpack", bytes, &budget));
    parsed.defects.into_iter().map(|defect| defect.code).collect()
}

#[test]
fn arrays_are_held_to_their_shape() {
    assert!(codes(FLAX).is_empty());
    let with = |at: usize, value: u8| {
        let mut bytes = FLAX.to_vec();
        bytes[at] = value;
        bytes
    };
    assert_eq!(codes(&with(15, 0xfe)), ["msgpack-array"]);
    assert_eq!(codes(&with(15, 3)), ["msgpack-array"]);
    assert_eq!(codes(&with(0, 0x8f)), ["msgpack-length"]);
    assert_eq!(codes(b"\x81\xa1a\xc6\xff\xff\xff\xff"), ["msgpack-length"]);
    assert_eq!(codes(&[&[0x91; 500][..], &[0x90]].concat()), ["msgpack-depth"]);
}

#[test]
fn recognised_by_its_values() {
    let budget = Budget::default();
    let sure = |name: &str, bytes: &[u8]| recognise(&Input::new(name, bytes, &budget));
    assert_eq!(sure("checkpoint", FLAX), Recognised::ByShape);
    assert_eq!(sure("notes.txt", FLAX), Recognised::No);
    assert_eq!(sure("m.bin", b"\x80\x04\x95\0\0\0\0\0\0\0\0."), Recognised::No);
    assert_eq!(sure("m.bin", b"\x81\xa1\xc1\xc1\xc1\xc1"), Recognised::No);
}

#[test]
fn broken_bytes_never_panic() {
    for at in 0..FLAX.len() {
        codes(&FLAX[..at]);
        for value in [0, 0x81, 0x9f, 0xc9, 0xdd, 0xff] {
            let mut bytes = FLAX.to_vec();
            bytes[at] = value;
            codes(&bytes);
        }
    }
}
