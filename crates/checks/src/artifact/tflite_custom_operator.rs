//! TensorFlow Lite models with operators of their own.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::tflite::{CUSTOM, Tflite};

use super::tensorflow_acts::is_extension;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The model needs an operator that TensorFlow Lite does not ship.
    pub const RULE: "tflite-custom-operator" {
        family: Artifact,
        severity: Medium,
        title: "the model needs an operator that TensorFlow Lite does not ship",
        why: "custom operators are native code that the program must register, and the model decides with which options it runs",
        remedy: "find out which library provides the operator, or convert the model again with built-in operators",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: Unknown,
        when: FirstUse,
        loaders: "TensorFlow Lite with a custom resolver",
        source: "tensorflow/lite/g3doc/guide/ops_custom.md",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Tflite(check) };

/// Operators that MediaPipe, Coral and the converter itself bring.
const KNOWN: &[&str] = &[
    "AudioSpectrogram",
    "Convolution2DTransposeBias",
    "Landmarks2TransformMatrix",
    "MaxPoolingWithArgmax2D",
    "MaxUnpooling2D",
    "Mfcc",
    "NumericVerify",
    "RandomStandardNormal",
    "RandomUniform",
    "RoiToTransformMatrix",
    "TFLite_Detection_PostProcess",
    "TransformLandmarks",
    "TransformTensorBilinear",
    "edgetpu-custom-op",
    "ethos-u",
];

fn check(subject: &Subject<'_, Tflite>, report: &mut Report) {
    for operator in &subject.facts.operators {
        let name = operator.custom.as_str();
        if operator.builtin != CUSTOM || name.starts_with("Flex") {
            continue;
        }
        let severity = if KNOWN.contains(&name) || is_extension(name) || name.starts_with("tftext:") {
            Severity::Low
        } else {
            Severity::Medium
        };
        let message =
            format!("operator `{}` is native code that the program must bring", name.escape_debug());
        let evidence = Evidence::new(subject.locator.clone(), name, name);
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    }
}
