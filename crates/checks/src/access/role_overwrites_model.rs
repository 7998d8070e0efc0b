//! An identity that serves models or runs notebooks may write the artifact that is served.

use crate::access::rights::Rights;
use vauban_domain::rule;
use vauban_formats::cloud::Stack;
use vauban_formats::yaml::{Node, Value};

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// An identity that serves models or runs notebooks may write the artifact that is served.
    pub const RULE: "role-overwrites-model" {
        family: Access,
        severity: High,
        title: "role can overwrite the model it serves",
        why: "whoever gets code to run where the model is served, or in a notebook, puts another model in its place, and the next start serves that",
        remedy: "give what serves and what explores read access only, and let one pipeline write",
        techniques: ["AML.T0018@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0019@2026.09"],
        weaknesses: ["CWE-732"],
        owasp: ["LLM04:2025", "LLM03:2025"],
        threats: ["L1.3@2025-02", "L2.4@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Where the artifact of a model stands.
const ARTIFACTS: &[&str] = &["container.model_data_url", "primary_container.model_data_url"];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, role) in estate.clouds.of_kind(&["aws_iam_role"]) {
        let serves = !stack.pointing_at(role, "aws_sagemaker_model", "execution_role_arn").is_empty();
        let explores = !stack.pointing_at(role, "aws_sagemaker_notebook_instance", "role_arn").is_empty();
        if !serves && !explores {
            continue;
        }
        let Some(rights) = Rights::of(stack, role) else {
            estate.clouds.judge(
                stack,
                role,
                report,
                Verdict::Unknown("its permissions boundary is not known"),
            );
            continue;
        };
        let written = stack.of_kind(&["aws_sagemaker_model"]).find_map(|model| {
            let arns =
                ARTIFACTS.iter().flat_map(|path| model.blocks(path)).filter_map(|node| arn_of(stack, node));
            arns.into_iter().find_map(|arn| {
                let (holder, statement) = rights.find(|statement| {
                    statement.conditions.is_empty()
                        && statement.covers_action("s3:PutObject")
                        && statement.covers_resource(&arn)
                })?;
                (!rights.denies("s3:PutObject", &arn))
                    .then(|| (model, arn, place(holder, statement.action_line)))
            })
        });
        let said = match written {
            None => Verdict::Right,
            Some((model, arn, place)) => Verdict::Wrong {
                place,
                what: format!("s3:PutObject on {arn}"),
                message: format!("`{}` may overwrite the artifact of `{}`", role.name, model.name),
            },
        };
        estate.clouds.judge(stack, role, report, said);
    }
}

/// `s3://bucket/key` as the service names it in policies.
fn arn_of(stack: &Stack<'_>, node: &Node) -> Option<String> {
    let written = match &node.value {
        Value::Scalar { text, .. } => text.clone(),
        Value::Expression(written) => stack.filled_in(written),
        _ => return None,
    };
    let place = written.strip_prefix("s3://")?;
    // A key that is not known yet is some key in the bucket.
    let (bucket, key) = place.split_once('/')?;
    let key = if key.contains("${") { "model" } else { key };
    (!bucket.contains("${")).then(|| format!("arn:aws:s3:::{bucket}/{key}"))
}
