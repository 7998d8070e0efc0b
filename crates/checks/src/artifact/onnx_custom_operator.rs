//! ONNX models with operators of unknown domains.

use std::collections::BTreeMap;

use vauban_domain::{Evidence, Severity, rule};
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
        effect: Unknown,
        when: Load,
        loaders: "onnxruntime with a library of custom operators registered",
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

/// Operators of the standard domains, all versions, sorted; the last lines of the list were experimental once.
const STANDARD: &str = include_str!("onnx_operators.txt");
/// Operators that old versions, runtimes or exporters put among the standard ones.
const ONCE_STANDARD: &[&str] = &[
    "ATen",
    "Affine",
    "ConstantFill",
    "Crop",
    "DynamicSlice",
    "FusedConv",
    "FusedGemm",
    "FusedMatMul",
    "GRUUnit",
    "GivenTensorFill",
    "ImageScaler",
    "ParametricSoftplus",
    "Scale",
    "ScaledTanh",
    "SimplifiedLayerNormalization",
    "SkipLayerNormalization",
    "SkipSimplifiedLayerNormalization",
];
/// Domains of libraries that many models need: worth a note.
const WELL_KNOWN: &[&str] =
    &["TRT", "ai.onnx.contrib", "ai.onnx.ext", "com.nvidia.tensorrt", "mmcv", "mmdeploy"];

/// Whether operators of this domain come with runtimes.
fn is_shipped(domain: &str, op: &str) -> bool {
    match domain {
        "" | "ai.onnx" | "ai.onnx.ml" => {
            ONCE_STANDARD.contains(&op) || STANDARD.lines().any(|name| name == op)
        }
        other => KNOWN.contains(&other) || other.starts_with("pkg."),
    }
}

fn check(subject: &Subject<'_, Onnx>, report: &mut Report) {
    let onnx = subject.facts;
    let mut foreign: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    onnx.visit_nodes(&mut |node| {
        foreign.entry((&node.domain, &node.op)).or_insert(&node.name);
    });
    for ((domain, op), node) in foreign {
        let local = onnx.functions.iter().any(|own| own.domain == domain && own.name == op);
        if local || is_shipped(domain, op) {
            continue;
        }
        let noted = WELL_KNOWN.contains(&domain) || op.ends_with("_TRT") || op.starts_with("TRT_");
        let severity = if noted { Severity::Low } else { Severity::Medium };
        let operator = if domain.is_empty() { op.to_owned() } else { format!("{domain}::{op}") };
        let message = format!("operator `{}` comes from no known runtime", operator.escape_debug());
        let evidence = Evidence::new(subject.locator.clone().at_key(node), operator.clone(), operator);
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    }
}
