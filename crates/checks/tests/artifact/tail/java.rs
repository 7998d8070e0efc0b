//! Serialised Java objects by their classes.

use crate::check;

/// An object of a class with these flags and no fields.
fn object(class: &str, flags: u8) -> Vec<u8> {
    let length = u8::try_from(class.len()).expect("short");
    let end: &[u8] = if flags & 1 != 0 { b"\x78" } else { b"" };
    [b"sr\0", &[length][..], class.as_bytes(), b"\0\0\0\0\0\0\0\x01", &[flags], b"\0\0\x78\x70", end].concat()
}

fn stream(objects: &[Vec<u8>]) -> Vec<u8> {
    [b"\xac\xed\0\x05".to_vec(), objects.concat()].concat()
}

#[test]
fn links_of_known_chains_run_code() {
    let transformer = concat!("org.apache.commons.collections.functors.", "InvokerTransformer");
    check("m.ser", &stream(&[object(transformer, 2)]), &["java-code-execution"]);
    let broken = [stream(&[]), b"s\x01".to_vec(), object(transformer, 2)].concat();
    check("m.ser", &broken, &["artifact-malformed", "java-code-execution"]);
    let disk = "org.apache.commons.fileupload.disk.DiskFileItem";
    check("m.ser", &stream(&[object(disk, 2)]), &["java-file-access"]);
}

#[test]
fn compiled_classes_in_byte_arrays_run_code() {
    let array = [
        b"ur\0\x02[B\0\0\0\0\0\0\0\0\x02\0\0\x78\x70\0\0\0\x08".to_vec(),
        b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec(),
    ]
    .concat();
    check("m.ser", &stream(&[array]), &["java-code-execution"]);
}

#[test]
fn an_address_as_key_reaches_the_network() {
    let table =
        b"sr\0\x11java.util.HashMap\0\0\0\0\0\0\0\x01\x03\0\0\x78\x70\x77\x08\0\0\0\x10\0\0\0\x01".to_vec();
    let whole = [stream(&[table]), object("java.net.URL", 2), b"t\0\x01v\x78".to_vec()].concat();
    check("m.ser", &whole, &["java-network-access"]);
}

#[test]
fn classes_of_libraries_are_silent_and_unknown_ones_are_a_verdict_of_their_own() {
    check(
        "m.ser",
        &stream(&[object("weka.classifiers.trees.J48", 3), object("java.util.ArrayList", 3)]),
        &[],
    );
    check("m.ser", &stream(&[object("org.example.Thing", 3)]), &["java-unknown-class"]);
}
