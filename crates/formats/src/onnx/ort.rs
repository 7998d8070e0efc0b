//! ONNX Runtime's own format: a FlatBuffer with the same graph. Its nodes and texts are read.
//!
//! Source: `onnxruntime/core/flatbuffers/schema/ort.fbs` of ONNX Runtime 1.23.

use super::facts::{Attribute, AttributeValue, External, Graph, Node, Onnx, Tensor, TensorData};
use crate::flatbuffer::{Flatbuffer, Step, Table};
use crate::{Defect, Limits};

/// Whether the bytes carry the format's identifier.
pub(super) fn is_ort(bytes: &[u8]) -> bool {
    Flatbuffer::new(bytes).identifier() == Some(*b"ORTM")
}

/// Subgraphs inside one another.
const DEPTH: u32 = 24;

/// Reads a model; after the first lie what was read before it is kept.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> (Onnx, Vec<Defect>) {
    let mut onnx = Onnx::default();
    let mut left = limits.nodes;
    let mut defects: Vec<Defect> = Vec::new();
    let read = (|| {
        let Some(model) = Flatbuffer::new(bytes).root()?.table(1)? else { return Ok(()) };
        onnx.ir_version = model.i64(0)?.unwrap_or_default();
        onnx.producer_name = model.text(2)?.unwrap_or_default();
        onnx.producer_version = model.text(3)?.unwrap_or_default();
        onnx.doc_string = model.text(6)?.unwrap_or_default();
        if let Some(pairs) = model.vector(9, 4)? {
            for pair in pairs.tables() {
                let pair = pair?;
                onnx.metadata.push((pair.text(0)?.unwrap_or_default(), pair.text(1)?.unwrap_or_default()));
            }
        }
        if let Some(table) = model.table(7)? {
            onnx.graph = Some(graph(&table, 0, &mut left)?);
        }
        Ok(())
    })();
    defects.extend(read.err());
    (onnx, defects)
}

fn graph(table: &Table<'_>, depth: u32, left: &mut usize) -> Step<Graph> {
    let mut graph = Graph::default();
    if depth > DEPTH {
        return Err(Defect::at(
            "onnx-nesting",
            table.position() as u64,
            "graphs are nested deeper than any exporter does",
        ));
    }
    if let Some(tensors) = table.vector(0, 4)? {
        for tensor in tensors.tables() {
            let tensor = tensor?;
            // Slot 6 says where in a file of its own the values lie.
            let mut read = Tensor { name: tensor.text(0)?.unwrap_or_default(), ..Tensor::default() };
            if let Some(dims) = tensor.vector(2, 8)? {
                read.dims = dims.i64s().collect();
            }
            if tensor.i64(6)?.is_some_and(|offset| offset >= 0) {
                read.data = TensorData::External(External::default());
            }
            graph.initialisers.push(read);
        }
    }
    let Some(nodes) = table.vector(2, 4)? else { return Ok(graph) };
    for node in nodes.tables() {
        let Some(rest) = left.checked_sub(1) else {
            return Err(Defect::whole("limit-nodes", "more nodes than are looked at in one file"));
        };
        *left = rest;
        let node = node?;
        let mut read = Node {
            name: node.text(0)?.unwrap_or_default(),
            domain: node.text(2)?.unwrap_or_default(),
            op: node.text(5)?.unwrap_or_default(),
            ..Node::default()
        };
        if let Some(attributes) = node.vector(10, 4)? {
            for attribute in attributes.tables() {
                let attribute = attribute?;
                let value = if let Some(inner) = attribute.table(7)? {
                    AttributeValue::Graph(Box::new(self::graph(&inner, depth + 1, left)?))
                } else if let Some(text) = attribute.text(5)? {
                    AttributeValue::Text(text.into_bytes())
                } else {
                    AttributeValue::None
                };
                read.attributes.push(Attribute { name: attribute.text(0)?.unwrap_or_default(), value });
            }
        }
        graph.nodes.push(read);
    }
    Ok(graph)
}
