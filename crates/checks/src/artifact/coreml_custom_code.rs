//! Core ML models that call classes of the application.

use vauban_domain::{Evidence, rule};
use vauban_formats::coreml::Coreml;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model calls a class of the application that loads it.
    pub const RULE: "coreml-custom-code" {
        family: Artifact,
        severity: Medium,
        title: "the model calls a class of the application that loads it",
        why: "custom layers and models are native code looked up by name in the application: whoever ships the class decides what runs",
        remedy: "convert the model without custom layers, or pin and read the class that it names",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "MLModel of Core ML",
        source: "coremltools, NeuralNetwork.proto (CustomLayerParams) and CustomModel.proto",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Coreml(check) };

fn check(subject: &Subject<'_, Coreml>, report: &mut Report) {
    for custom in &subject.facts.custom {
        let message = format!("a custom {} calls the class `{}`", custom.kind, custom.class.escape_debug());
        let locator = subject.locator.clone().at_offset(custom.offset);
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(locator, custom.class.clone(), custom.class.clone())],
        );
    }
}
