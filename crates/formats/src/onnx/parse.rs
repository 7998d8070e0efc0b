//! From bytes to [`Onnx`].

use std::ops::Range;

use super::cycle::cycle;
use super::facts::{
    Attribute, AttributeValue, DataType, Dimension, Function, Graph, Node, Onnx, OpsetImport, ValueInfo,
    ValueType,
};
use crate::protobuf::{Field, Fields, Payload, packed_varints};
use crate::{Defect, Limits};

/// Reads a `ModelProto`. Never fails: what could be read is returned with what was wrong.
///
/// Cost is bounded: every message counts against `limits.nodes`, nesting against sixteen times `limits.depth`
/// (an honest subgraph takes four messages per level), and no allocation follows a stated length.
pub fn parse(bytes: &[u8], limits: &Limits) -> (Onnx, Vec<Defect>) {
    let mut parser = Parser {
        bytes,
        messages_left: limits.nodes,
        depth_left: limits.depth.saturating_mul(16),
        defects: Vec::new(),
        texts: Vec::new(),
    };
    let onnx = parser.model(0..bytes.len());
    if onnx.graph.is_none() {
        parser.defects.push(Defect::whole("onnx-no-graph", "the file holds no graph"));
    }
    (onnx, parser.defects)
}

/// More of these say nothing new and would only cost memory.
const MOST_DEFECTS: usize = 256;

pub(super) struct Parser<'a> {
    pub(super) bytes: &'a [u8],
    messages_left: usize,
    depth_left: u32,
    defects: Vec<Defect>,
    pub(super) texts: Vec<(String, String)>,
}

impl<'a> Parser<'a> {
    pub(super) fn defect(&mut self, defect: Defect) {
        if self.defects.len() < MOST_DEFECTS {
            self.defects.push(defect);
        }
    }

    /// Calls `see` for every field of the message in `range`, within the bounds.
    pub(super) fn message(&mut self, range: Range<usize>, mut see: impl FnMut(&mut Self, Field)) {
        let offset = range.start as u64;
        if self.messages_left == 0 {
            if !self.defects.iter().any(|defect| defect.code == "limit-nodes") {
                let detail = "more messages than the limit; the rest was not looked at";
                self.defects.push(Defect::at("limit-nodes", offset, detail));
            }
            return;
        }
        if self.depth_left == 0 {
            self.defect(Defect::at(
                "onnx-nesting",
                offset,
                "graphs are nested deeper than any exporter does",
            ));
            return;
        }
        self.messages_left -= 1;
        self.depth_left -= 1;
        for field in Fields::new(self.bytes, range) {
            match field {
                Ok(field) => see(self, field),
                Err(defect) => self.defect(defect),
            }
        }
        self.depth_left += 1;
    }

    pub(super) fn text(&mut self, field: &Field) -> String {
        let bytes: &'a [u8] = self.bytes;
        let Some(range) = field.bytes() else { return String::new() };
        match std::str::from_utf8(&bytes[range]) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                self.defect(Defect::at("onnx-text", field.offset as u64, "text that is not UTF-8"));
                String::from_utf8_lossy(&bytes[field.bytes().unwrap_or(0..0)]).into_owned()
            }
        }
    }

    /// Adds the integers of a repeated field, packed or not.
    pub(super) fn integers(&mut self, field: &Field, to: &mut Vec<i64>) {
        match &field.payload {
            Payload::Varint(value) => to.push(value.cast_signed()),
            Payload::Bytes => {
                for value in packed_varints(self.bytes, field.content.clone()) {
                    match value {
                        Ok(value) => to.push(value.cast_signed()),
                        Err(defect) => self.defect(defect),
                    }
                }
            }
            _ => self.wrong_type(field),
        }
    }

    /// Adds the 32-bit floats of a repeated field, packed or not.
    fn floats(&mut self, field: &Field, to: &mut Vec<f32>) {
        match &field.payload {
            Payload::Fixed32(bits) => to.push(f32::from_bits(*bits)),
            Payload::Bytes => {
                to.extend(
                    self.bytes[field.content.clone()]
                        .as_chunks::<4>()
                        .0
                        .iter()
                        .map(|four| f32::from_le_bytes(*four)),
                );
            }
            _ => self.wrong_type(field),
        }
    }

    fn wrong_type(&mut self, field: &Field) {
        let detail = format!("field {} has an unexpected wire type", field.number);
        self.defect(Defect::at("onnx-wire-type", field.offset as u64, detail));
    }

    fn model(&mut self, range: Range<usize>) -> Onnx {
        let mut onnx = Onnx::default();
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, None) => onnx.ir_version = integer(&field),
            (2, Some(_)) => onnx.producer_name = parser.text(&field),
            (3, Some(_)) => onnx.producer_version = parser.text(&field),
            (4, Some(_)) => onnx.domain = parser.text(&field),
            (5, None) => onnx.model_version = integer(&field),
            (6, Some(_)) => onnx.doc_string = parser.text(&field),
            (7, Some(range)) => {
                if onnx.graph.is_some() {
                    let detail = "a second graph; loaders merge the two, only the last is kept here";
                    parser.defect(Defect::at("onnx-second-graph", field.offset as u64, detail));
                }
                onnx.graph = Some(parser.graph(range));
            }
            (8, Some(range)) => onnx.opset_imports.push(parser.opset_import(range)),
            (14, Some(range)) => onnx.metadata.push(parser.pair(range)),
            (20, Some(range)) => {
                onnx.training_info += 1;
                parser.message(range, |parser, field| {
                    if let (1 | 2, Some(range)) = (field.number, field.bytes()) {
                        onnx.training.push(parser.graph(range));
                    }
                });
            }
            (25, Some(range)) => onnx.functions.push(parser.function(range)),
            (1..=8 | 14 | 20 | 25, _) => parser.wrong_type(&field),
            (number, _) => {
                let detail = format!("field {number} is not in the specification");
                parser.defect(Defect::at("onnx-unknown-field", field.offset as u64, detail));
            }
        });
        onnx.texts = std::mem::take(&mut self.texts);
        onnx
    }

    fn opset_import(&mut self, range: Range<usize>) -> OpsetImport {
        let mut import = OpsetImport::default();
        self.message(range, |parser, field| match field.number {
            1 => import.domain = parser.text(&field),
            2 => import.version = integer(&field),
            _ => {}
        });
        import
    }

    pub(super) fn pair(&mut self, range: Range<usize>) -> (String, String) {
        let (mut key, mut value) = (String::new(), String::new());
        self.message(range, |parser, field| match field.number {
            1 => key = parser.text(&field),
            2 => value = parser.text(&field),
            _ => {}
        });
        (key, value)
    }

    fn function(&mut self, range: Range<usize>) -> Function {
        let mut function = Function::default();
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, _) => function.name = parser.text(&field),
            (4, _) => function.inputs.push(parser.text(&field)),
            (5, _) => function.outputs.push(parser.text(&field)),
            (7, Some(range)) => function.nodes.push(parser.node(range)),
            (10, _) => function.domain = parser.text(&field),
            _ => {}
        });
        function
    }

    fn graph(&mut self, range: Range<usize>) -> Graph {
        let offset = range.start as u64;
        let mut graph = Graph::default();
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, Some(range)) => graph.nodes.push(parser.node(range)),
            (2, _) => graph.name = parser.text(&field),
            (5, Some(range)) => graph.initialisers.push(parser.tensor(range)),
            (10, _) => graph.doc_string = parser.text(&field),
            (11, Some(range)) => graph.inputs.push(parser.value_info(range)),
            (12, Some(range)) => graph.outputs.push(parser.value_info(range)),
            (13, Some(range)) => graph.value_info.push(parser.value_info(range)),
            (15, Some(range)) => graph.sparse_initialisers.push(parser.sparse_tensor(range)),
            _ => {}
        });
        if let Some(name) = cycle(&graph) {
            let detail = format!("the value `{name}` is computed from itself");
            self.defect(Defect::at("onnx-cycle", offset, detail));
        }
        graph
    }

    fn node(&mut self, range: Range<usize>) -> Node {
        let mut node = Node::default();
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, _) => node.inputs.push(parser.text(&field)),
            (2, _) => node.outputs.push(parser.text(&field)),
            (3, _) => node.name = parser.text(&field),
            (4, _) => node.op = parser.text(&field),
            (5, Some(range)) => node.attributes.push(parser.attribute(range)),
            (7, _) => node.domain = parser.text(&field),
            _ => {}
        });
        node
    }

    fn attribute(&mut self, range: Range<usize>) -> Attribute {
        let (mut name, mut kind, mut value) = (String::new(), 0, AttributeValue::None);
        let (mut floats, mut ints, mut texts) = (Vec::new(), Vec::new(), Vec::new());
        let (mut tensors, mut graphs) = (Vec::new(), Vec::new());
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, _) => name = parser.text(&field),
            (2, _) => value = field.float().map_or(AttributeValue::None, AttributeValue::Float),
            (3, None) => value = AttributeValue::Int(integer(&field)),
            (4, Some(range)) => value = AttributeValue::Text(parser.bytes[range].to_vec()),
            (5, Some(range)) => value = AttributeValue::Tensor(parser.tensor(range)),
            (6, Some(range)) => value = AttributeValue::Graph(Box::new(parser.graph(range))),
            (7, _) => parser.floats(&field, &mut floats),
            (8, _) => parser.integers(&field, &mut ints),
            (9, Some(range)) => texts.push(parser.bytes[range].to_vec()),
            (10, Some(range)) => tensors.push(parser.tensor(range)),
            (11, Some(range)) => graphs.push(parser.graph(range)),
            (20, None) => kind = integer(&field),
            (21, _) => value = AttributeValue::Reference(parser.text(&field)),
            (22, Some(range)) => value = AttributeValue::SparseTensor(Box::new(parser.sparse_tensor(range))),
            _ => {}
        });
        // The stated kind only matters where nothing is stored: an absent scalar is zero, an absent list is empty.
        let value = match (kind, value) {
            (_, value) if value != AttributeValue::None => value,
            (6, _) => AttributeValue::Floats(floats),
            (7, _) => AttributeValue::Ints(ints),
            (8, _) => AttributeValue::Texts(texts),
            (9, _) => AttributeValue::Tensors(tensors),
            (10, _) => AttributeValue::Graphs(graphs),
            (1, _) => AttributeValue::Float(0.0),
            (2, _) => AttributeValue::Int(0),
            (3, _) => AttributeValue::Text(Vec::new()),
            (0, _) if !ints.is_empty() => AttributeValue::Ints(ints),
            (0, _) if !floats.is_empty() => AttributeValue::Floats(floats),
            (0, _) if !texts.is_empty() => AttributeValue::Texts(texts),
            (_, value) => value,
        };
        Attribute { name, value }
    }

    fn value_info(&mut self, range: Range<usize>) -> ValueInfo {
        let mut info = ValueInfo::default();
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, _) => info.name = parser.text(&field),
            (2, Some(range)) => info.value_type = parser.value_type(range),
            _ => {}
        });
        info
    }

    fn value_type(&mut self, range: Range<usize>) -> ValueType {
        let mut value_type = ValueType::Unknown;
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, Some(range)) => value_type = parser.tensor_type(range),
            (4, Some(_)) => value_type = ValueType::Sequence,
            (5, Some(_)) => value_type = ValueType::Map,
            (8, Some(_)) => value_type = ValueType::SparseTensor,
            (9, Some(_)) => value_type = ValueType::Optional,
            _ => {}
        });
        value_type
    }

    fn tensor_type(&mut self, range: Range<usize>) -> ValueType {
        let (mut dtype, mut shape) = (DataType::default(), None);
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, None) => dtype = data_type(&field),
            (2, Some(range)) => {
                let mut dimensions = Vec::new();
                parser.message(range, |parser, field| {
                    if let (1, Some(range)) = (field.number, field.bytes()) {
                        dimensions.push(parser.dimension(range));
                    }
                });
                shape = Some(dimensions);
            }
            _ => {}
        });
        ValueType::Tensor { dtype, shape }
    }

    fn dimension(&mut self, range: Range<usize>) -> Dimension {
        let mut dimension = Dimension::Open(String::new());
        self.message(range, |parser, field| match (field.number, field.bytes()) {
            (1, None) => dimension = Dimension::Fixed(integer(&field)),
            (2, Some(_)) => dimension = Dimension::Open(parser.text(&field)),
            _ => {}
        });
        dimension
    }
}

pub(super) fn integer(field: &Field) -> i64 {
    field.varint().unwrap_or(0).cast_signed()
}

pub(super) fn data_type(field: &Field) -> DataType {
    DataType(i32::try_from(integer(field)).unwrap_or(-1))
}
