//! Programs under their own names, under models' names and inside models' archives.

use vauban_domain::Severity;

use crate::{check, findings};

/// A 64-bit ELF header.
pub(super) fn elf() -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    (bytes[16], bytes[18], bytes[52]) = (3, 62, 64);
    bytes
}

#[test]
fn a_library_under_its_name_is_a_note() {
    let found = findings("lib/libhelper.so.1", &elf());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].severity, Severity::Low);
}

#[test]
fn programs_under_models_names_are_told() {
    for name in ["model.bin", "weights.pkl", "model.engine", "pytorch_model"] {
        let found = findings(name, &elf());
        let worst = found.iter().map(|finding| finding.severity).max();
        assert_eq!(worst, Some(Severity::High), "{name}");
    }
    check("model.pkl", b"#!/bin/sh\necho hello\n", &["native-executable"]);
    check("setup.msi", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", &["native-executable"]);
    check("setup.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on", &[]);
    let llamafile = findings("chat.llamafile", b"MZqFpD='\n\0 and so on");
    assert_eq!(llamafile[0].severity, Severity::Medium);
}

#[test]
fn text_and_weights_are_no_programs() {
    check("notes.txt", b"MZ is how programs begin\n", &[]);
    check("run.sh", b"#!/bin/sh\necho hello\n", &[]);
}
