//! Paddle programs with operators that opens files.

use vauban_domain::rule;
use vauban_formats::paddle::Paddle;

use super::paddle::tell;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The program reads or writes files.
    pub const RULE: "paddle-file-access" {
        family: Artifact,
        severity: High,
        title: "the program reads or writes files",
        why: "an exported program has its weights beside it: operators that open files at paths of the author's choice read secrets or overwrite files",
        remedy: "do not run it; export the model again with standard operators, or to ONNX",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-73", "CWE-22"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: FileWrite,
        when: FirstUse,
        loaders: "paddle.inference and paddle.static.load_inference_model",
        source: "paddle/fluid/operators; framework.proto",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Paddle(check) };

/// The operators.
const OPERATORS: &[&str] = &[
    "checkpoint_notify",
    "create_custom_reader",
    "load",
    "load_combine",
    "lookup_sparse_table_write",
    "read_file",
    "recv_save",
    "save",
    "save_combine",
    "save_op",
    "sparse_tensor_load",
    "write_file",
];

fn check(subject: &Subject<'_, Paddle>, report: &mut Report) {
    tell(subject, report, OPERATORS, "opens files");
}
