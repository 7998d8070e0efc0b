//! A resource of Vertex AI rests without a key of the owner.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A resource of Vertex AI rests without a key of the owner.
    pub const RULE: "vertex-without-own-key" {
        family: Config,
        severity: Low,
        title: "Vertex AI resource without a key of its own",
        why: "models and data rest without a key that the owner can take away",
        remedy: "name a key of your own in encryption_spec",
        techniques: ["AML.T0035@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-311"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02"],
        source: "https://cloud.google.com/vertex-ai/docs/general/cmek",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&[
        "google_vertex_ai_dataset",
        "google_vertex_ai_endpoint",
        "google_vertex_ai_featurestore",
        "google_vertex_ai_model",
    ]) {
        let path = "encryption_spec.kms_key_name";
        let said = verdict(it, it.has(path).map(|set| !set), path, || {
            format!("nothing encrypts `{}` with a key of the owner", it.name)
        });
        estate.clouds.judge(stack, it, report, said);
    }
}
