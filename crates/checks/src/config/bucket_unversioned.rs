//! A bucket that models are served from keeps no versions.

use vauban_domain::rule;
use vauban_formats::cloud::{Placed, Stack};
use vauban_formats::yaml::Node;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A bucket that models are served from keeps no versions.
    pub const RULE: "bucket-unversioned" {
        family: Config,
        severity: Low,
        title: "bucket of models keeps no versions",
        why: "a model that is overwritten or deleted, by mistake or by an attacker, is gone, and nobody can tell what changed",
        remedy: "switch versioning on",
        techniques: ["AML.T0018@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-353"],
        owasp: ["LLM03:2025", "LLM04:2025"],
        threats: ["L2.4@2025-02", "L1.3@2025-02"],
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Where what is served or trained says where its model lies.
const MODELS: &[(&str, &str)] = &[
    ("aws_sagemaker_model", "container.model_data_url"),
    ("aws_sagemaker_model", "primary_container.model_data_url"),
    ("aws_sagemaker_model", "primary_container.model_data_source.s3_data_source.s3_uri"),
    ("aws_sagemaker_model_package", "inference_specification.containers.model_data_url"),
    ("aws_sagemaker_training_job", "output_data_config.s3_output_path"),
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (stack, it) in estate.clouds.of_kind(&["aws_s3_bucket"]) {
        let holds = MODELS.iter().any(|(kind, path)| {
            stack.of_kind(&[kind]).flat_map(|model| model.blocks(path)).any(|node| lies_in(stack, node, it))
        });
        if !holds {
            continue;
        }
        let beside = stack.pointing_at(it, "aws_s3_bucket_versioning", "bucket");
        let status = beside.first().map(|other| other.is_on("versioning_configuration.status", false));
        let on = status.unwrap_or_else(|| it.is_on("versioning.enabled", false));
        let said = match on {
            Some(true) => Verdict::Right,
            None => Verdict::Unknown("nothing says whether it keeps versions"),
            Some(false) => Verdict::Wrong {
                place: place(it, it.line),
                what: format!("resource {}", it.reference()),
                message: format!("`{}` holds models and keeps no versions", it.reference()),
            },
        };
        estate.clouds.judge(stack, it, report, said);
    }
}

/// Whether an address of an object is in the bucket.
fn lies_in(stack: &Stack<'_>, node: &Node, bucket: &Placed<'_>) -> bool {
    if stack.all_meant(node, &["aws_s3_bucket"]).iter().any(|other| other.address == bucket.address) {
        return true;
    }
    let name = bucket.physical_name().unwrap_or_default();
    let rest = node.text().and_then(|text| text.strip_prefix("s3://")).unwrap_or_default();
    !name.is_empty() && rest.split('/').next() == Some(name)
}
