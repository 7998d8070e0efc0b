//! TensorFlow graphs: the graph takes memory or time without bound.

use vauban_domain::{Evidence, rule};
use vauban_formats::tensorflow::TensorFlow;

use super::tensorflow_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The graph takes memory or time without bound.
    pub const RULE: "tensorflow-resource-exhaustion" {
        family: Artifact,
        severity: Medium,
        title: "the graph takes memory or time without bound",
        why: "a constant that no machine can hold, or a loop that never ends, stops the service that loads the model",
        remedy: "do not run it; ask for the model again",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-400", "CWE-789"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: ResourceExhaustion,
        when: FirstUse,
        loaders: "tf.saved_model.load, TensorFlow Serving",
        source: "TensorFlow security policy: models are programs",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::TensorFlow(check) };

fn check(subject: &Subject<'_, TensorFlow>, report: &mut Report) {
    for act in acts(subject.facts).into_iter().filter(|act| act.kind == Kind::Exhaustion) {
        let evidence = Evidence::new(subject.locator.clone().at_key(act.place), act.name, act.chain);
        report.find_as(act.severity, &subject.asset.id, act.message, vec![evidence]);
    }
}
