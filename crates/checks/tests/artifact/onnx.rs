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
    let node = [field(1, b"x"), field(2, b"y"), field(4, b"Norm"), field(7, domain.as_bytes())].concat();
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
