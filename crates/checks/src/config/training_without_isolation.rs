//! A training job is not cut off from the network.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A training job is not cut off from the network.
    pub const RULE: "training-without-isolation" {
        family: Config,
        severity: Medium,
        title: "training job may call out",
        why: "code or data that a training job loads can carry the training set and the weights out over the network",
        remedy: "switch network isolation on, or give the job a network without a way out",
        techniques: ["AML.T0025@2026.09", "AML.T0020@2026.09"],
        mitigations: ["AML.M0032@2026.09"],
        weaknesses: ["CWE-923"],
        owasp: ["LLM03:2025"],
        threats: ["L2.2@2025-02", "L4.6@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_sagemaker_training_job"]) {
        let path = "enable_network_isolation";
        let said = verdict(it, it.is_on(path, false).map(|on| !on), path, || {
            format!("the containers of `{}` are not isolated from the network", it.name)
        });
        estate.clouds.judge(stack, it, report, said);
    }
}
