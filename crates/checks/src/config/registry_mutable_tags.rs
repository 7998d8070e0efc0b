//! A registry lets tags move to other images.

use vauban_domain::rule;

use crate::clouds::verdict;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A registry lets tags move to other images.
    pub const RULE: "registry-mutable-tags" {
        family: Config,
        severity: Low,
        title: "tags of images can be moved",
        why: "whoever may push can put another image under a tag that models and training jobs already name",
        remedy: "make tags immutable",
        techniques: ["AML.T0010.004@2026.09", "AML.T0109@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-494"],
        owasp: ["LLM03:2025"],
        threats: ["L4.1@2025-02", "L3.4@2025-02"],
        source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_ecr_repository"]) {
        let path = "image_tag_mutability";
        let is_wrong = match (it.has(path), it.text(path)) {
            (Some(false), _) | (_, Some("MUTABLE")) => Some(true),
            (_, Some(_)) => Some(false),
            _ => None,
        };
        let said =
            verdict(it, is_wrong, path, || format!("tags of `{}` can be moved to other images", it.name));
        estate.clouds.judge(stack, it, report, said);
    }
}
