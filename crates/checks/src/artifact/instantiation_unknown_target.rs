//! Configuration that calls a function nobody knows.

use vauban_domain::rule;
use vauban_formats::instantiation::Instantiation;

use super::instantiation::{Verdict, tell};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The configuration calls a function that nobody knows.
    pub const RULE: "instantiation-unknown-target" {
        family: Artifact,
        severity: Medium,
        title: "the configuration calls a function that nobody knows",
        why: "classes of models and layers are what such configurations name; a bare function of the standard library, or one applied the way pickles do, is not, and nobody can say what it does",
        remedy: "read the function and take the target out if it is not yours",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "hydra.utils.instantiate, LightningCLI, torchtune, NeMo restore_from; yaml.unsafe_load, yaml.load before PyYAML 5.1; jsonpickle.decode",
        source: "https://hydra.cc/docs/advanced/instantiate_objects/overview/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Instantiation(check) };

fn check(subject: &Subject<'_, Instantiation>, report: &mut Report) {
    tell(subject, report, |verdict| verdict == Verdict::Unknown, ", which is in no table");
}
