//! Configuration that makes its loader run code.

use vauban_domain::rule;
use vauban_formats::instantiation::Instantiation;
use vauban_knowledge::calls::Effect;

use super::instantiation::{Verdict, tell};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Building what the configuration names runs code.
    pub const RULE: "instantiation-code-execution" {
        family: Artifact,
        severity: High,
        title: "building what the configuration names runs code",
        why: "libraries that build objects from configuration call whatever name it gives: a name that runs programs makes the configuration a program",
        remedy: "do not load it; take the target out, or allow only the classes that the model needs",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-94", "CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "hydra.utils.instantiate, LightningCLI, torchtune, NeMo restore_from; yaml.unsafe_load, yaml.load before PyYAML 5.1; jsonpickle.decode",
        source: "https://hydra.cc/docs/advanced/instantiate_objects/overview/, CVE-2025-23304 (NeMo)",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Instantiation(check) };

fn check(subject: &Subject<'_, Instantiation>, report: &mut Report) {
    tell(
        subject,
        report,
        |verdict| {
            matches!(
                verdict,
                Verdict::Does(Effect::CodeExecution | Effect::Process | Effect::Function | Effect::Import)
            )
        },
        "",
    );
}
