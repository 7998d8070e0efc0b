//! TensorFlow graphs in protobuf, text and JSON: operators judged with their arguments.

use crate::check;

/// A length-delimited protobuf field.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        bytes.push(length as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend(content);
    bytes
}

/// A node with inputs and, maybe, the text of a constant or attribute.
fn node(name: &str, op: &str, inputs: &[&str], attribute: &[u8]) -> Vec<u8> {
    let mut content = [field(1, name.as_bytes()), field(2, op.as_bytes())].concat();
    inputs.iter().for_each(|input| content.extend(field(3, input.as_bytes())));
    content.extend(attribute);
    field(1, &content)
}

/// A text as the value of a constant.
fn text(value: &str) -> Vec<u8> {
    let tensor = [vec![8, 7], field(8, value.as_bytes())].concat();
    field(5, &[field(1, b"value"), field(2, &field(8, &tensor))].concat())
}

/// An attribute that is text.
fn attribute(key: &str, value: &str) -> Vec<u8> {
    field(5, &[field(1, key.as_bytes()), field(2, &field(2, value.as_bytes()))].concat())
}

fn saved_model(graph: &[u8], more: &[u8]) -> Vec<u8> {
    let info = field(1, &[field(4, b"serve"), field(5, b"2.20.0")].concat());
    [vec![8, 1], field(2, &[info, field(2, graph), more.to_vec()].concat())].concat()
}

/// A graph in which `op` opens what the constant says.
fn opens(op: &str, path: &str) -> Vec<u8> {
    [
        node("path", "Const", &[], &text(path)),
        node("same", "Identity", &["path"], &[]),
        node("open", op, &["same:0", "same"], &[]),
    ]
    .concat()
}

const FILES: &[&str] = &["tensorflow-file-operator"];
const NETWORK: &[&str] = &["tensorflow-network-operator"];

#[test]
fn files_are_judged_by_their_path() {
    for op in [
        "ReadFile",
        "MatchingFiles",
        "TextLineDataset",
        "TFRecordDataset",
        "WriteFile",
        "RestoreV2",
        "SaveV2",
    ] {
        check("frozen.pb", &opens(op, "/etc/hosts"), FILES);
        check("saved_model.pb", &saved_model(&opens(op, "/root/x"), &[]), FILES);
        check("frozen.pb", &opens(op, "a/../../x"), FILES);
    }
    check("frozen.pb", &opens("ReadFile", "https://example.org/x"), NETWORK);
    check("frozen.pb", &opens("TFRecordDataset", "gs://bucket/x"), NETWORK);
}

#[test]
fn the_saver_of_every_model_is_silent() {
    let graph = [
        node("prefix", "Placeholder", &[], &[]),
        node("part", "Const", &[], &text("_temp_0123/part")),
        node("join", "StringJoin", &["prefix", "part"], &[]),
        node("shard", "ShardedFilename", &["join"], &[]),
        node("save", "SaveV2", &["shard"], &[]),
        node("model", "Const", &[], &text("model")),
        node("restore", "RestoreV2", &["model"], &[]),
        node("restore2", "RestoreV2", &["prefix"], &[]),
    ]
    .concat();
    check("saved_model.pb", &saved_model(&graph, &[]), &[]);
    check("frozen.pb", &graph, &[]);
}

#[test]
fn assets_are_silent() {
    let asset = field(6, &[field(1, &field(1, b"path:0")), field(2, b"vocabulary.txt")].concat());
    let graph = opens("InitializeTableFromTextFileV2", "/home/me/vocabulary.txt");
    check("saved_model.pb", &saved_model(&graph, &asset), &[]);
    check("saved_model.pb", &saved_model(&graph, &[]), FILES);
}

#[test]
fn python_debuggers_and_strangers() {
    check(
        "frozen.pb",
        &node("f", "PyFunc", &[], &attribute("token", "pyfunc_0")),
        &["tensorflow-code-execution"],
    );
    check("frozen.pb", &node("f", "DebugIdentityV2", &["x"], &attribute("debug_urls", "file:///x")), FILES);
    check(
        "frozen.pb",
        &node("f", "DebugIdentityV2", &["x"], &attribute("debug_urls", "grpc://h:1")),
        NETWORK,
    );
    check("frozen.pb", &node("f", "PrintV2", &["x"], &attribute("output_stream", "file:///x")), FILES);
    check("frozen.pb", &node("f", "PrintV2", &["x"], &attribute("output_stream", "stderr")), &[]);
    check("frozen.pb", &node("f", "StrangeOperator", &["x"], &[]), &["tensorflow-custom-operator"]);
    let huge = [vec![8, 1], field(2, &field(2, &[8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]))].concat();
    let huge = field(5, &[field(1, b"value"), field(2, &field(8, &huge))].concat());
    check("frozen.pb", &node("c", "Const", &[], &huge), &["tensorflow-resource-exhaustion"]);
}

#[test]
fn a_constant_given_to_a_function() {
    let body = [field(1, b"read"), field(2, b"ReadFile"), field(3, b"path")].concat();
    let signature = [field(1, b"helper"), field(2, &field(1, b"path"))].concat();
    let library = field(2, &field(1, &[field(1, &signature), field(3, &body)].concat()));
    let call = field(5, &[field(1, b"f"), field(2, &field(10, &field(1, b"helper")))].concat());
    let main = [node("c", "Const", &[], &text("/etc/hosts")), node("call", "PartitionedCall", &["c"], &call)]
        .concat();
    check("frozen.pb", &[main, library].concat(), FILES);
}

#[test]
fn graphs_in_text_and_in_json() {
    let graph = "node {\n  name: \"p\"\n  op: \"Const\"\n  attr { key: \"value\" value { tensor { dtype: DT_STRING string_val: \"/etc/hosts\" } } }\n}\nnode {\n  name: \"r\"\n  op: \"ReadFile\"\n  input: \"p\"\n}\n";
    check("graph.pbtxt", graph.as_bytes(), FILES);
    check("graph.pbtxt", graph.replace("ReadFile", "Identity").as_bytes(), &[]);
    let json = r#"{"format": "graph-model", "modelTopology": {"node": [{"name": "p", "op": "Const", "attr": {"value": {"tensor": {"dtype": "DT_STRING", "stringVal": ["L2V0Yy9ob3N0cw=="]}}}}, {"name": "r", "op": "ReadFile", "input": ["p"]}]}, "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": []}]}"#;
    check("model.json", json.as_bytes(), FILES);
    check("model.json", json.replace("ReadFile", "Identity").as_bytes(), &[]);
}

#[test]
fn weights_and_scripts_of_tensorflow_js() {
    let model = |path: &str, note: &str| {
        format!(
            r#"{{"format": "layers-model", "userDefinedMetadata": {{"note": "{note}"}}, "modelTopology": {{"class_name": "Sequential", "config": {{"layers": []}}}}, "weightsManifest": [{{"paths": ["{path}"], "weights": [{{"name": "w", "shape": [2], "dtype": "float32"}}]}}]}}"#
        )
    };
    check("model.json", model("group1-shard1of1.bin", "trained on Monday").as_bytes(), &[]);
    check("model.json", model("../../../x.bin", "").as_bytes(), &["tfjs-weights-elsewhere"]);
    check("model.json", model("https://example.org/x.bin", "").as_bytes(), &["tfjs-weights-elsewhere"]);
    check("model.json", model("w.bin", "<script src=x>").as_bytes(), &["tfjs-script"]);
}
