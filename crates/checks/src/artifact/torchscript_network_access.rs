//! Compiled models that reach other machines.

use vauban_domain::rule;
use vauban_formats::torch::Torch;

use super::torchscript::{Does, does, tell};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The compiled model reaches other machines.
    pub const RULE: "torchscript-network-access" {
        family: Artifact,
        severity: High,
        title: "the compiled model reaches other machines",
        why: "remote calls and collective operations run inside the model and send what they are given elsewhere",
        remedy: "do not load it; ask the publisher for weights without code, as safetensors",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-918"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: NetworkAccess,
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
        .filter(|deed| deed.does == Does::Network)
        .for_each(|deed| tell(subject, report, deed));
}
