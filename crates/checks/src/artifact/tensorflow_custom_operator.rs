//! TensorFlow graphs: the graph needs an operator that TensorFlow does not ship.

use vauban_domain::{Evidence, rule};
use vauban_formats::tensorflow::TensorFlow;

use super::tensorflow_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The graph needs an operator that TensorFlow does not ship.
    pub const RULE: "tensorflow-custom-operator" {
        family: Artifact,
        severity: Medium,
        title: "the graph needs an operator that TensorFlow does not ship",
        why: "custom operators come as native libraries that whoever runs the model must load and trust",
        remedy: "find out which library provides the operator, or export the model again with standard operators",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: Unknown,
        when: FirstUse,
        loaders: "tf.load_op_library, then tf.saved_model.load",
        source: "registry of operators of TensorFlow 2.21",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::TensorFlow(check) };

fn check(subject: &Subject<'_, TensorFlow>, report: &mut Report) {
    for act in acts(subject.facts).into_iter().filter(|act| act.kind == Kind::Custom) {
        let evidence = Evidence::new(subject.locator.clone().at_key(act.place), act.name, act.chain);
        report.find_as(act.severity, &subject.asset.id, act.message, vec![evidence]);
    }
}
