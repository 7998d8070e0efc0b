//! Core ML models that call classes of the app.

use vauban_domain::{Evidence, rule};
use vauban_formats::coreml::Coreml;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model calls classes that the app brings.
    pub const RULE: "coreml-custom-code" {
        family: Artifact,
        severity: Medium,
        title: "the model calls classes that the app brings",
        why: "custom layers and models are looked up by name in the app that loads the model and run with the parameters that the model states",
        remedy: "find out which code the class stands for; convert the model again without custom layers",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-470", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "MLModel(contentsOf:) in an app that has the class",
        source: "CustomModel.proto and NeuralNetwork.proto of coremltools",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Coreml(check) };

fn check(subject: &Subject<'_, Coreml>, report: &mut Report) {
    for (what, class) in &subject.facts.classes {
        let message = format!("a custom {what} runs the class `{}` of the app", class.escape_debug());
        let key = format!("{what} {class}");
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(subject.locator.clone(), key, class.clone())],
        );
    }
}
