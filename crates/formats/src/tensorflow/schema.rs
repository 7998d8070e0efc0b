//! Field numbers of the messages that stand in text files, as far as they are read.

use crate::protobuf::text::{Field, Kind, Schema};

/// `DataType` of TensorFlow, those that constants are judged by.
const TYPES: &[(&str, u64)] =
    &[("DT_FLOAT", 1), ("DT_DOUBLE", 2), ("DT_INT32", 3), ("DT_STRING", 7), ("DT_INT64", 9), ("DT_BOOL", 10)];
const PLAIN: Kind = Kind::Integer(&[]);

const GRAPH_DEF: &[Field] = &[("node", 1, Kind::Message(2)), ("library", 2, Kind::Message(8))];
const NODE: &[Field] = &[
    ("name", 1, Kind::Text),
    ("op", 2, Kind::Text),
    ("input", 3, Kind::Text),
    ("attr", 5, Kind::Message(3)),
];
const ATTRIBUTE: &[Field] = &[("key", 1, Kind::Text), ("value", 2, Kind::Message(4))];
const VALUE: &[Field] = &[
    ("list", 1, Kind::Message(5)),
    ("s", 2, Kind::Text),
    ("tensor", 8, Kind::Message(6)),
    ("func", 10, Kind::Message(7)),
];
const LIST: &[Field] = &[("s", 2, Kind::Text), ("func", 9, Kind::Message(7))];
const TENSOR: &[Field] = &[
    ("dtype", 1, Kind::Integer(TYPES)),
    ("tensor_shape", 2, Kind::Message(11)),
    ("tensor_content", 4, Kind::Text),
    ("float_val", 5, Kind::Float),
    ("double_val", 6, Kind::Double),
    ("int_val", 7, PLAIN),
    ("string_val", 8, Kind::Text),
    ("int64_val", 10, PLAIN),
    ("bool_val", 11, PLAIN),
];
const FUNCTION_NAME: &[Field] = &[("name", 1, Kind::Text)];
const LIBRARY: &[Field] = &[("function", 1, Kind::Message(9))];
const FUNCTION: &[Field] =
    &[("signature", 1, Kind::Message(13)), ("node_def", 3, Kind::Message(2)), ("ret", 4, Kind::Message(10))];
const SIGNATURE: &[Field] = &[("name", 1, Kind::Text), ("input_arg", 2, Kind::Message(7))];
const RETURN: &[Field] = &[("key", 1, Kind::Text), ("value", 2, Kind::Text)];
const SHAPE: &[Field] = &[("dim", 2, Kind::Message(12))];
const EXTENT: &[Field] = &[("size", 1, PLAIN)];
const META: &[Field] = &[
    ("meta_info_def", 1, Kind::Message(15)),
    ("graph_def", 2, Kind::Message(1)),
    ("signature_def", 5, Kind::Message(10)),
    ("asset_file_def", 6, Kind::Message(16)),
];
const INFO: &[Field] = &[("tags", 4, Kind::Text), ("tensorflow_version", 5, Kind::Text)];
const ASSET: &[Field] = &[("tensor_info", 1, Kind::Message(7)), ("filename", 2, Kind::Text)];
const SAVED: &[Field] = &[("saved_model_schema_version", 1, PLAIN), ("meta_graphs", 2, Kind::Message(14))];

/// Every message, by the index that fields refer to.
pub(super) const MESSAGES: Schema = &[
    SAVED,
    GRAPH_DEF,
    NODE,
    ATTRIBUTE,
    VALUE,
    LIST,
    TENSOR,
    FUNCTION_NAME,
    LIBRARY,
    FUNCTION,
    RETURN,
    SHAPE,
    EXTENT,
    SIGNATURE,
    META,
    INFO,
    ASSET,
];
/// Index of `SavedModel`.
pub(super) const SAVED_MODEL: usize = 0;
/// Index of `GraphDef`.
pub(super) const GRAPH: usize = 1;
/// Index of `MetaGraphDef`.
pub(super) const META_GRAPH: usize = 14;
