//! TensorFlow graphs: the graph calls Python.

use vauban_domain::{Evidence, rule};
use vauban_formats::tensorflow::TensorFlow;

use super::tensorflow_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The graph calls Python.
    pub const RULE: "tensorflow-code-execution" {
        family: Artifact,
        severity: High,
        title: "the graph calls Python",
        why: "an operator hands tensors to Python functions of the process, so that the graph does what no graph could",
        remedy: "do not run it; ask for a model exported without `tf.py_function`",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-94", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "tf.saved_model.load, TensorFlow Serving with Python operators",
        source: "tensorflow/python/ops/script_ops.py",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::TensorFlow(check) };

fn check(subject: &Subject<'_, TensorFlow>, report: &mut Report) {
    for act in acts(subject.facts).into_iter().filter(|act| act.kind == Kind::Code) {
        let evidence = Evidence::new(subject.locator.clone().at_key(act.place), act.name, act.chain);
        report.find_as(act.severity, &subject.asset.id, act.message, vec![evidence]);
    }
}
