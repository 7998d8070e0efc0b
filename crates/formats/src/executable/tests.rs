use super::*;
use crate::Budget;

fn kind(bytes: &[u8]) -> Option<Kind> {
    at(bytes, 0).map(|found| found.kind)
}

/// A 64-bit little-endian header of the type.
fn elf(kind: u8) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    (bytes[16], bytes[18], bytes[52]) = (kind, 62, 64);
    bytes
}

#[test]
fn programs_are_told_by_their_headers() {
    let library = at(&elf(3), 0).unwrap();
    assert_eq!((library.kind, library.library), (Kind::Elf, true));
    let mut pe = vec![0; 0x80];
    pe[..2].copy_from_slice(b"MZ");
    pe[0x3c] = 0x40;
    pe[0x40..0x46].copy_from_slice(b"PE\0\0\x64\x86");
    assert_eq!(kind(&pe), Some(Kind::Pe));
    assert_eq!(kind(b"\0asm\x01\0\0\0\x01\x01\0"), Some(Kind::Wasm));
    assert_eq!(kind(b"\xca\xfe\xba\xbe\0\0\0\x34"), Some(Kind::JavaClass));
    assert_eq!(kind(b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07\0\0\0\x03\0\0\x40\0"), Some(Kind::MachO));
    assert_eq!(kind(b"MZqFpD='\n\0"), Some(Kind::Ape));
}

#[test]
fn bytes_that_only_begin_like_a_program_are_none() {
    assert_eq!(kind(b"MZ, a short text"), None);
    assert_eq!(kind(b"\x7fELF\x02\x01\x01 and then weights"), None);
    assert_eq!(kind(b"\xca\xfe\xba\xbe\x80\x80\x80\x80\x80"), None);
    assert_eq!(kind(b"\xcf\xfa\xed\xfe\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), None);
    for (index, cut) in (0..64).map(|cut| elf(2)[..cut].to_vec()).enumerate() {
        assert!(kind(&cut).is_none() || index >= 54, "{index}");
    }
}

#[test]
fn scripts_count_only_under_a_models_name() {
    let budget = Budget::default();
    let seen = |name, bytes: &[u8]| recognise(&Input::new(name, bytes, &budget));
    assert_eq!(seen("model.pkl", b"#!/bin/sh\nid\n"), Recognised::ByMagic);
    assert_eq!(seen("run.sh", b"#!/bin/sh\nid\n"), Recognised::No);
    assert_eq!(seen("model.bin", b"# a comment\n"), Recognised::No);
}
