//! Registries and management interfaces that let everybody in.

use vauban_domain::rule;
use vauban_formats::recording::Recording;
use vauban_knowledge::fingerprints::Gives;

use super::service;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A registry asks nobody who they are.
    pub const RULE: "model-registry-open" {
        family: Access,
        severity: High,
        title: "model registry without authentication",
        why: "whoever reaches it reads models and runs, and registers or replaces what others will load",
        remedy: "switch on its authentication, or put a gateway that signs people in before it; keep the port off shared networks",
        techniques: ["AML.T0132@2026.09", "AML.T0035@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0019@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "X.1@2025-02"],
        source: "https://mlflow.org/docs/latest/self-hosting/security/basic-http-auth/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Recording(check) };

fn check(subject: &Subject<'_, Recording>, report: &mut Report) -> bool {
    let (place, asset) = (subject.locator, &subject.asset.id);
    service::judge(subject.facts, Gives::Registry, place, asset, subject.knowledge, report, RULE.severity)
}
