//! Keras configurations: rebuilding the model runs code.

use vauban_domain::{Evidence, rule};
use vauban_formats::keras::Keras;

use super::keras_acts::{Kind, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Rebuilding the model runs code.
    pub const RULE: "keras-code-execution" {
        family: Artifact,
        severity: High,
        title: "rebuilding the model runs code",
        why: "a configuration names classes and functions, or carries marshalled code, and the loader calls them before any weight is read",
        remedy: "do not load it; ask for a model without Lambda layers, and load with `safe_mode=True` in a current Keras",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-502", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "keras.models.load_model; refused by Keras 3.9 and later with safe_mode=True, but not in HDF5 files",
        source: "CVE-2024-3660, CVE-2025-1550, CVE-2025-8747, CVE-2025-9905, CVE-2025-9906, CVE-2025-49655",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Keras(check) };

fn check(subject: &Subject<'_, Keras>, report: &mut Report) {
    for act in acts(subject.facts, &subject.knowledge.calls).into_iter().filter(|act| act.kind == Kind::Code)
    {
        let locator = subject.locator.clone().at_key(act.path);
        report.find(&subject.asset.id, act.message, vec![Evidence::new(locator, act.name, act.excerpt)]);
    }
}
