//! Paddle programs with operators that opens network connections.

use vauban_domain::rule;
use vauban_formats::paddle::Paddle;

use super::paddle::tell;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The program opens network connections.
    pub const RULE: "paddle-network-access" {
        family: Artifact,
        severity: High,
        title: "the program opens network connections",
        why: "operators of distributed training connect to, or listen at, addresses that the file names",
        remedy: "do not run it; export the model again with standard operators, or to ONNX",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-918"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: NetworkAccess,
        when: FirstUse,
        loaders: "paddle.inference and paddle.static.load_inference_model",
        source: "paddle/fluid/operators; framework.proto",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Paddle(check) };

/// The operators.
const OPERATORS: &[&str] = &[
    "c_gen_bkcl_id",
    "c_gen_nccl_id",
    "c_gen_xccl_id",
    "distributed_notify",
    "fetch_barrier",
    "gen_bkcl_id",
    "gen_hccl_id",
    "gen_nccl_id",
    "heter_listen_and_serv",
    "listen_and_serv",
    "prefetch",
    "recv",
    "recv_v2_address",
    "send",
    "send_and_recv",
    "send_barrier",
];

fn check(subject: &Subject<'_, Paddle>, report: &mut Report) {
    tell(subject, report, OPERATORS, "opens network connections");
}
