//! GGUF files whose chat template escapes from Jinja.

use vauban_domain::{Evidence, rule};
use vauban_formats::gguf::Gguf;

use super::template::escape;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The chat template reaches for Python's internals.
    pub const RULE: "gguf-template-injection" {
        family: Artifact,
        severity: High,
        title: "the chat template reaches for Python's internals",
        why: "runtimes that render chat templates with an unsandboxed Jinja run the code that such a template builds",
        remedy: "replace the template by the one of the model's publisher, and render templates in a sandbox",
        techniques: ["AML.T0018.003@2026.09", "AML.T0011.000@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-1336", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02"],
        source: "CVE-2024-34359, Jinja documentation of the sandbox",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Gguf(check) };

fn check(subject: &Subject<'_, Gguf>, report: &mut Report) {
    for (key, template) in subject.facts.chat_templates() {
        if let Some(found) = escape(template) {
            let message = format!("`{key}` uses `{}`, which leads out of the template", found.word);
            let locator = subject.locator.clone().at_key(key);
            report.find(&subject.asset.id, message, vec![Evidence::new(locator, found.word, found.excerpt)]);
        }
    }
}
