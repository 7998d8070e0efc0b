//! Keras configurations: rebuilding the model touches files of the host.

use vauban_domain::{Evidence, rule};
use vauban_formats::keras::Keras;

use super::keras_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Rebuilding the model touches files of the host.
    pub const RULE: "keras-file-access" {
        family: Artifact,
        severity: High,
        title: "rebuilding the model touches files of the host",
        why: "layers that take a path open it when they are rebuilt, so that a configuration reads what its sender wants to see",
        remedy: "do not load it; vocabularies belong into the model's own assets",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-73", "CWE-22"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: FileRead,
        when: Load,
        loaders: "keras.models.load_model; vocabularies are refused by Keras 3.12 and later with safe_mode=True",
        source: "CVE-2025-12058",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Keras(check) };

fn check(subject: &Subject<'_, Keras>, report: &mut Report) {
    for act in acts(subject.facts, &subject.knowledge.calls).into_iter().filter(|act| act.kind == Kind::Files)
    {
        let locator = subject.locator.clone().at_key(act.path);
        report.find(&subject.asset.id, act.message, vec![Evidence::new(locator, act.name, act.excerpt)]);
    }
}
