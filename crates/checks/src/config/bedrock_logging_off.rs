//! The account records no calls of its models.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// The account records no calls of its models.
    pub const RULE: "bedrock-logging-off" {
        family: Config,
        severity: Low,
        title: "calls of Bedrock models are not recorded",
        why: "stolen credentials that run up a bill, and prompts that fish for data, leave no trace to look at",
        remedy: "switch model invocation logging on, with text and image data",
        techniques: ["AML.T0034@2026.09", "AML.T0040@2026.09", "AML.T0096@2026.09"],
        mitigations: ["AML.M0024@2026.09"],
        weaknesses: ["CWE-778"],
        owasp: ["LLM10:2025"],
        threats: ["L5.4@2025-02"],
        source: "https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_bedrock_model_invocation_logging_configuration"]) {
        // Not known as soon as one of the places is not.
        let places: Option<Vec<bool>> = ["cloudwatch_config", "cloud_watch_config", "s3_config"]
            .iter()
            .map(|key| it.has(&format!("logging_config.{key}")))
            .collect();
        let nowhere = places.map(|set| !set.contains(&true));
        let silent = it.is_on("logging_config.text_data_delivery_enabled", true) == Some(false);
        let is_wrong = if silent { Some(true) } else { nowhere };
        let said =
            verdict(it, is_wrong, "logging_config", || "nothing records what models are asked".to_owned());
        estate.clouds.judge(stack, it, report, said);
    }
}
