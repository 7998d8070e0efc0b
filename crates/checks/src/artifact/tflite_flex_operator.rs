//! TensorFlow Lite models that reach into full TensorFlow for files, Python or the network.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::tflite::Tflite;

use super::tensorflow_acts::{Kind, is_known, power};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The model reaches into full TensorFlow for more than computing.
    pub const RULE: "tflite-flex-operator" {
        family: Artifact,
        severity: High,
        title: "the model reaches into full TensorFlow for more than computing",
        why: "flex operators run inside the lite runtime with everything that TensorFlow can do: they open files, connect and call Python",
        remedy: "do not run it; ask for a model of built-in operators",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-73"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "TensorFlow Lite with the flex delegate (select TensorFlow operators)",
        source: "tensorflow/lite/delegates/flex",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Tflite(check) };

fn check(subject: &Subject<'_, Tflite>, report: &mut Report) {
    for operator in &subject.facts.operators {
        let Some(op) = operator.custom.strip_prefix("Flex") else { continue };
        let (severity, message) = match power(op) {
            Some(Kind::Code) => (Severity::High, format!("`{op}` calls Python")),
            Some(Kind::Network) => (Severity::High, format!("`{op}` reaches the network")),
            Some(_) => (Severity::High, format!("`{op}` reads or writes files")),
            None if !is_known(op) => {
                (Severity::Medium, format!("`{}` is an operator of no known library", op.escape_debug()))
            }
            None => continue,
        };
        let evidence =
            Evidence::new(subject.locator.clone(), operator.custom.clone(), operator.custom.clone());
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    }
}
