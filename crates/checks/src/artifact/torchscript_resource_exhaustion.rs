//! Compiled models that never end or take all memory.

use vauban_domain::rule;
use vauban_formats::torch::Torch;

use super::torchscript::{Does, does, tell};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The compiled model never ends or takes all memory.
    pub const RULE: "torchscript-resource-exhaustion" {
        family: Artifact,
        severity: Medium,
        title: "the compiled model never ends or takes all memory",
        why: "a loop without end or a tensor of terabytes stops the service that uses the model",
        remedy: "do not load it; ask the publisher for weights without code, as safetensors",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-400", "CWE-835"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: ResourceExhaustion,
        when: FirstUse,
        loaders: "torch.jit.load, torch.load of a TorchScript archive",
        source: "PyTorch security policy, TorchScript models; CVE-2025-32434",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Torch(check) };

fn check(subject: &Subject<'_, Torch>, report: &mut Report) {
    does(&subject.facts.code)
        .iter()
        .filter(|deed| deed.does == Does::Exhaustion)
        .for_each(|deed| tell(subject, report, deed));
}
