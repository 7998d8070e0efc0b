//! Templates that leave Jinja.

use vauban_domain::{Evidence, rule};
use vauban_formats::jinja::Jinja;

use super::template_escape::escapes;
use crate::{Check, Look, Report, Subject};

rule! {
    /// The template reaches for Python's internals.
    pub const RULE: "jinja-code-execution" {
        family: Artifact,
        severity: High,
        title: "the template reaches for Python's internals",
        why: "programs that render templates with an unsandboxed Jinja run the code that such a template builds, and holes in the sandbox are found again and again",
        remedy: "replace the template by the one of the model's publisher, and render templates in a sandbox",
        techniques: ["AML.T0018.003@2026.09", "AML.T0011.000@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-1336", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02"],
        effect: TemplateInjection,
        when: FirstUse,
        loaders: "jinja2.Environment and other unsandboxed renderers; llama-cpp-python before 0.2.72, Jinja before 3.1.6",
        source: "CVE-2024-34359, CVE-2025-27516, Jinja documentation of the sandbox",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Jinja(check) };

fn check(subject: &Subject<'_, Jinja>, report: &mut Report) {
    for found in escapes(&subject.facts.body) {
        let message = format!("rendering {}: `{}`", found.what, found.word.escape_debug());
        let listing = super::template::source_line(&subject.facts.text, found.line);
        let evidence = Evidence::new(subject.locator.clone().at_line(found.line), found.word, listing);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
