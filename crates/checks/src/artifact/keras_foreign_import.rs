//! Keras configurations: rebuilding the model imports something that is not Keras's.

use vauban_domain::{Evidence, rule};
use vauban_formats::keras::Keras;

use super::keras_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Rebuilding the model imports something that is not Keras's.
    pub const RULE: "keras-foreign-import" {
        family: Artifact,
        severity: Medium,
        title: "rebuilding the model imports something that is not Keras's",
        why: "importing a module runs it, and earlier versions call whatever the configuration names; nobody here knows what it does",
        remedy: "find out where the module comes from; load only if you would run its code",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "keras.models.load_model before 3.9, or with the module's objects registered",
        source: "keras/src/saving/serialization_lib.py",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Keras(check) };

fn check(subject: &Subject<'_, Keras>, report: &mut Report) {
    for act in
        acts(subject.facts, &subject.knowledge.calls).into_iter().filter(|act| act.kind == Kind::Foreign)
    {
        let locator = subject.locator.clone().at_key(act.path);
        report.find(&subject.asset.id, act.message, vec![Evidence::new(locator, act.name, act.excerpt)]);
    }
}
