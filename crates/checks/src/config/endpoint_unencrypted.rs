//! The disks of an endpoint rest without a key of the owner.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// The disks of an endpoint rest without a key of the owner.
    pub const RULE: "endpoint-unencrypted" {
        family: Config,
        severity: Low,
        title: "endpoint without a key of its own",
        why: "weights and captured requests on the disks of the endpoint rest without a key that the owner controls",
        remedy: "give the endpoint configuration a key of your own",
        techniques: ["AML.T0035@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-311"],
        owasp: ["LLM02:2025"],
        threats: ["L1.2@2025-02", "L2.2@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/encryption-at-rest.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Machines whose disks are encrypted by themselves and take no key.
const LOCAL_DISKS: &[&str] = &[
    "c5d", "c6gd", "g4dn", "g5", "g6", "g6e", "m5d", "m6gd", "p3dn", "p4d", "p4de", "p5", "p5e", "p5en",
    "r5d", "r6gd", "trn1", "trn1n", "trn2",
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_sagemaker_endpoint_configuration"]) {
        let variants = it.blocks("production_variants");
        let keyless = |variant: &&vauban_formats::yaml::Node| {
            let family = variant.get("instance_type").text_or_empty().split('.').nth(1).unwrap_or_default();
            LOCAL_DISKS.contains(&family) || !variant.get("serverless_config").is_null()
        };
        let takes_none = !variants.is_empty() && variants.iter().all(keyless);
        let is_wrong = if takes_none { Some(false) } else { it.has("kms_key_arn").map(|set| !set) };
        let said = verdict(it, is_wrong, "kms_key_arn", || {
            format!("nothing encrypts the disks of `{}` with a key of the owner", it.name)
        });
        estate.clouds.judge(stack, it, report, said);
    }
}
