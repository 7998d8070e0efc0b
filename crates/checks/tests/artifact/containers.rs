//! tar, 7z and archives inside archives: names, links, and what is behind the end.

use std::io::Write as _;

use crate::archives::{evil, harmless, plain};
use crate::check;

/// One member: a header of ustar and the content, padded.
fn member(name: &str, kind: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut block = vec![0_u8; 512];
    let mut put = |at: usize, text: &[u8]| block[at..at + text.len()].copy_from_slice(text);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(124, format!("{:011o}\0", content.len()).as_bytes());
    put(148, b"        ");
    put(156, &[kind]);
    put(157, link.as_bytes());
    put(257, b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.extend_from_slice(content);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

fn file(name: &str, content: &[u8]) -> Vec<u8> {
    member(name, b'0', "", content)
}

fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn what_is_in_a_tar_is_judged() {
    check("m.tar", &archive(&[file("a.txt", b"hello\n"), file("m.pkl", &harmless())]), &[]);
    let bad = archive(&[file("a.txt", b"hello\n"), file("m.pkl", &evil())]);
    check("m.tar", &bad, &["pickle-code-execution"]);
    check("m.tar.gz", &gzip(&bad), &["pickle-code-execution"]);
    check("m.nemo", &archive(&[file("inner.tar.gz", &gzip(&bad))]), &["pickle-code-execution"]);
    check("layer.tar", &archive(&[file("m.zip", &plain(&[("m.pkl", &evil())]))]), &["pickle-code-execution"]);
}

#[test]
fn names_and_links_that_leave() {
    let leaves: &[&str] = &["archive-path-traversal"];
    check("m.tar", &archive(&[file("../../x", b"x")]), leaves);
    check("m.tar", &archive(&[file("/etc/cron.d/x", b"x")]), leaves);
    check("m.tar", &archive(&[file("..\\x", b"x")]), leaves);
    check("m.tar", &archive(&[member("a", b'2', "/etc/passwd", b"")]), leaves);
    check("m.tar", &archive(&[member("a/b", b'2', "../../x", b"")]), leaves);
    check("m.tar", &archive(&[member("a", b'1', "../x", b"")]), leaves);
    check("m.tar", &archive(&[member("a", b'3', "", b"")]), leaves);
    check("m.tar", &archive(&[member("a/b", b'2', "../x", b""), member("c", b'1', "a/b", b"")]), &[]);
    let through =
        [member("usr/a", b'2', "/tmp", b""), member("etc/b", b'0', "", b"x"), file("usr/a/x", b"x")];
    check("layer.tar", &archive(&through), leaves);
    // Layers of images link from their own root.
    let layer =
        [member("usr/bin/sh", b'2', "/bin/dash", b""), file("etc/hosts", b"x"), file("bin/dash", b"x")];
    check("layer.tar", &archive(&layer), &[]);
    for name in ["C:\\x", "\\\\host\\share\\x", "a/\u{ff0e}\u{ff0e}/\u{ff0e}\u{ff0e}/x", "..\u{2215}x"] {
        check("a.zip", &plain(&[(name, b"x")]), leaves);
    }
}

#[test]
fn tars_that_programs_read_differently() {
    let end = vec![0; 1024];
    let two = [file("a", b"x"), end.clone(), file("m.pkl", &evil()), end].concat();
    check("m.tar", &two, &["archive-ambiguous", "pickle-code-execution"]);
    let mut broken = file("b", b"x");
    broken[0] = b'c';
    let lost = archive(&[file("a", b"x"), broken, file("m.pkl", &evil())]);
    check("m.tar", &lost, &["archive-ambiguous", "pickle-code-execution"]);
    check("m.tar", &archive(&[file("a", b"x"), file("a", b"y")]), &["archive-ambiguous"]);
    check("m.tar", &archive(&[file("a", b"x"), file("a", b"x")]), &[]);
    let size = b"13 size=4096\n";
    let lies = archive(&[member("p", b'x', "", size), file("a", b"x"), vec![0; 4096 - 512]]);
    check("m.tar", &lies, &["archive-ambiguous"]);
}

#[test]
fn long_names_are_those_of_the_next_member() {
    let gnu = archive(&[member("././@LongLink", b'L', "", b"../../x\0"), file("x", b"x")]);
    check("m.tar", &gnu, &["archive-path-traversal"]);
    let pax = archive(&[member("p", b'x', "", b"16 path=../../x\n"), file("x", b"x")]);
    check("m.tar", &pax, &["archive-path-traversal"]);
}

#[test]
fn members_that_say_they_are_encrypted_and_are_not() {
    let mut bytes = plain(&[("m/data.pkl", &evil()), ("m/version", b"3\n")]);
    for (at, flag) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let places: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, window)| window == at).map(|(at, _)| at).collect();
        places.into_iter().for_each(|place| bytes[place + flag] |= 1);
    }
    check("m.pt", &bytes, &["archive-ambiguous", "pickle-code-execution"]);
}

#[test]
fn a_wrong_checksum_does_not_hide_a_member() {
    let mut bytes = plain(&[("m/data.pkl", &evil()), ("m/version", b"3\n")]);
    let central = bytes.windows(4).position(|window| window == b"PK\x01\x02").expect("it is there");
    bytes[central + 16] ^= 1;
    bytes[14] ^= 1;
    check("m.pt", &bytes, &["archive-ambiguous", "pickle-code-execution"]);
}

#[test]
fn archives_cut_and_changed_do_not_panic() {
    let good =
        archive(&[member("././@LongLink", b'L', "", b"name\0"), file("a", &evil()), file("b", &gzip(b"hi"))]);
    for length in (0..good.len()).step_by(7) {
        drop(crate::findings("m.tar", &good[..length]));
        let mut changed = good.clone();
        changed[length] ^= 0x81;
        drop(crate::findings("m.tar", &changed));
    }
}

#[test]
fn manifests_of_images() {
    let with = |layer: &str| format!(r#"{{"schemaVersion":2,"layers":[{layer}]}}"#);
    let plain =
        with(r#"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:0","size":1}"#);
    check("manifest.json", plain.as_bytes(), &[]);
    let foreign = with(
        r#"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:0","urls":["http://192.0.2.1/l"]}"#,
    );
    check("manifest.json", foreign.as_bytes(), &["oci-foreign-layer"]);
    check("manifest.json", with(r#""../../tmp/layer.tar""#).as_bytes(), &["archive-path-traversal"]);
}
