//! ONNX models, written byte by byte: operators from elsewhere and weights outside the folder.

use super::check;

/// A length-delimited protobuf field.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2, u8::try_from(content.len()).expect("small")];
    bytes.extend(content);
    bytes
}

/// A model with one node of `domain` and one weight whose data is in the file `location`.
fn model(domain: &str, location: &str) -> Vec<u8> {
    let node = [field(1, b"x"), field(2, b"y"), field(4, b"Relu"), field(7, domain.as_bytes())].concat();
    let entry = [field(1, b"location"), field(2, location.as_bytes())].concat();
    let external: &[u8] = &[14 << 3, 1];
    let weight = [&[1 << 3, 1, 2 << 3, 1][..], &field(8, b"w"), &field(13, &entry), external].concat();
    let input = field(1, b"x");
    let output = field(1, b"y");
    let graph =
        [field(1, &node), field(2, b"g"), field(5, &weight), field(11, &input), field(12, &output)].concat();
    let opset = [field(1, domain.as_bytes()), vec![2 << 3, 17]].concat();
    [vec![1 << 3, 8], field(7, &graph), field(8, &opset)].concat()
}

#[test]
fn operators_of_known_domains_are_silent_and_others_are_not() {
    check("m.onnx", &model("ai.onnx.ml", "weights.bin"), &[]);
    check("m.onnx", &model("example.ops", "weights.bin"), &["onnx-custom-operator"]);
}

#[test]
fn weights_beside_the_model_are_silent_and_others_are_not() {
    check("m.onnx", &model("", "data/weights.bin"), &[]);
    for outside in ["../weights.bin", "/etc/passwd", "data/../../weights.bin", "https://example.org/w"] {
        check("m.onnx", &model("", outside), &["onnx-external-data-escape"]);
    }
}

/// A model with one node of these fields and nothing else.
fn one_node(node: &[Vec<u8>], more: &[Vec<u8>]) -> Vec<u8> {
    let graph = [field(1, &[node.concat(), field(2, b"y")].concat()), field(2, b"g"), more.concat()].concat();
    [vec![1 << 3, 8], field(7, &graph), field(8, &[2 << 3, 17])].concat()
}

#[test]
fn operators_that_are_code() {
    let python = [field(4, b"PythonOp"), field(7, b"com.microsoft")];
    check("m.onnx", &one_node(&python, &[]), &["onnx-code-execution"]);
    check("m.onnx", &one_node(&[field(4, b"RunAnything")], &[]), &["onnx-custom-operator"]);
    let context = field(
        5,
        &[field(1, b"ep_cache_context"), field(4, b"../../x"), vec![20 << 3 & 0x7f | 0x80, 1, 3]].concat(),
    );
    let engine = [field(4, b"EPContext"), field(7, b"com.microsoft"), context];
    check("m.onnx", &one_node(&engine, &[]), &["onnx-external-data-escape"]);
    check("m.onnx", &one_node(&[field(4, b"Gelu"), field(7, b"com.microsoft")], &[]), &[]);
}

#[test]
fn shapes_that_no_machine_holds() {
    let shape = |extent: u8| {
        let numbers = [[0, 0, 0, 0, 0, 0, extent, 0], [0, 0, 0, 0, 0, 0, extent, 0]].concat();
        field(5, &[vec![1 << 3, 2, 2 << 3, 7], field(8, b"s"), field(9, &numbers)].concat())
    };
    let node = [field(1, b"s"), field(4, b"ConstantOfShape")];
    check("m.onnx", &one_node(&node, &[shape(1)]), &["onnx-resource-exhaustion"]);
    check("m.onnx", &one_node(&node, &[shape(0)]), &[]);
}

#[test]
fn commands_in_texts() {
    let note = |text: &[u8]| {
        let entry = field(14, &[field(1, b"note"), field(2, text)].concat());
        [one_node(&[field(4, b"Relu")], &[]), entry].concat()
    };
    check("m.onnx", &note(b"trained in 2024 (version 2)"), &[]);
    check("m.onnx", &note(concat!("import os; os.sys", "tem('id')").as_bytes()), &["model-embedded-command"]);
}
