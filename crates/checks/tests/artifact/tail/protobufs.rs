//! Core ML, PaddlePaddle and CNTK models, written field by field.

use crate::check;

/// A length-delimited field.
fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut tag = number << 3 | 2;
    let mut bytes = Vec::new();
    while tag > 0x7f {
        bytes.push((tag & 0x7f) as u8 | 0x80);
        tag >>= 7;
    }
    bytes.push(tag as u8);
    bytes.push(u8::try_from(content.len()).expect("short"));
    [bytes, content.to_vec()].concat()
}

/// A Core ML model with a description and one more field.
fn coreml(author: &str, kind: Vec<u8>) -> Vec<u8> {
    [vec![8, 4], field(2, &field(100, &field(3, author.as_bytes()))), kind].concat()
}

#[test]
fn core_ml_that_calls_classes_of_the_application_is_told() {
    let layer = |kind: u32| field(500, &field(1, &field(kind, &field(10, b"Mine"))));
    check("m.mlmodel", &coreml("me", layer(500)), &["coreml-custom-code"]);
    check("m.mlmodel", &coreml("me", field(555, &field(10, b"Mine"))), &["coreml-custom-code"]);
    check("m.mlmodel", &coreml("me", layer(130)), &[]);
}

#[test]
fn core_ml_that_refers_elsewhere_is_told() {
    let linked = |path: &[u8]| field(556, &field(1, &field(1, &field(1, path))));
    check("m.mlmodel", &coreml("me", linked(b"../../other")), &["coreml-path-escape"]);
    check("m.mlmodel", &coreml("me", linked(b"other.mlmodelc")), &[]);
}

#[test]
fn commands_in_metadata_are_told() {
    check(
        "m.mlmodel",
        &coreml(concat!("__import__('o", "s')"), field(900, b"")),
        &["model-embedded-command"],
    );
    check("m.mlmodel", &coreml("Jane (evaluation)", field(900, b"")), &[]);
}

/// A Paddle program with one operator that has one text.
fn paddle(kind: &str, text: &str) -> Vec<u8> {
    let attribute = field(4, &[field(1, b"a"), vec![0x10, 2], field(5, text.as_bytes())].concat());
    let operator = field(4, &[field(3, kind.as_bytes()), attribute].concat());
    field(1, &[vec![8, 0, 0x10, 0], operator].concat())
}

#[test]
fn paddle_operators_are_judged_by_what_they_reach() {
    check("m.pdmodel", &paddle("py_func", "0"), &["paddle-code-execution"]);
    check("m.pdmodel", &paddle("save", "x"), &["paddle-file-access"]);
    check("m.pdmodel", &paddle("listen_and_serv", "x"), &["paddle-network-access"]);
    check("m.pdmodel", &paddle("conv2d", "EXPLICIT"), &[]);
}

/// A CNTK dictionary of texts.
fn cntk(texts: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = vec![8, 1];
    for (key, text) in texts {
        let value = [vec![8, 1, 0x10, 8], field(10, text.as_bytes())].concat();
        bytes.extend(field(2, &[field(1, key.as_bytes()), field(2, &value)].concat()));
    }
    bytes
}

#[test]
fn cntk_functions_of_the_user_are_told() {
    let user = [("type", "UserDefinedFunction"), ("module", "m"), ("class", "C")];
    check("m.dnn", &cntk(&user), &["cntk-user-function"]);
    check("m.dnn", &cntk(&[("type", "CompositeFunction"), ("uid", "C0"), ("name", "m")]), &[]);
}
