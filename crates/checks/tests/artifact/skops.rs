//! skops graphs: what they fetch and call.

use crate::archives::plain;
use crate::check;

/// A skops file whose root is this node.
fn skops(root: &str) -> Vec<u8> {
    plain(&[("schema.json", format!(r#"{{{root}, "protocol": 2, "_skops_version": "0.11"}}"#).as_bytes())])
}

fn node(loader: &str, module: &str, class: &str, more: &str) -> String {
    format!(r#""__class__": "{class}", "__module__": "{module}", "__loader__": "{loader}"{more}"#)
}

const CONTENT: &str = r#", "content": {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [{"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "\"id\""}]}"#;

#[test]
fn ordinary_models_are_silent() {
    let list = node("ListNode", "builtins", "list", r#", "content": []"#);
    let forest = node("ObjectNode", "sklearn.ensemble._forest", "RandomForestClassifier", "");
    let loss = node("LossNode", "sklearn._loss._loss", "CyHalfBinomialLoss", "");
    let function = r#", "content": {"module_path": "numpy", "function": "sqrt"}"#;
    let function = node("FunctionNode", "numpy", "ufunc", function);
    let method = node("ObjectNode", "sklearn.linear_model._logistic", "LogisticRegression", "");
    let method = format!(r#", "content": {{"func": "predict", "obj": {{{method}}}}}"#);
    let method = node("MethodNode", "sklearn.linear_model._base", "LogisticRegression", &method);
    for root in [list, forest, loss, function, method] {
        check("m.skops", &skops(&root), &[]);
    }
}

#[test]
fn calls_that_do_harm() {
    let found: &[&str] = &["skops-code-execution"];
    let name = concat!("sys", "tem");
    let root = node("ConstructorFromReduceNode", "os", name, CONTENT);
    check("m.skops", &skops(&root), found);
    check("m.bin", &skops(&root), found);
    check("m.skops", &skops(&node("LossNode", "subprocess", "Popen", CONTENT)), found);
    let function = format!(r#", "content": {{"module_path": "posix", "function": "{name}"}}"#);
    check("m.skops", &skops(&node("FunctionNode", "numpy", "ufunc", &function)), found);
    check("m.skops", &skops(&node("TypeNode", "builtins", "eval", "")), found);
}

#[test]
fn tricks_that_older_audits_miss() {
    let found: &[&str] = &["skops-code-execution"];
    check("m.skops", &skops(&node("OperatorFuncNode", "operator", "call", r#", "attrs": {}"#)), found);
    check("m.skops", &skops(&node("OperatorFuncNode", "builtins", "attrgetter", r#", "attrs": {}"#)), found);
    let object = node("ObjectNode", "subprocess", "Popen", "");
    let method = format!(r#", "content": {{"func": "run", "obj": {{{object}}}}}"#);
    let method = node("MethodNode", "sklearn.svm._classes", "SVC", &method);
    check("m.skops", &skops(&method), found);
    let state = r#", "content": {"bit_generator": {"content": {"bit_generator": {"content": "\"seed\""}}}}"#;
    check(
        "m.skops",
        &skops(&node("RandomGeneratorNode", "numpy.random._generator", "Generator", state)),
        found,
    );
}

#[test]
fn what_nobody_knows() {
    let found: &[&str] = &["skops-unknown-type"];
    check("m.skops", &skops(&node("ObjectNode", "clinic.models", "Normaliser", "")), found);
    check("m.skops", &skops(&node("RunNode", "builtins", "dict", "")), found);
}

#[test]
fn a_pickle_in_the_archive() {
    let evil = crate::assembler::Assembler::protocol(2)
        .global("os", concat!("sys", "tem"))
        .text("id")
        .reduce1()
        .stop();
    let root = format!("{{{}}}", node("ListNode", "builtins", "list", r#", "content": []"#));
    let bytes = plain(&[("schema.json", root.as_bytes()), ("x.pkl", &evil)]);
    check("m.skops", &bytes, &["pickle-code-execution"]);
}
