//! MXNet graphs with operators from elsewhere.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::mxnet::Mxnet;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The graph needs an operator that MXNet does not ship.
    pub const RULE: "mxnet-custom-operator" {
        family: Artifact,
        severity: Medium,
        title: "the graph needs an operator that MXNet does not ship",
        why: "custom operators are Python or native code that the program registers, and native ones are called by an address that the file states",
        remedy: "find out which code the operator stands for, or export the model again without it",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-822"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "mx.mod.Module.load, SymbolBlock.imports",
        source: "src/operator/custom of Apache MXNet 1.9",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Mxnet(check) };

/// Operators whose names begin with a capital, as old ones do; later ones are in small letters.
const CAPITALS: &[&str] = &[
    "Activation",
    "BatchNorm",
    "BatchNorm_v1",
    "BilinearSampler",
    "BlockGrad",
    "CTCLoss",
    "Cast",
    "Concat",
    "Convolution",
    "Convolution_v1",
    "Correlation",
    "Crop",
    "Deconvolution",
    "Dropout",
    "ElementWiseSum",
    "Embedding",
    "Flatten",
    "FullyConnected",
    "GridGenerator",
    "GroupNorm",
    "IdentityAttachKLSparseReg",
    "InstanceNorm",
    "L2Normalization",
    "LRN",
    "LayerNorm",
    "LeakyReLU",
    "LinearRegressionOutput",
    "LogisticRegressionOutput",
    "MAERegressionOutput",
    "MakeLoss",
    "Pad",
    "Pooling",
    "Pooling_v1",
    "RNN",
    "ROIPooling",
    "Reshape",
    "SVMOutput",
    "SequenceLast",
    "SequenceMask",
    "SequenceReverse",
    "SliceChannel",
    "Softmax",
    "SoftmaxActivation",
    "SoftmaxOutput",
    "SpatialTransformer",
    "SwapAxis",
    "SyncBatchNorm",
    "UpSampling",
];

fn check(subject: &Subject<'_, Mxnet>, report: &mut Report) {
    for node in &subject.facts.nodes {
        let op = node.op.as_str();
        let (severity, what) = match op {
            "_Native" | "_NDArray" => (Severity::High, "calls an address that the file states"),
            "Custom" | "_CustomFunction" => {
                (Severity::Medium, "calls code that the program must have registered")
            }
            _ if op.starts_with(|char: char| char.is_ascii_uppercase()) && !CAPITALS.contains(&op) => {
                (Severity::Medium, "is an operator of no known library")
            }
            _ => continue,
        };
        let kind =
            node.attributes.iter().find(|(key, _)| key == "op_type").map_or("", |(_, value)| value.as_str());
        let message = format!("`{}` {what} {}", op.escape_debug(), kind.escape_debug()).trim_end().to_owned();
        let texts: Vec<String> =
            node.attributes.iter().take(6).map(|(key, text)| format!("{key} = {text:?}")).collect();
        let locator = subject.locator.clone().at_key(node.name.clone());
        let key = format!("{op} {kind}").trim_end().to_owned();
        report.find_as(
            severity,
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, key, texts.join("\n"))],
        );
    }
}
