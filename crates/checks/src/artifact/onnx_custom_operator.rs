//! ONNX models with operators of unknown domains.

use std::collections::BTreeMap;

use vauban_domain::{Evidence, rule};
use vauban_formats::onnx::Onnx;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model needs an operator that no known runtime ships.
    pub const RULE: "onnx-custom-operator" {
        family: Artifact,
        severity: Medium,
        title: "the model needs an operator that no known runtime ships",
        why: "custom operators come as native libraries that whoever loads the model must install and trust",
        remedy: "find out which library provides the operator, or export the model again with standard operators",
        techniques: ["AML.T0018.001@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        source: "ONNX IR specification, operator sets",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Onnx(check) };

/// Domains that published runtimes and exporters ship operators for.
const KNOWN: &[&str] = &[
    "",
    "ai.onnx",
    "ai.onnx.ml",
    "ai.onnx.preview",
    "ai.onnx.preview.training",
    "ai.onnx.training",
    "com.microsoft",
    "com.microsoft.dml",
    "com.microsoft.experimental",
    "com.microsoft.extensions",
    "com.microsoft.mlfeaturizers",
    "com.microsoft.nchwc",
    "com.ms.internal.nhwc",
    "org.pytorch.aten",
    "pkg.onnxscript.torch_lib",
    "pkg.onnxscript.torch_lib.common",
];

fn check(subject: &Subject<'_, Onnx>, report: &mut Report) {
    let onnx = subject.facts;
    let mut foreign: BTreeMap<String, &str> = BTreeMap::new();
    onnx.visit_nodes(&mut |node| {
        let local = onnx.functions.iter().any(|own| own.domain == node.domain && own.name == node.op);
        if !KNOWN.contains(&node.domain.as_str()) && !local {
            foreign.insert(format!("{}::{}", node.domain, node.op), &node.name);
        }
    });
    for (operator, node) in foreign {
        let message = format!("operator `{}` comes from no known runtime", operator.escape_debug());
        let evidence = Evidence::new(subject.locator.clone().at_key(node), operator.clone(), operator);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
