//! Keras configurations: the model needs a class that is not Keras's.

use vauban_domain::{Evidence, rule};
use vauban_formats::keras::Keras;

use super::keras_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The model needs a class that is not Keras's.
    pub const RULE: "keras-custom-object" {
        family: Artifact,
        severity: Low,
        title: "the model needs a class that is not Keras's",
        why: "the program that loads the model must bring the class along, and its code runs",
        remedy: "get the class from the model's publisher and read it",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "keras.models.load_model with custom_objects",
        source: "keras/src/saving/object_registration.py",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Keras(check) };

fn check(subject: &Subject<'_, Keras>, report: &mut Report) {
    for act in
        acts(subject.facts, &subject.knowledge.calls).into_iter().filter(|act| act.kind == Kind::Custom)
    {
        let locator = subject.locator.clone().at_key(act.path);
        report.find(&subject.asset.id, act.message, vec![Evidence::new(locator, act.name, act.excerpt)]);
    }
}
