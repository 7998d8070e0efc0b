//! Archives written by hand.

use super::*;
use crate::Budget;

/// An archive of one stored file.
pub(super) fn stored(name: &str, content: &[u8]) -> Vec<u8> {
    let size = u8::try_from(content.len()).unwrap();
    let mut directory = vec![1, 4, 6, 0, 1, 9, size, 0, 7, 0x0b, 1, 0, 1, 1, 0, 0x0c, size, 0, 0, 5, 1];
    let mut names = vec![0];
    names.extend(name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
    directory.extend([0x11, u8::try_from(names.len()).unwrap()]);
    directory.extend(names);
    directory.extend([0, 0]);
    let mut out = MAGIC.to_vec();
    out.extend([0, 4, 0, 0, 0, 0]);
    out.extend((content.len() as u64).to_le_bytes());
    out.extend((directory.len() as u64).to_le_bytes());
    out.extend([0; 4]);
    out.extend(content);
    out.extend(directory);
    out
}

#[test]
fn a_stored_file_is_a_member() {
    let budget = Budget::default();
    let bytes = stored("../notes.txt", b"hello world\n");
    let parsed = crate::parse(&Input::new("a.7z", &bytes, &budget));
    assert_eq!(parsed.defects, []);
    assert_eq!(parsed.members.len(), 1, "{parsed:?}");
    assert_eq!((parsed.members[0].name.as_str(), parsed.members[0].parsed.format), ("../notes.txt", "text"));
}

#[test]
fn cut_and_changed_archives_end_in_defects() {
    let good = stored("a.txt", b"hello world\n");
    for length in 0..good.len() {
        let budget = Budget::default();
        drop(crate::parse(&Input::new("a.7z", &good[..length], &budget)));
        for value in [0, 1, 0x7f, 0xff] {
            let mut changed = good.clone();
            changed[length] = value;
            let budget = Budget::default();
            drop(crate::parse(&Input::new("a.7z", &changed, &budget)));
        }
    }
}
