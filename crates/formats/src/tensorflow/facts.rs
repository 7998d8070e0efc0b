//! What a TensorFlow graph says.

use std::collections::BTreeSet;

/// A graph with its functions, in whatever file it came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TensorFlow {
    /// What the file is.
    pub kind: Kind,
    /// Version of TensorFlow that wrote it, if stated.
    pub version: String,
    /// Tags of the meta graphs, `serve`.
    pub tags: Vec<String>,
    /// The main graph (without a name) and each function.
    pub graphs: Vec<Graph>,
    /// Names of the functions.
    pub functions: BTreeSet<String>,
    /// Files that belong to the model.
    pub assets: Vec<Asset>,
    /// Names of the signatures.
    pub signatures: Vec<String>,
    /// Names of operators that the file itself lists as needed.
    pub listed: BTreeSet<String>,
}

/// What a file with a graph is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// A graph alone, often frozen.
    #[default]
    Graph,
    /// A graph with its collections, beside a checkpoint.
    MetaGraph,
    /// `saved_model.pb`.
    SavedModel,
    /// The metadata that Keras stores beside a SavedModel.
    KerasMetadata,
    /// A graph for TensorFlow.js.
    Json,
}

/// A file that belongs to the model, and the tensor that holds its path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asset {
    /// Name of the tensor without output number.
    pub tensor: String,
    /// Name of the file in the folder of assets.
    pub file: String,
}

/// Nodes that belong together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    /// Name of the function, empty for the main graph.
    pub name: String,
    /// Nodes in stored order.
    pub nodes: Vec<Node>,
    /// For functions: names of the values they take, in order.
    pub takes: Vec<String>,
    /// For functions: the values they return, `name:output:0`.
    pub returns: Vec<String>,
}

/// A call of an operator.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// Name.
    pub name: String,
    /// Operator.
    pub op: String,
    /// Where its inputs come from: names, `name:0`, `^name` for order only.
    pub inputs: Vec<String>,
    /// Attributes that are text, or lists of it.
    pub texts: Vec<(String, Vec<String>)>,
    /// Functions that attributes name.
    pub functions: Vec<(String, String)>,
    /// For constants: extents and the first values.
    pub constant: Option<Constant>,
}

/// A constant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Constant {
    /// Extents; -1 is open.
    pub shape: Vec<i64>,
    /// First texts.
    pub texts: Vec<String>,
    /// First integers.
    pub integers: Vec<i64>,
    /// Number of its element type (`DataType` of TensorFlow: 1 float, 3 int32, 7 string, 9 int64, 10 bool).
    pub dtype: u64,
    /// Bytes of values that are stored.
    pub stored: u64,
}

impl Constant {
    /// Elements that the extents ask for; saturating.
    pub fn elements(&self) -> u64 {
        self.shape
            .iter()
            .fold(1, |product: u64, extent| product.saturating_mul(u64::try_from(*extent).unwrap_or(1)))
    }
}

impl Node {
    /// The first text of an attribute.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.texts.iter().find(|(name, _)| name == key)?.1.first().map(String::as_str)
    }
}
