//! A small file, whole, truncated and broken; larger ones are made by the real library in the benchmark.

use super::*;
use crate::Budget;

/// A file of superblock version 0 with one group, as h5py lays it out: symbol table, local heap, a soft link.
fn old_file() -> Vec<u8> {
    let mut bytes = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x04\0\x10\0\0\0\0\0".to_vec();
    let none = u64::MAX;
    for number in [0, none, 400, none] {
        bytes.extend(number.to_le_bytes());
    }
    // The root's entry: name, header, cache, scratch.
    for number in [0_u64, 96, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    assert_eq!(bytes.len(), 96);
    // Header: one message, the symbol table.
    bytes.extend([1, 0, 1, 0, 1, 0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0x11, 0, 16, 0, 0, 0, 0, 0]);
    bytes.extend(136_u64.to_le_bytes());
    bytes.extend(256_u64.to_le_bytes());
    // Tree with one child.
    bytes.extend(*b"TREE\0\0\x01\0");
    for number in [none, none, 0, 192, 8] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(192, 0);
    bytes.extend(*b"SNOD\x01\0\x01\0");
    for number in [8_u64, none, 2, 16, 0] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(256, 0);
    bytes.extend(*b"HEAP\0\0\0\0");
    for number in [32_u64, none, 300] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(300, 0);
    bytes.extend(*b"\0\0\0\0\0\0\0\0link\0\0\0\0/target\0");
    bytes.resize(400, 0);
    bytes
}

fn read(bytes: &[u8]) -> (Hdf5, Vec<Defect>) {
    let budget = Budget::default();
    let parsed = (FORMAT.parse)(&Input::new("a.h5", bytes, &budget));
    let Facts::Hdf5(facts) = parsed.facts else { panic!("{}", parsed.format) };
    (facts, parsed.defects)
}

#[test]
fn an_old_group_is_read() {
    let (facts, defects) = read(&old_file());
    assert_eq!(defects, []);
    assert_eq!(facts.objects, 1);
    assert_eq!(facts.links, [Link { path: "/link".to_owned(), target: Target::Soft("/target".to_owned()) }]);
}

#[test]
fn a_user_block_is_passed() {
    let mut bytes = vec![0; 512];
    bytes.extend(old_file());
    let (facts, defects) = read(&bytes);
    assert_eq!((facts.user_block, facts.links.len(), defects), (512, 1, Vec::new()));
}

#[test]
fn every_truncation_and_flip_is_survived() {
    let bytes = old_file();
    for length in 0..bytes.len() {
        let _ = read(&bytes[..length]);
    }
    for at in 0..bytes.len() {
        for flip in [0x01, 0x40, 0x80, 0xff] {
            let mut broken = bytes.clone();
            broken[at] ^= flip;
            let _ = read(&broken);
        }
    }
}
