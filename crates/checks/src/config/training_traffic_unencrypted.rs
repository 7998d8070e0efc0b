//! Machines of one training job exchange data without encryption.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// Machines of one training job exchange data without encryption.
    pub const RULE: "training-traffic-unencrypted" {
        family: Config,
        severity: Low,
        title: "training machines talk in the clear",
        why: "gradients and samples that machines of one training job exchange can be read and changed on the way",
        remedy: "switch encryption of traffic between containers on",
        techniques: ["AML.T0025@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-319"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/train-encrypt.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_sagemaker_training_job"]) {
        let many = it.field("resource_config.instance_count").integer().is_some_and(|count| count > 1);
        let path = "enable_inter_container_traffic_encryption";
        let is_wrong = if many { it.is_on(path, false).map(|on| !on) } else { Some(false) };
        let said = verdict(it, is_wrong, path, || format!("machines of `{}` talk in the clear", it.name));
        estate.clouds.judge(stack, it, report, said);
    }
}
