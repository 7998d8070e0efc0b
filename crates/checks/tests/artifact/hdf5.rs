//! HDF5 files written byte by byte: superblock, root group, and links that stay or leave.

use crate::check;

/// A file of superblock version 2 whose root group holds these messages.
fn file(messages: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, content) in messages {
        body.push(*kind);
        body.extend((content.len() as u16).to_le_bytes());
        body.push(0);
        body.extend(content);
    }
    let mut bytes = b"\x89HDF\r\n\x1a\n\x02\x08\x08\x00".to_vec();
    let end = 48 + 4 + 2 + 4 + body.len() as u64 + 4;
    for number in [0, u64::MAX, end, 48] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes.extend(b"OHDR\x02\x02");
    bytes.extend((body.len() as u32).to_le_bytes());
    bytes.extend(body);
    bytes.extend([0; 4]);
    bytes
}

/// A link message of a kind.
fn link(name: &str, kind: u8, value: &[u8]) -> (u8, Vec<u8>) {
    let mut content = vec![1, 8, kind, name.len() as u8];
    content.extend(name.as_bytes());
    content.extend((value.len() as u16).to_le_bytes());
    content.extend(value);
    (0x06, content)
}

#[test]
fn links_inside_are_silent_and_links_out_are_not() {
    check("a.h5", &file(&[link("soft", 1, b"/other")]), &[]);
    check("a.h5", &file(&[link("out", 64, b"\0/etc/other.h5\0/x\0")]), &["hdf5-external-reference"]);
    check("a.h5", &file(&[link("out", 64, b"\0../../other.h5\0/x\0")]), &["hdf5-external-reference"]);
}

#[test]
fn data_elsewhere_and_data_that_is_not_there() {
    let space = |extent: u64| (0x01, [&[2, 1, 0, 1][..], &extent.to_le_bytes()].concat());
    let float = (0x03, [&[0x11, 0x20, 63, 0, 8, 0, 0, 0][..], &[0; 12]].concat());
    let chunked = (0x08, vec![3, 2, 2, 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 8, 0, 0, 0]);
    check("a.h5", &file(&[space(1 << 20), float.clone(), chunked.clone()]), &[]);
    check("a.h5", &file(&[space(1 << 40), float, chunked]), &["hdf5-resource-exhaustion"]);
}

#[test]
fn a_configuration_in_an_attribute_is_judged() {
    let json = br#"{"class_name": "Lambda", "config": {"function": ["AAAA", null, null]}}"#;
    let mut attribute = vec![3, 0, 13, 0, 8, 0, 4, 0, 0];
    attribute.extend(b"model_config\0");
    attribute.extend([0x13, 0, 0, 0]);
    attribute.extend((json.len() as u32).to_le_bytes());
    attribute.extend([2, 0, 0, 0]);
    attribute.extend(json);
    check("a.h5", &file(&[(0x0c, attribute)]), &["keras-code-execution"]);
}

#[test]
fn a_truncated_file() {
    let whole = file(&[link("soft", 1, b"/other")]);
    check("a.h5", &whole[..whole.len() - 2], &["artifact-malformed"]);
}
