//! Stores of vectors, documents and features that let everybody in.

use vauban_domain::rule;
use vauban_formats::recording::Recording;
use vauban_knowledge::fingerprints::Gives;

use super::service;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A vector store asks nobody who they are.
    pub const RULE: "vector-store-open" {
        family: Access,
        severity: High,
        title: "vector store without authentication",
        why: "whoever reaches it reads what was embedded, often whole documents, and writes what the model will be told as knowledge",
        remedy: "switch on its authentication, or let only the application that uses it reach it",
        techniques: ["AML.T0132@2026.09", "AML.T0035@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0019@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["LLM08:2025", "LLM02:2025"],
        threats: ["L2.2@2025-02", "L2.5@2025-02"],
        source: "https://genai.owasp.org/llmrisk/llm082025-vector-and-embedding-weaknesses/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Recording(check) };

fn check(subject: &Subject<'_, Recording>, report: &mut Report) -> bool {
    let (place, asset) = (subject.locator, &subject.asset.id);
    service::judge(subject.facts, Gives::Vectors, place, asset, subject.knowledge, report, RULE.severity)
}
