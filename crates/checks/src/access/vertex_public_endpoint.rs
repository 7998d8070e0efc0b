//! An endpoint of Vertex AI stands on the public internet.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// An endpoint of Vertex AI stands on the public internet.
    pub const RULE: "vertex-public-endpoint" {
        family: Access,
        severity: Low,
        title: "Vertex AI endpoint answers on the internet",
        why: "requests come from anywhere, and one leaked token is enough to query or steal the model",
        remedy: "peer the endpoint with a network of your own, or use private service connect",
        techniques: ["AML.T0040@2026.09", "AML.T0024@2026.09", "AML.T0132@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0032@2026.09"],
        weaknesses: ["CWE-668"],
        owasp: ["ML05:2023"],
        threats: ["L1.2@2025-02"],
        source: "https://cloud.google.com/vertex-ai/docs/predictions/using-private-endpoints",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["google_vertex_ai_index_endpoint"]) {
        let path = "public_endpoint_enabled";
        let said =
            verdict(it, it.is_on(path, false), path, || format!("`{}` answers on the internet", it.name));
        estate.clouds.judge(stack, it, report, said);
    }
    for (stack, it) in estate.clouds.of_kind(&["google_vertex_ai_endpoint"]) {
        let private = ["network", "private_service_connect_config"].map(|path| it.has(path));
        let is_wrong = if private.contains(&None) { None } else { Some(!private.contains(&Some(true))) };
        let said = verdict(it, is_wrong, "network", || format!("`{}` answers on the internet", it.name));
        estate.clouds.judge(stack, it, report, said);
    }
}
