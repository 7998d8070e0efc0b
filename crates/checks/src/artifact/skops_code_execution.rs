//! skops graphs that reach functions able to run code, read or write files, or use the network.

use vauban_domain::{Evidence, rule};
use vauban_formats::skops::Skops;

use super::skops::{deeds, line};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The graph of the skops file reaches a function that does harm.
    pub const RULE: "skops-code-execution" {
        family: Artifact,
        severity: High,
        title: "the skops file reaches a function that does harm",
        why: "a node names any importable callable; a version of skops that trusts it, or a user who passes all untrusted types on, runs it while loading",
        remedy: "do not load it and do not pass `get_untrusted_types` on unread; get a clean copy, or the model as ONNX",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502", "CWE-351"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "skops.io.load with these types trusted; before 0.12 (CVE-2025-54412, CVE-2025-54413) also without; Card.get_model before 0.13 (CVE-2025-54886)",
        source: "skops advisories CVE-2025-54412, CVE-2025-54413, CVE-2025-54886",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Skops(check) };

fn check(subject: &Subject<'_, Skops>, report: &mut Report) {
    for deed in deeds(subject.facts, &subject.knowledge.calls) {
        let Some(effect) = deed.effect else { continue };
        let verb = if deed.called { "calls" } else { "fetches" };
        let note = if deed.note.is_empty() { String::new() } else { format!(": {}", deed.note) };
        let message = format!("loading {verb} `{}` ({}){note}", deed.name.escape_debug(), effect.as_str());
        let locator = subject.locator.clone().at_key(&deed.node.path);
        let evidence = Evidence::new(locator, deed.name.clone(), line(deed.node));
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
