//! ExecuTorch programs that need operators or back ends from elsewhere.

use vauban_domain::{Evidence, rule};
use vauban_formats::executorch::ExecuTorch;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The program needs operators or back ends that ExecuTorch itself does not have.
    pub const RULE: "executorch-custom-operator" {
        family: Artifact,
        severity: Low,
        title: "the program needs operators or back ends that ExecuTorch itself does not have",
        why: "such a part is native code that is linked into the application; what it does is written nowhere in the file",
        remedy: "find out which library registers it, and link it only from its own publisher",
        techniques: ["AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: Unknown,
        when: FirstUse,
        loaders: "ExecuTorch runtime",
        source: "ExecuTorch documentation of kernel registration and of back ends",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::ExecuTorch(check) };

/// Namespaces of ExecuTorch's own operators.
const NAMESPACES: &[&str] = &[
    "aten",
    "cadence",
    "cortex_m",
    "dim_order_ops",
    "et_vk",
    "executorch_prim",
    "llama",
    "quantized",
    "quantized_decomposed",
    "torchao",
];

fn check(subject: &Subject<'_, ExecuTorch>, report: &mut Report) {
    let strange = subject.facts.operators.iter().filter(|name| {
        let namespace = name.split("::").next().unwrap_or(name);
        !NAMESPACES.contains(&namespace)
    });
    let ends = subject.facts.delegates.iter().filter(|name| !name.ends_with("Backend"));
    for name in strange.chain(ends).take(32) {
        let message = format!("the program calls `{}`", name.escape_debug());
        let evidence = Evidence::new(subject.locator.clone(), name.as_str(), name.as_str());
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
