//! Tiny ONNX models made by code.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

pub mod masked;

use vauban_attacks::OnnxTarget;
use vauban_formats::{Limits, onnx};

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn int(number: u64, value: i64) -> Vec<u8> {
    [varint(number << 3), varint(value.cast_unsigned())].concat()
}

fn part(number: u64, content: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

/// An attribute value.
pub enum Value<'a> {
    Int(i64),
    Float(f32),
    Text(&'a str),
    Ints(&'a [i64]),
}

/// A model under construction.
#[derive(Default)]
pub struct Model {
    graph: Vec<u8>,
    opset: i64,
}

impl Model {
    /// A model in operator set `opset` with the input `x` of this shape; `-1` is an open extent.
    pub fn new(opset: i64, shape: &[i64]) -> Self {
        Self { graph: part(11, &value_info("x", shape)), opset }
    }

    pub fn floats(mut self, name: &str, shape: &[i64], values: &[f32]) -> Self {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.graph.extend(part(5, &tensor(name, 1, shape, &raw)));
        self
    }

    pub fn ints(mut self, name: &str, shape: &[i64], values: &[i64]) -> Self {
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.graph.extend(part(5, &tensor(name, 7, shape, &raw)));
        self
    }

    pub fn bytes(mut self, name: &str, dtype: i64, shape: &[i64], values: &[u8]) -> Self {
        self.graph.extend(part(5, &tensor(name, dtype, shape, values)));
        self
    }

    /// Adds a node; inputs and outputs are names joined by spaces.
    pub fn node(mut self, op: &str, inputs: &str, outputs: &str, attributes: &[(&str, Value<'_>)]) -> Self {
        self.graph.extend(node(op, inputs, outputs, attributes));
        self
    }

    /// The file, with `y` as output.
    pub fn finish(self) -> Vec<u8> {
        let graph = [self.graph, part(12, &part(1, b"y"))].concat();
        [int(1, 9), part(7, &graph), part(8, &int(2, self.opset))].concat()
    }

    /// The file as a target.
    pub fn target(self) -> OnnxTarget {
        load(&self.finish()).unwrap()
    }
}

pub fn load(bytes: &[u8]) -> Result<OnnxTarget, vauban_attacks::LoadError> {
    let (onnx, defects) = onnx::parse(bytes, &Limits::default());
    assert_eq!(defects, []);
    vauban_attacks::load(&onnx, bytes)
}

/// A node as a field of a graph.
fn node(op: &str, inputs: &str, outputs: &str, attributes: &[(&str, Value<'_>)]) -> Vec<u8> {
    let mut node = part(4, op.as_bytes());
    inputs
        .split(' ')
        .filter(|name| !name.is_empty())
        .for_each(|name| node.extend(part(1, name.trim_matches('_').as_bytes())));
    outputs.split(' ').for_each(|name| node.extend(part(2, name.as_bytes())));
    for (name, value) in attributes {
        let (content, kind) = match value {
            Value::Float(value) => ([varint(2 << 3 | 5), value.to_le_bytes().to_vec()].concat(), 1),
            Value::Int(value) => (int(3, *value), 2),
            Value::Text(value) => (part(4, value.as_bytes()), 3),
            Value::Ints(values) => (values.iter().flat_map(|value| int(8, *value)).collect(), 7),
        };
        node.extend(part(5, &[part(1, name.as_bytes()), content, int(20, kind)].concat()));
    }
    part(1, &node)
}

fn tensor(name: &str, dtype: i64, shape: &[i64], raw: &[u8]) -> Vec<u8> {
    let dims: Vec<u8> = shape.iter().flat_map(|extent| int(1, *extent)).collect();
    [dims, int(2, dtype), part(8, name.as_bytes()), part(9, raw)].concat()
}

fn value_info(name: &str, shape: &[i64]) -> Vec<u8> {
    let dimension = |extent: &i64| part(1, &if *extent < 0 { part(2, b"N") } else { int(1, *extent) });
    let shape: Vec<u8> = shape.iter().flat_map(dimension).collect();
    let tensor_type = part(1, &[int(1, 1), part(2, &shape)].concat());
    [part(1, name.as_bytes()), part(2, &tensor_type)].concat()
}

/// Numbers between -1 and 1 that repeat for a seed.
pub fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
        })
        .collect()
}
