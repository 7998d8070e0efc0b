//! The disks of notebooks rest without a key of the owner.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// The disks of notebooks rest without a key of the owner.
    pub const RULE: "notebook-unencrypted" {
        family: Config,
        severity: Medium,
        title: "notebook without a key of its own",
        why: "data and weights on the notebook's disk rest without a key that the owner controls",
        remedy: "give the notebook or the domain a key of your own",
        techniques: ["AML.T0035@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-311"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest-nbi.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_sagemaker_domain", "aws_sagemaker_notebook_instance"]) {
        let said = verdict(it, it.has("kms_key_id").map(|set| !set), "kms_key_id", || {
            format!("nothing encrypts the storage of `{}` with a key of the owner", it.name)
        });
        estate.clouds.judge(stack, it, report, said);
    }
}
