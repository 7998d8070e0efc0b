//! Archives that lie, made byte by byte.

use std::io::Write as _;

use crate::assembler::Assembler as A;
use crate::{check, findings};

/// A stored ZIP with these members; `local` renames the local header of a member.
fn zip(members: &[(&str, &[u8])], local: impl Fn(&str) -> String) -> Vec<u8> {
    let (mut out, mut central) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let sizes = [crc.sum(), content.len() as u32, content.len() as u32];
        let local = local(name);
        central.extend_from_slice(b"PK\x01\x02\x14\x03\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00");
        sizes.iter().for_each(|size| central.extend(size.to_le_bytes()));
        central.extend((name.len() as u16).to_le_bytes());
        central.extend([0; 12]);
        central.extend((out.len() as u32).to_le_bytes());
        central.extend(name.as_bytes());
        out.extend_from_slice(b"PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00");
        sizes.iter().for_each(|size| out.extend(size.to_le_bytes()));
        out.extend((local.len() as u16).to_le_bytes());
        out.extend([0; 2]);
        out.extend(local.as_bytes());
        out.extend_from_slice(content);
    }
    let start = out.len() as u32;
    out.extend_from_slice(&central);
    out.extend_from_slice(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((members.len() as u16).to_le_bytes());
    out.extend((central.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

pub(crate) fn plain(members: &[(&str, &[u8])]) -> Vec<u8> {
    zip(members, str::to_owned)
}

pub(crate) fn evil() -> Vec<u8> {
    A::protocol(2).global("os", concat!("sys", "tem")).text("id").reduce1().stop()
}

pub(crate) fn harmless() -> Vec<u8> {
    A::protocol(2).raw(b"}").stop()
}

#[test]
fn a_state_dict_is_silent_and_a_pickle_in_it_is_not() {
    let good = harmless();
    let members: &[(&str, &[u8])] = &[("m/data.pkl", &good), ("m/data/0", &[0; 8]), ("m/version", b"3\n")];
    check("m.pt", &plain(members), &[]);
    check("m.bin", &plain(&[("m/data.pkl", &evil()), ("m/version", b"3\n")]), &["pickle-code-execution"]);
    check("m.pt", &plain(&[("m/data.pkl", &good), ("m/extra.pkl", &evil())]), &["pickle-code-execution"]);
}

#[test]
fn two_names_for_one_member() {
    let good = harmless();
    let lying = zip(&[("m/data.pkl", &good), ("m/a", b"x")], |name| name.replace("m/a", "m/b"));
    check("m.pt", &lying, &["archive-ambiguous"]);
}

#[test]
fn a_member_twice_and_a_member_nobody_lists() {
    let (good, bad) = (harmless(), evil());
    check(
        "m.pt",
        &plain(&[("m/data.pkl", &good), ("m/data.pkl", &bad)]),
        &["archive-ambiguous", "pickle-code-execution"],
    );
    let hidden = plain(&[("m/data.pkl", &bad)]);
    let local_only = hidden.get(..30 + 10 + bad.len()).expect("the first member").to_vec();
    let both = [local_only, plain(&[("n/data.pkl", &good)])].concat();
    check("m.pt", &both, &["archive-ambiguous", "pickle-code-execution"]);
}

#[test]
fn something_before_and_behind_the_archive() {
    let archive = plain(&[("a.txt", b"hello")]);
    check("a.zip", &[b"#!/bin/sh\n".to_vec(), archive.clone()].concat(), &["archive-ambiguous"]);
    check("a.zip", &[archive, vec![0; 9]].concat(), &["archive-ambiguous"]);
}

#[test]
fn names_that_climb() {
    check("a.zip", &plain(&[("../../.bashrc", b"x")]), &["archive-path-traversal"]);
    check("a.zip", &plain(&[("C:\\x", b"x")]), &["archive-path-traversal"]);
    check("a.zip", &plain(&[("a/b..c", b"x")]), &[]);
}

#[test]
fn a_bomb() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        encoder.write_all(&[0; 1 << 16]).expect("memory");
    }
    let bomb = encoder.finish().expect("memory");
    let found = findings("m.gz", &bomb);
    assert!(found.iter().any(|finding| finding.rule == "archive-bomb"), "{found:#?}");
}

#[test]
fn a_pickle_inside_compression() {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&evil()).expect("memory");
    check("m.joblib", &encoder.finish().expect("memory"), &["pickle-code-execution"]);
}
