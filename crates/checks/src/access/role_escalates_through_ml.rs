//! The rights of an identity add up to those of others.

use crate::access::rights::{Rights, identities};
use vauban_domain::Locator;
use vauban_domain::rule;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// The rights of an identity add up to those of others.
    pub const RULE: "role-escalates-through-ml" {
        family: Access,
        severity: High,
        title: "role can take over other roles by way of ML services",
        why: "starting a notebook or training job with a stronger role, or opening someone's notebook, gives the rights of that role",
        remedy: "name the roles that may be passed and the notebooks, domains and endpoints that may be touched",
        techniques: ["AML.T0012@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0026@2026.09"],
        weaknesses: ["CWE-269"],
        owasp: ["ASI03:2026"],
        threats: ["X.3@2025-02", "L4.6@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/security_iam_id-based-policy-examples.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// What starts code with a role that is passed.
const STARTS: &[&str] = &[
    "sagemaker:CreateNotebookInstance",
    "sagemaker:CreateTrainingJob",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateModel",
    "bedrock:CreateAgent",
    "lambda:CreateFunction",
    "ec2:RunInstances",
    "glue:CreateJob",
];
/// What gives the rights of others by itself, if it may be done to everything.
const DIRECT: &[&str] = &[
    "sagemaker:CreatePresignedNotebookInstanceUrl",
    "sagemaker:CreatePresignedDomainUrl",
    "sagemaker:UpdateNotebookInstanceLifecycleConfig",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in identities(estate) {
        let said = match Rights::of(stack, it) {
            None => Verdict::Unknown("its permissions boundary is not known"),
            Some(rights) => match way(&rights) {
                None => Verdict::Right,
                Some((place, what)) => {
                    let message = format!("`{}` gets the rights of others by {what}", it.name);
                    Verdict::Wrong { place, what, message }
                }
            },
        };
        estate.clouds.judge(stack, it, report, said);
    }
}

/// The first way to the rights of others.
fn way(rights: &Rights<'_, '_>) -> Option<(Locator, String)> {
    let anywhere = |action: &str| {
        rights.find(|statement| {
            statement.covers_action(action)
                && (statement.is_everywhere() || statement.resources.iter().any(|arn| is_any(arn)))
                && !statement.conditions.iter().any(|it| it.binds() || it.key.contains("ResourceTag"))
        })
    };
    if let Some((holder, passes)) = anywhere("iam:PassRole")
        && let Some(start) = STARTS.iter().find(|action| anywhere(action).is_some())
    {
        return Some((place(holder, passes.action_line), format!("{start} with iam:PassRole")));
    }
    DIRECT.iter().find_map(|action| {
        let (holder, statement) = anywhere(action)?;
        Some((place(holder, statement.action_line), (*action).to_owned()))
    })
}

/// Whether a pattern is about every thing of a type: `arn:aws:iam::*:role/*`.
fn is_any(arn: &str) -> bool {
    vauban_formats::cloud::Arn::of(arn).is_some_and(|arn| {
        arn.resource == "*" || arn.resource.ends_with("/*") && arn.resource.matches('/').count() == 1
    })
}
