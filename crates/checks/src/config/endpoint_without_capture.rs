//! Requests to an endpoint and its answers are not recorded.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// Requests to an endpoint and its answers are not recorded.
    pub const RULE: "endpoint-without-capture" {
        family: Config,
        severity: Low,
        title: "endpoint records nothing",
        why: "without a record of requests and answers nobody sees that a model is stolen query by query, or fooled",
        remedy: "switch data capture on, and look at what it records",
        techniques: ["AML.T0024@2026.09", "AML.T0043@2026.09"],
        mitigations: ["AML.M0024@2026.09"],
        weaknesses: ["CWE-778"],
        owasp: ["ML05:2023"],
        threats: ["L5.4@2025-02", "L1.2@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_sagemaker_endpoint_configuration"]) {
        let variants = it.blocks("production_variants");
        // Endpoints without servers cannot record.
        let cannot = !variants.is_empty()
            && variants.iter().all(|variant| !variant.get("serverless_config").is_null());
        let path = "data_capture_config.enable_capture";
        let is_wrong = if cannot { Some(false) } else { it.is_on(path, false).map(|on| !on) };
        let said =
            verdict(it, is_wrong, path, || format!("`{}` records neither requests nor answers", it.name));
        estate.clouds.judge(stack, it, report, said);
    }
}
