//! Configuration that makes its loader reach the network.

use vauban_domain::rule;
use vauban_formats::instantiation::Instantiation;
use vauban_knowledge::calls::Effect;

use super::instantiation::{Verdict, tell};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Building what the configuration names reaches the network.
    pub const RULE: "instantiation-network-access" {
        family: Artifact,
        severity: High,
        title: "building what the configuration names reaches the network",
        why: "the target opens connections to wherever the configuration says, with the rights and from the network of whoever loads it",
        remedy: "do not load it; download what is needed beforehand, by digest",
        techniques: ["AML.T0011.000@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-918", "CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: NetworkAccess,
        when: Load,
        loaders: "hydra.utils.instantiate, LightningCLI, torchtune, NeMo restore_from; yaml.unsafe_load, yaml.load before PyYAML 5.1; jsonpickle.decode",
        source: "https://hydra.cc/docs/advanced/instantiate_objects/overview/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Instantiation(check) };

fn check(subject: &Subject<'_, Instantiation>, report: &mut Report) {
    tell(subject, report, |verdict| verdict == Verdict::Does(Effect::Network), "");
}
