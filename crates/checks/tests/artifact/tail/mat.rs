//! MAT-files written element by element: handles, objects, numbers.

use crate::check;

fn element(kind: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short");
    let mut bytes = [&kind.to_le_bytes()[..], &length.to_le_bytes(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

fn matrix(class: u8, columns: u32, name: &str, rest: &[u8]) -> Vec<u8> {
    let flags = [class, 0, 0, 0, 0, 0, 0, 0];
    let shape = [1_u32.to_le_bytes(), columns.to_le_bytes()].concat();
    element(
        14,
        &[element(6, &flags), element(5, &shape), element(1, name.as_bytes()), rest.to_vec()].concat(),
    )
}

fn file(elements: &[u8]) -> Vec<u8> {
    let mut header = b"MATLAB 5.0 MAT-file".to_vec();
    header.resize(124, b' ');
    [&header[..], b"\0\x01IM", elements].concat()
}

fn handle(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).expect("short");
    matrix(16, 1, "f", &matrix(4, length, "", &element(16, text.as_bytes())))
}

fn java(class: &str) -> Vec<u8> {
    let flags = [17, 0, 0, 0, 0, 0, 0, 0];
    let texts = [element(1, b"j"), element(1, b"java"), element(1, class.as_bytes())].concat();
    element(14, &[element(6, &flags), texts].concat())
}

#[test]
fn handles_that_start_programs_are_told() {
    check("m.mat", &file(&handle(concat!("@() sys", "tem('echo hello')"))), &["mat-function-handle"]);
    check("m.mat", &file(&java("org.example.Thing")), &["mat-function-handle"]);
}

#[test]
fn numbers_and_lies_about_them() {
    check("m.mat", &file(&matrix(6, 2, "x", &element(9, &[0; 16]))), &[]);
    check("m.mat", &file(&matrix(6, 200, "x", &element(9, &[0; 16]))), &["artifact-malformed"]);
}

#[test]
fn a_handle_of_arithmetic_is_a_note() {
    let found = crate::findings("m.mat", &file(&handle("@(x) x.^2 + sin(x)")));
    assert_eq!(found.iter().map(|finding| finding.severity).max(), Some(vauban_domain::Severity::Low));
}

#[test]
fn commands_in_texts_are_told() {
    let text = concat!("sys", "tem('echo hello')");
    let length = u32::try_from(text.len()).expect("short");
    check(
        "m.mat",
        &file(&matrix(4, length, "s", &element(16, text.as_bytes()))),
        &["model-embedded-command"],
    );
}
