//! Paddle programs with operators that runs code of its own.

use vauban_domain::rule;
use vauban_formats::paddle::Paddle;

use super::paddle::tell;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The program calls Python or another program.
    pub const RULE: "paddle-code-execution" {
        family: Artifact,
        severity: High,
        title: "the program calls Python or another program",
        why: "these operators hand control to Python functions or programs that the file names by number or text",
        remedy: "do not run it; export the model again with standard operators, or to ONNX",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-94", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "paddle.inference and paddle.static.load_inference_model",
        source: "paddle/fluid/operators; framework.proto",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Paddle(check) };

/// The operators.
const OPERATORS: &[&str] = &[
    "custom_run_program",
    "eval_func",
    "exec",
    "py_func",
    "py_function",
    "py_layer",
    "pyfunc",
    "pylayer",
    "run_program",
    "system",
];

fn check(subject: &Subject<'_, Paddle>, report: &mut Report) {
    tell(subject, report, OPERATORS, "runs code of its own");
}
