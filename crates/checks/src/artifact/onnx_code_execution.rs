//! ONNX models that run Python or native code.

use vauban_domain::{Evidence, rule};
use vauban_formats::onnx::{AttributeValue, Node, Onnx};

use crate::{Check, Look, Report, Subject};

rule! {
    /// An operator runs code that is no operator.
    pub const RULE: "onnx-code-execution" {
        family: Artifact,
        severity: High,
        title: "an operator runs code that is no operator",
        why: "runtimes with such operators call Python functions, libraries or whole engines that the model names or carries",
        remedy: "do not load it; export the model again with standard operators",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-94", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "onnxruntime with onnxruntime-extensions, onnxruntime-training, or execution providers that take engines",
        source: "onnxruntime-extensions (PyOp), onnxruntime-training (PythonOp, ATen)",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Onnx(check) };

/// Operators that call Python.
const PYTHON: &[&str] =
    &["EagerPyFunc", "PyCustomOp", "PyFunc", "PyOp", "PyOperator", "PythonOp", "PythonOpGrad"];
/// Words in the name of an ATen function that touches files.
const FILES: &[&str] = &["file", "load", "save"];

fn text<'a>(node: &'a Node, name: &str) -> std::borrow::Cow<'a, str> {
    match node.attribute(name) {
        Some(AttributeValue::Text(bytes)) => String::from_utf8_lossy(bytes),
        _ => "".into(),
    }
}

fn check(subject: &Subject<'_, Onnx>, report: &mut Report) {
    let onnx = subject.facts;
    onnx.visit_nodes(&mut |node| {
        let own = onnx.functions.iter().any(|own| own.domain == node.domain && own.name == node.op);
        let function = text(node, "operator");
        let what = if own {
            return;
        } else if PYTHON.contains(&node.op.as_str()) {
            "calls Python in the process that runs the model".to_owned()
        } else if node.op == "ATen" && FILES.iter().any(|word| function.contains(word)) {
            format!("calls `{}` of PyTorch", function.escape_debug())
        } else {
            return;
        };
        let operator = format!("{}::{}", node.domain, node.op);
        let message = format!("`{}` {what}", operator.escape_debug());
        let locator = subject.locator.clone().at_key(node.name.clone());
        let chain = format!("{} = {operator}({})", node.outputs.join(", "), node.inputs.join(", "));
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, operator, chain)]);
    });
}
