//! The policy of a registry of images or models is about everyone.

use vauban_domain::rule;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// The policy of a registry of images or models is about everyone.
    pub const RULE: "registry-public" {
        family: Access,
        severity: High,
        title: "model registry or image registry is public",
        why: "everyone can pull models and images, and where everyone may push, replace them",
        remedy: "bind the policy to accounts or roles of your own",
        techniques: ["AML.T0035@2026.09", "AML.T0044@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0005@2026.09"],
        weaknesses: ["CWE-732"],
        owasp: ["LLM03:2025", "LLM02:2025"],
        threats: ["L1.2@2025-02", "L3.4@2025-02"],
        source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Policies of registries, and where they stand.
const POLICIES: &[(&str, &str)] = &[
    ("aws_ecr_repository_policy", "policy"),
    ("aws_sagemaker_model_package_group_policy", "resource_policy"),
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (kind, path) in POLICIES {
        for (stack, it) in estate.clouds.of_kind(&[kind]) {
            let open =
                stack.statements(it.field(path)).into_iter().find(|statement| statement.is_for_everyone());
            let said = match open {
                None => Verdict::Right,
                Some(statement) => Verdict::Wrong {
                    place: place(it, statement.line),
                    what: format!("allows everyone {}", statement.actions.join(", ")),
                    message: format!("`{}` allows everyone {}", it.name, statement.actions.join(", ")),
                },
            };
            estate.clouds.judge(stack, it, report, said);
        }
    }
}
