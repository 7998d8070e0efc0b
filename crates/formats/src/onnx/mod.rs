//! ONNX models: graph, weights' whereabouts and metadata of a `ModelProto`.
//!
//! Source: `onnx/onnx.proto` of ONNX 1.19 (field numbers) and <https://onnx.ai/onnx/repo-docs/IR.html>. Weights are
//! not copied: a tensor says where its values lie, [`tensor`] decodes them on request.

mod cycle;
mod facts;
mod format;
mod ort;
mod parse;
mod stored;
pub mod tensor;
pub mod write;

#[cfg(test)]
mod tests;

pub use facts::{
    Attribute, AttributeValue, DataType, Dimension, External, Function, Graph, Node, Onnx, OpsetImport,
    SparseTensor, Tensor, TensorData, ValueInfo, ValueType,
};
pub use format::FORMAT;
pub use parse::parse;
