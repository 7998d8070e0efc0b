//! Keras configurations: what rebuilding them reaches, and what Keras itself writes.

use crate::{check, findings};

const MODEL: &str = r#"{"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [LAYER]}, "registered_name": null}"#;

fn model(layer: &str) -> Vec<u8> {
    MODEL.replace("LAYER", layer).into_bytes()
}

/// A layer that names a function of a module.
fn function(module: &str, name: &str) -> String {
    format!(
        r#"{{"module": "keras.layers", "class_name": "Dense", "config": {{"activation": {{"module": "{module}", "class_name": "function", "config": "{name}", "registered_name": "{name}"}}}}}}"#
    )
}

#[test]
fn what_keras_writes_is_silent() {
    let dense = r#"{"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null}, "units": 2, "kernel_initializer": {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null}, "registered_name": null}}, "registered_name": null, "build_config": {"input_shape": [null, 4]}}"#;
    check("config.json", &model(dense), &[]);
    check("config.json", &model(&function("builtins", "gelu")), &[]);
    check("config.json", &model(&function("keras.activations", "relu")), &[]);
    let old = r#"{"class_name": "Sequential", "config": [{"class_name": "LSTM", "config": {"units": 3}}], "keras_version": "2.2.4", "backend": "tensorflow"}"#;
    check("model.json", old.as_bytes(), &[]);
    let op = r#"{"module": "keras.src.ops.numpy", "class_name": "Add", "config": {"name": "add"}, "registered_name": "Add", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape": [null, 4]}}], "kwargs": {}}]}"#;
    check("config.json", &model(op), &[]);
    let words = r#"{"module": "keras.layers", "class_name": "TextVectorization", "config": {"vocabulary": ["", "[UNK]", "eval", "rm"], "standardize": "lower_and_strip_punctuation"}}"#;
    check("config.json", &model(words), &[]);
    check("model.yaml", b"backend: tensorflow\nclass_name: Sequential\nconfig:\n- class_name: Dense\n  config: {shape: !!python/tuple [1, 2]}\n", &[]);
}

#[test]
fn code_in_the_configuration() {
    let rule = &["keras-code-execution"];
    let new = r#"{"module": "keras.layers", "class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "AAAA", "defaults": null, "closure": null}}}}"#;
    check("config.json", &model(new), rule);
    let old = r#"{"class_name": "Lambda", "config": {"function": ["AAAA", null, null], "function_type": "lambda"}}"#;
    check("config.json", &model(old), rule);
    let text = r#"{"class_name": "Lambda", "config": {"function": "lambda x: x + 1"}}"#;
    check("config.json", &model(text), rule);
    let torch =
        r#"{"module": "keras.layers", "class_name": "TorchModuleWrapper", "config": {"module": "AAAA"}}"#;
    check("config.json", &model(torch), rule);
}

#[test]
fn functions_of_other_modules() {
    check("config.json", &model(&function("os", concat!("sys", "tem"))), &["keras-code-execution"]);
    check("config.json", &model(&function("builtins", "eval")), &["keras-code-execution"]);
    check(
        "config.json",
        &model(&function("keras.config", "enable_unsafe_deserialization")),
        &["keras-code-execution"],
    );
    check("config.json", &model(&function("keras.utils", "get_file")), &["keras-network-access"]);
    check(
        "config.json",
        &model(&function("keras.src.utils.python_utils", "to_list")),
        &["keras-foreign-import"],
    );
    check("config.json", &model(&function("somebody.layers", "swish")), &["keras-foreign-import"]);
    check(
        "model.yaml",
        concat!("class_name: Sequential\nconfig: !!python/object/apply:os.sys", "tem [id]\n").as_bytes(),
        &["keras-code-execution"],
    );
}

#[test]
fn files_and_addresses() {
    let lookup = |path: &str| {
        model(&format!(
            r#"{{"module": "keras.layers", "class_name": "StringLookup", "config": {{"vocabulary": "{path}"}}}}"#
        ))
    };
    check("config.json", &lookup("/etc/hosts"), &["keras-file-access"]);
    check("config.json", &lookup("../../x"), &["keras-file-access"]);
    check("config.json", &lookup("http://169.254.169.254/latest"), &["keras-network-access"]);
    check("config.json", &lookup("vocabulary.txt"), &[]);
}

#[test]
fn a_custom_layer_is_a_note() {
    let custom = r#"{"module": null, "class_name": "Mine", "config": {}, "registered_name": "package>Mine"}"#;
    let found = findings("config.json", &model(custom));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&*found[0].rule.to_string(), found[0].severity),
        ("keras-custom-object", vauban_domain::Severity::Low)
    );
}
