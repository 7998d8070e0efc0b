//! Triton configurations that load native code or a Python environment of their own.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::triton::{Triton, Use};

use super::escape::escapes;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The configuration loads native code into the server.
    pub const RULE: "triton-native-code" {
        family: Artifact,
        severity: High,
        title: "the configuration loads native code into the server",
        why: "libraries of operators and backends run inside the inference server, with its rights, its other models and its traffic",
        remedy: "use a backend that the server ships; build operators into an image you control instead of loading them by path",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0011@2026.09"],
        weaknesses: ["CWE-114", "CWE-829"],
        owasp: ["LLM03:2025"],
        threats: ["L4.2@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "Triton Inference Server, whenever it loads the model",
        source: "https://github.com/triton-inference-server/common/blob/main/protobuf/model_config.proto, ModelOperations",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Triton(check) };

/// Backends and platforms that NVIDIA ships.
const KNOWN: &[&str] = &[
    "caffe2_netdef",
    "dali",
    "dlrm",
    "ensemble",
    "fil",
    "hugectr",
    "identity",
    "onnxruntime",
    "onnxruntime_onnx",
    "openvino",
    "python",
    "pytorch",
    "pytorch_libtorch",
    "redis",
    "repeat",
    "square",
    "tensorflow",
    "tensorflow_graphdef",
    "tensorflow_savedmodel",
    "tensorrt",
    "tensorrt_plan",
    "tensorrtllm",
    "vllm",
];

fn check(subject: &Subject<'_, Triton>, report: &mut Report) {
    let triton = subject.facts;
    let mut tell = |severity, message: String, key: &str, line: u32| {
        let locator = if line > 0 { subject.locator.clone().at_line(line) } else { subject.locator.clone() };
        report.find_as(severity, &subject.asset.id, message, vec![Evidence::new(locator, key, key)]);
    };
    for file in &triton.files {
        let shown = file.path.escape_debug();
        match file.used_for {
            Use::Operators => {
                tell(
                    Severity::High,
                    format!("loads the native library `{shown}` for its operators"),
                    &file.path,
                    file.line,
                );
            }
            // A runtime may be a Python file of the backend, which the server ships.
            Use::Runtime if escapes(&file.path) => {
                tell(Severity::High, format!("takes its backend from `{shown}`"), &file.path, file.line);
            }
            Use::Runtime => {
                tell(Severity::Low, format!("names the backend's library, `{shown}`"), &file.path, file.line)
            }
            _ => {}
        }
    }
    if triton.backend.contains(['/', '\\', '.']) {
        let message = format!("the backend is a path, `{}`", triton.backend.escape_debug());
        tell(Severity::High, message, &triton.backend, 0);
    } else if !triton.backend.is_empty() && !KNOWN.contains(&triton.backend.as_str()) {
        let message =
            format!("the backend `{}` is none that the server ships", triton.backend.escape_debug());
        tell(Severity::Medium, message, &triton.backend, 0);
    }
    for (key, value, line) in &triton.parameters {
        let own = value
            .strip_prefix("$$TRITON_MODEL_DIRECTORY")
            .map_or(value.as_str(), |rest| rest.trim_start_matches('/'));
        if key == "EXECUTION_ENV_PATH" && escapes(own) {
            let message =
                format!("runs Python out of `{}`, outside the model's folder", value.escape_debug());
            tell(Severity::Medium, message, key, *line);
        }
    }
}
