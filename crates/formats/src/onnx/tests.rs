//! Models written by hand, whole and broken.

use super::*;
use crate::Limits;

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn int(number: u64, value: u64) -> Vec<u8> {
    [varint(number << 3), varint(value)].concat()
}

fn part(number: u64, content: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

/// A model with one `Gemm`, a raw weight, a typed bias and an external tensor.
fn sample() -> Vec<u8> {
    let weight: Vec<u8> = [1.0_f32, 2.0, 3.0, 4.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    let weight = [int(1, 2), int(1, 2), int(2, 1), part(8, b"w"), part(9, &weight)].concat();
    let bias: Vec<u8> = [0.5_f32, -0.5].iter().flat_map(|value| value.to_le_bytes()).collect();
    let bias = [part(1, &[2]), int(2, 1), part(4, &bias), part(8, b"b")].concat();
    let entry = |key: &[u8], value: &[u8]| part(13, &[part(1, key), part(2, value)].concat());
    let far = [
        int(1, 1),
        int(2, 1),
        part(8, b"far"),
        entry(b"location", b"../weights.bin"),
        entry(b"length", b"4"),
    ];
    let far = [far.concat(), int(14, 1)].concat();
    let alpha = [part(1, b"transB"), int(3, 1), int(20, 2)].concat();
    let node =
        [part(1, b"x"), part(1, b"w"), part(1, b"b"), part(2, b"y"), part(4, b"Gemm"), part(5, &alpha)];
    let dimensions = [part(1, &part(2, b"batch")), part(1, &int(1, 2))].concat();
    let tensor_type = part(1, &[int(1, 1), part(2, &dimensions)].concat());
    let input = [part(1, b"x"), part(2, &tensor_type)].concat();
    let graph = [
        part(1, &node.concat()),
        part(2, b"main"),
        part(5, &weight),
        part(5, &bias),
        part(5, &far),
        part(11, &input),
        part(12, &part(1, b"y")),
    ];
    [
        int(1, 9),
        part(2, b"hand"),
        part(7, &graph.concat()),
        part(8, &int(2, 17)),
        part(14, &[part(1, b"k"), part(2, b"v")].concat()),
    ]
    .concat()
}

#[test]
fn a_whole_model_is_read() {
    let bytes = sample();
    let (onnx, defects) = parse(&bytes, &Limits::default());
    assert_eq!(defects, []);
    assert_eq!((onnx.ir_version, onnx.producer_name.as_str(), onnx.opset("")), (9, "hand", Some(17)));
    assert_eq!(onnx.metadata, [("k".to_owned(), "v".to_owned())]);
    let graph = onnx.graph.unwrap();
    assert_eq!(graph.nodes[0].op, "Gemm");
    assert_eq!(graph.nodes[0].attribute("transB"), Some(&AttributeValue::Int(1)));
    assert_eq!(graph.outputs[0].name, "y");
    let shape = vec![Dimension::Open("batch".to_owned()), Dimension::Fixed(2)];
    assert_eq!(graph.inputs[0].value_type, ValueType::Tensor { dtype: DataType::FLOAT, shape: Some(shape) });
    let [weight, bias, far] = &graph.initialisers[..] else { panic!("three initialisers") };
    assert_eq!(tensor::to_f32(weight, &bytes).unwrap(), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(tensor::to_f64(bias, &bytes).unwrap(), [0.5, -0.5]);
    let external =
        External { location: "../weights.bin".to_owned(), offset: Some(0), length: Some(4), checksum: None };
    assert_eq!(far.data, TensorData::External(external));
    assert!(tensor::to_f32(far, &bytes).unwrap_err().to_string().contains("../weights.bin"));
}

#[test]
fn every_truncation_and_every_flipped_byte_is_survived() {
    let bytes = sample();
    for length in 0..bytes.len() {
        let _ = parse(&bytes[..length], &Limits::default());
    }
    for index in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut broken = bytes.clone();
            broken[index] ^= flip;
            let (onnx, _) = parse(&broken, &Limits::default());
            onnx.visit_tensors(&mut |tensor| drop(tensor::to_f32(tensor, &broken)));
        }
    }
}

#[test]
fn endless_nesting_stops_at_the_limit() {
    let mut graph = Vec::new();
    for _ in 0..2_000 {
        // graph -> node -> attribute -> graph
        graph = part(1, &part(5, &part(6, &graph)));
    }
    let (_, defects) = parse(&part(7, &graph), &Limits::default());
    assert!(defects.iter().any(|defect| defect.code == "onnx-nesting"), "{defects:?}");
}

#[test]
fn more_messages_than_the_limit_are_said() {
    let graph: Vec<u8> = (0..100).flat_map(|_| part(1, &[])).collect();
    let (onnx, defects) = parse(&part(7, &graph), &Limits { nodes: 10, ..Limits::default() });
    assert_eq!(defects.iter().filter(|defect| defect.code == "limit-nodes").count(), 1);
    assert_eq!(onnx.graph.unwrap().nodes.len(), 100);
}

#[test]
fn data_that_is_not_as_large_as_its_shape_is_a_defect() {
    let tensor = [int(1, 1_000_000_000), int(1, 1_000_000_000), int(2, 1), part(9, &[0; 4])].concat();
    let (_, defects) = parse(&part(7, &part(5, &tensor)), &Limits::default());
    assert_eq!(defects[0].code, "onnx-tensor-size");
}
