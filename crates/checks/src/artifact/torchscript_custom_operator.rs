//! Compiled models with operators that PyTorch does not have.

use vauban_domain::rule;
use vauban_formats::torch::Torch;

use super::torchscript::{Does, does, tell};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The compiled model needs operators or classes from a native library.
    pub const RULE: "torchscript-custom-operator" {
        family: Artifact,
        severity: Medium,
        title: "the compiled model needs operators or classes from a native library",
        why: "such an operator is native code from a library that is loaded beside the model; what it does is written nowhere in the file",
        remedy: "find out which library registers it, and load it only from its own publisher",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: Unknown,
        when: FirstUse,
        loaders: "torch.jit.load, torch.load of a TorchScript archive",
        source: "PyTorch documentation of custom operators",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Torch(check) };

fn check(subject: &Subject<'_, Torch>, report: &mut Report) {
    does(&subject.facts.code)
        .iter()
        .filter(|deed| deed.does == Does::Unknown)
        .for_each(|deed| tell(subject, report, deed));
}
