//! Pickles that use what the table of callables does not know.

use vauban_domain::rule;
use vauban_formats::pickle::Pickle;

use super::acts::{Act, acts};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Loading the file calls or imports something unknown.
    pub const RULE: "pickle-unknown-callable" {
        family: Artifact,
        severity: Medium,
        title: "loading the file calls or imports something unknown",
        why: "nobody has said what this callable does; a class of your own is harmless only if you know the module that is imported",
        remedy: "make sure that the module is yours and is the one installed where the file is loaded, or store the weights as safetensors or ONNX",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        source: "CPython documentation of `pickle`, warning on untrusted data",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Pickle(check) };

fn check(subject: &Subject<'_, Pickle>, report: &mut Report) {
    let acts = acts(subject.facts, &subject.knowledge.calls, !subject.parsed.members.is_empty());
    for act in acts.iter().filter(|act| applies(act)) {
        super::tell(subject, report, act);
    }
}

fn applies(act: &Act) -> bool {
    act.effect.is_none()
}
