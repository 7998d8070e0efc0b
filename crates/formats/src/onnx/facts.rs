//! What an ONNX file says, in the words of its specification.

use std::fmt;
use std::ops::Range;

/// A parsed `ModelProto`. Absent fields hold their protobuf default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Onnx {
    /// Version of the intermediate representation.
    pub ir_version: i64,
    /// Tool that wrote the file, `pytorch`.
    pub producer_name: String,
    /// Its version.
    pub producer_version: String,
    /// Namespace of the model, reverse DNS.
    pub domain: String,
    /// Version of the model itself.
    pub model_version: i64,
    /// Text for people.
    pub doc_string: String,
    /// Operator sets the graph is written in.
    pub opset_imports: Vec<OpsetImport>,
    /// The main graph.
    pub graph: Option<Graph>,
    /// Key and value pairs, in stored order.
    pub metadata: Vec<(String, String)>,
    /// Functions the model brings along.
    pub functions: Vec<Function>,
    /// How many `TrainingInfoProto` the file carries.
    pub training_info: usize,
    /// Their graphs: how to initialise, and one step of training.
    pub training: Vec<Graph>,
    /// Values of tensors that hold text, with the tensors' names; the first of each.
    pub texts: Vec<(String, String)>,
}

impl Onnx {
    /// The version imported for `domain` (empty and `ai.onnx` are the same).
    pub fn opset(&self, domain: &str) -> Option<i64> {
        let plain = |name: &str| if name == "ai.onnx" { String::new() } else { name.to_owned() };
        self.opset_imports
            .iter()
            .find(|import| plain(&import.domain) == plain(domain))
            .map(|import| import.version)
    }

    /// Calls `see` for every tensor stored in the file: initialisers, sparse parts and attributes, subgraphs too.
    pub fn visit_tensors<'a>(&'a self, see: &mut dyn FnMut(&'a Tensor)) {
        for graph in self.graph.iter().chain(&self.training) {
            graph.visit(&mut |_| (), see);
        }
        for node in self.functions.iter().flat_map(|function| &function.nodes) {
            node.visit(&mut |_| (), see);
        }
    }

    /// Calls `see` for every node, those of subgraphs and functions too.
    pub fn visit_nodes<'a>(&'a self, see: &mut dyn FnMut(&'a Node)) {
        for graph in self.graph.iter().chain(&self.training) {
            graph.visit(see, &mut |_| ());
        }
        for node in self.functions.iter().flat_map(|function| &function.nodes) {
            node.visit(see, &mut |_| ());
        }
    }
}

/// One imported operator set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpsetImport {
    /// Empty for the standard operators, `ai.onnx.ml` for trees and linear models.
    pub domain: String,
    /// Version.
    pub version: i64,
}

/// A graph, or a subgraph held by an attribute.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// Name.
    pub name: String,
    /// Nodes in topological order, as stored.
    pub nodes: Vec<Node>,
    /// Inputs; older files list initialisers here too.
    pub inputs: Vec<ValueInfo>,
    /// Outputs.
    pub outputs: Vec<ValueInfo>,
    /// Stated types of values in between.
    pub value_info: Vec<ValueInfo>,
    /// Constant tensors.
    pub initialisers: Vec<Tensor>,
    /// Constant tensors stored by their non-zero values.
    pub sparse_initialisers: Vec<SparseTensor>,
    /// Text for people.
    pub doc_string: String,
}

impl Graph {
    fn visit<'a>(&'a self, nodes: &mut dyn FnMut(&'a Node), tensors: &mut dyn FnMut(&'a Tensor)) {
        self.initialisers.iter().for_each(&mut *tensors);
        for sparse in &self.sparse_initialisers {
            [&sparse.values, &sparse.indices].into_iter().for_each(&mut *tensors);
        }
        for node in &self.nodes {
            node.visit(nodes, tensors);
        }
    }
}

/// A call of an operator.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// Name, often empty.
    pub name: String,
    /// Operator, `Conv`.
    pub op: String,
    /// Domain of the operator, empty for the standard ones.
    pub domain: String,
    /// Names of the values it takes; an empty name is an omitted optional input.
    pub inputs: Vec<String>,
    /// Names of the values it makes.
    pub outputs: Vec<String>,
    /// Attributes in stored order.
    pub attributes: Vec<Attribute>,
}

impl Node {
    /// The value of the attribute called `name`.
    pub fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| &attribute.value)
    }

    fn visit<'a>(&'a self, nodes: &mut dyn FnMut(&'a Self), tensors: &mut dyn FnMut(&'a Tensor)) {
        nodes(self);
        for attribute in &self.attributes {
            match &attribute.value {
                AttributeValue::Tensor(tensor) => tensors(tensor),
                AttributeValue::Tensors(all) => all.iter().for_each(&mut *tensors),
                AttributeValue::Graph(graph) => graph.visit(nodes, tensors),
                AttributeValue::Graphs(all) => all.iter().for_each(|graph| graph.visit(nodes, tensors)),
                AttributeValue::SparseTensor(sparse) => {
                    [&sparse.values, &sparse.indices].into_iter().for_each(&mut *tensors);
                }
                _ => {}
            }
        }
    }
}

/// A named constant of a node.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Name.
    pub name: String,
    /// Value.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    /// One number.
    Float(f32),
    /// One integer.
    Int(i64),
    /// Bytes, usually UTF-8.
    Text(Vec<u8>),
    /// A constant tensor.
    Tensor(Tensor),
    /// A subgraph: the body of `If`, `Loop`, `Scan`.
    Graph(Box<Graph>),
    /// A constant tensor stored by its non-zero values.
    SparseTensor(Box<SparseTensor>),
    /// Numbers.
    Floats(Vec<f32>),
    /// Integers.
    Ints(Vec<i64>),
    /// Texts.
    Texts(Vec<Vec<u8>>),
    /// Tensors.
    Tensors(Vec<Tensor>),
    /// Subgraphs.
    Graphs(Vec<Graph>),
    /// Inside a function: the attribute of the caller with this name.
    Reference(String),
    /// Nothing that was understood.
    None,
}

/// A function that the model brings along.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Function {
    /// Name, used as operator by its callers.
    pub name: String,
    /// Domain.
    pub domain: String,
    /// Names of its inputs.
    pub inputs: Vec<String>,
    /// Names of its outputs.
    pub outputs: Vec<String>,
    /// Its body.
    pub nodes: Vec<Node>,
}

/// Name and type of a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ValueInfo {
    /// Name.
    pub name: String,
    /// Type.
    pub value_type: ValueType,
}

/// Type of a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum ValueType {
    /// Not stated or not understood.
    #[default]
    Unknown,
    /// A tensor.
    Tensor {
        /// Element type.
        dtype: DataType,
        /// Dimensions; `None` when even the rank is open.
        shape: Option<Vec<Dimension>>,
    },
    /// A sequence (the probabilities of scikit-learn models come as a sequence of maps).
    Sequence,
    /// A map.
    Map,
    /// An optional value.
    Optional,
    /// A sparse tensor.
    SparseTensor,
}

/// One dimension of a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// A fixed extent; may be negative in a hostile file.
    Fixed(i64),
    /// A named or anonymous extent that is known when the model runs.
    Open(String),
}

/// Element type as numbered by `TensorProto.DataType`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataType(pub i32);

impl DataType {
    /// 32-bit floating point.
    pub const FLOAT: Self = Self(1);
    /// Unsigned byte.
    pub const UINT8: Self = Self(2);
    /// Signed byte.
    pub const INT8: Self = Self(3);
    /// 32-bit integer.
    pub const INT32: Self = Self(6);
    /// 64-bit integer.
    pub const INT64: Self = Self(7);
    /// Text.
    pub const STRING: Self = Self(8);
    /// Truth value.
    pub const BOOL: Self = Self(9);
    /// 16-bit floating point.
    pub const FLOAT16: Self = Self(10);
    /// 64-bit floating point.
    pub const DOUBLE: Self = Self(11);
    /// Brain floating point.
    pub const BFLOAT16: Self = Self(16);

    const NAMES: [&'static str; 27] = [
        "undefined",
        "float32",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "string",
        "bool",
        "float16",
        "float64",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
        "float8e4m3fn",
        "float8e4m3fnuz",
        "float8e5m2",
        "float8e5m2fnuz",
        "uint4",
        "int4",
        "float4e2m1",
        "float8e8m0",
        "uint2",
        "int2",
    ];

    /// Lower-case name; `unknown` for numbers the specification does not list.
    pub fn name(self) -> &'static str {
        usize::try_from(self.0).ok().and_then(|index| Self::NAMES.get(index)).copied().unwrap_or("unknown")
    }

    /// Bits per element as stored in raw data; `None` for text and unknown types.
    pub const fn bits(self) -> Option<u64> {
        Some(match self.0 {
            25 | 26 => 2,
            21..=23 => 4,
            2 | 3 | 9 | 17..=20 | 24 => 8,
            4 | 5 | 10 | 16 => 16,
            1 | 6 | 12 => 32,
            7 | 11 | 13 | 14 => 64,
            15 => 128,
            _ => return None,
        })
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A constant tensor: what it is and where its values lie.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tensor {
    /// Name, empty for most attribute tensors.
    pub name: String,
    /// Element type.
    pub dtype: DataType,
    /// Extents as stored; may be negative in a hostile file.
    pub dims: Vec<i64>,
    /// Where its values lie.
    pub data: TensorData,
    /// The values of a small tensor of 64-bit integers: shapes and repetitions are such.
    pub integers: Vec<i64>,
}

impl Tensor {
    /// Number of elements, `None` if an extent is negative or the product too large.
    pub fn elements(&self) -> Option<usize> {
        self.dims
            .iter()
            .try_fold(1_usize, |product, &extent| product.checked_mul(usize::try_from(extent).ok()?))
    }
}

/// Where the values of a tensor lie.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum TensorData {
    /// Nowhere.
    #[default]
    Absent,
    /// Little-endian in this range of the file.
    Raw(Range<usize>),
    /// In a typed field, as packed runs or single values.
    Typed {
        /// Number of the `TensorProto` field: 4 float, 5 int32, 6 string, 7 int64, 10 double, 11 uint64.
        field: u32,
        /// Ranges of the file, in order.
        ranges: Vec<Range<usize>>,
    },
    /// In another file.
    External(External),
}

/// Where an external tensor lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct External {
    /// Path relative to the model's folder, as stored: may try to leave it.
    pub location: String,
    /// Offset in bytes; 0 unless stated. `None` when stated but no number.
    pub offset: Option<u64>,
    /// Length in bytes, if stated.
    pub length: Option<u64>,
    /// SHA-1 of the data, if stated.
    pub checksum: Option<String>,
}

/// A constant tensor stored by its non-zero values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SparseTensor {
    /// The values; their name is the sparse tensor's.
    pub values: Tensor,
    /// Their positions.
    pub indices: Tensor,
    /// Extents of the whole.
    pub dims: Vec<i64>,
}
