//! From the shapes of CloudFormation and of the provider's answers to the shape that Terraform gives a resource.

use super::{Found, Resource};
use crate::yaml::{Entry, Node, Value};

/// Attributes that are called otherwise, by type; `*` is for all.
const RENAMES: &[(&str, &[(&str, &str)])] = &[
    (
        "aws_bedrock_custom_model",
        &[
            ("model_arn", "arn"),
            ("model_name", "name"),
            ("base_model_arn", "base_model_identifier"),
            ("model_kms_key_arn", "custom_model_kms_key_id"),
        ],
    ),
    (
        "aws_bedrock_guardrail",
        &[
            ("guardrail_arn", "arn"),
            ("content_policy", "content_policy_config"),
            ("kms_key_id", "kms_key_arn"),
        ],
    ),
    (
        "aws_bedrock_inference_profile",
        &[("inference_profile_arn", "arn"), ("inference_profile_name", "name")],
    ),
    ("aws_bedrockagent_agent", &[("agent_arn", "arn")]),
    ("aws_bedrockagent_knowledge_base", &[("knowledge_base_arn", "arn")]),
    ("aws_ecr_repository", &[("repository_arn", "arn"), ("repository_name", "name")]),
    ("aws_iam_group", &[("group_name", "name"), ("group_policy_list", "inline_policy")]),
    (
        "aws_iam_policy",
        &[("managed_policy_name", "name"), ("policy_document", "policy"), ("policy_name", "name")],
    ),
    (
        "aws_iam_role",
        &[
            ("assume_role_policy_document", "assume_role_policy"),
            ("policies", "inline_policy"),
            ("role_name", "name"),
            ("role_policy_list", "inline_policy"),
        ],
    ),
    (
        "aws_iam_role_policy",
        &[("policy_document", "policy"), ("policy_name", "name"), ("role_name", "role"), ("roles", "role")],
    ),
    (
        "aws_iam_user",
        &[("policies", "inline_policy"), ("user_name", "name"), ("user_policy_list", "inline_policy")],
    ),
    ("aws_iam_user_policy", &[("policy_document", "policy"), ("policy_name", "name"), ("user_name", "user")]),
    ("aws_instance", &[("instance_id", "id"), ("image_id", "ami")]),
    ("aws_kms_key", &[("key_policy", "policy"), ("key_id", "id")]),
    ("aws_lambda_function", &[("function_arn", "arn")]),
    (
        "aws_opensearch_domain",
        &[
            ("encryption_at_rest_options", "encrypt_at_rest"),
            ("node_to_node_encryption_options", "node_to_node_encryption"),
        ],
    ),
    ("aws_s3_bucket", &[("bucket_name", "bucket"), ("name", "bucket")]),
    ("aws_s3_bucket_policy", &[("policy_document", "policy")]),
    ("aws_sagemaker_domain", &[("domain_arn", "arn"), ("domain_id", "id")]),
    ("aws_sagemaker_endpoint", &[("endpoint_arn", "arn"), ("endpoint_name", "name")]),
    (
        "aws_sagemaker_endpoint_configuration",
        &[("endpoint_config_arn", "arn"), ("endpoint_config_name", "name"), ("kms_key_id", "kms_key_arn")],
    ),
    ("aws_sagemaker_feature_group", &[("feature_group_arn", "arn")]),
    ("aws_sagemaker_model", &[("containers", "container"), ("model_arn", "arn"), ("model_name", "name")]),
    ("aws_sagemaker_model_package", &[("model_package_arn", "arn"), ("model_package_name", "name")]),
    ("aws_sagemaker_model_package_group", &[("model_package_group_arn", "arn")]),
    (
        "aws_sagemaker_notebook_instance",
        &[
            ("notebook_instance_arn", "arn"),
            ("notebook_instance_name", "name"),
            ("security_group_ids", "security_groups"),
        ],
    ),
    ("aws_sagemaker_pipeline", &[("pipeline_arn", "arn")]),
    ("aws_sagemaker_training_job", &[("training_job_arn", "arn"), ("training_job_name", "name")]),
    ("aws_sagemaker_processing_job", &[("processing_job_arn", "arn"), ("processing_job_name", "name")]),
    (
        "aws_security_group",
        &[
            ("group_id", "id"),
            ("group_name", "name"),
            ("ip_permissions", "ingress"),
            ("security_group_ingress", "ingress"),
        ],
    ),
    ("aws_vpc_security_group_ingress_rule", &[("cidr_ip", "cidr_ipv4"), ("group_id", "security_group_id")]),
];

/// Adds a resource whose attributes are in [`super::name::snake_tree`]'s spelling, and the resources that Terraform makes
/// of its parts.
pub(super) fn push(found: &mut Found, mut resource: Resource) {
    if let Some((_, renames)) = RENAMES.iter().find(|(kind, _)| *kind == resource.kind) {
        rename(&mut resource.body, renames);
    }
    match resource.kind.as_str() {
        "aws_s3_bucket" => bucket(found, &mut resource),
        "aws_security_group" => {
            each(&mut resource.body, "ingress", permission);
        }
        "aws_iam_role" | "aws_iam_user" | "aws_iam_group" => identity(&mut resource.body),
        "aws_iam_policy" => policy(found, &mut resource),
        "aws_ecr_repository" => {
            if let Some(node) = take(&mut resource.body, "repository_policy_text") {
                part(found, &resource, "aws_ecr_repository_policy", "repository", vec![("policy", node)]);
            }
        }
        "aws_bedrock_guardrail" => {
            each(&mut resource.body, "content_policy_config", |node| {
                rename(node, &[("filters", "filters_config")])
            });
        }
        _ => {}
    }
    found.push(resource);
}

fn rename(body: &mut Node, renames: &[(&str, &str)]) {
    let Value::Map(entries) = &mut body.value else { return };
    for (from, to) in renames {
        if entries.iter().any(|entry| entry.key == *to) {
            continue;
        }
        if let Some(entry) = entries.iter_mut().find(|entry| entry.key == *from) {
            (*to).clone_into(&mut entry.key);
        }
    }
}

fn take(body: &mut Node, key: &str) -> Option<Node> {
    let Value::Map(entries) = &mut body.value else { return None };
    let at = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(at).node)
}

fn put(body: &mut Node, key: &str, node: Node) {
    if let Value::Map(entries) = &mut body.value {
        entries.push(Entry { key: key.to_owned(), line: node.line, node });
    }
}

/// Changes the blocks under a key.
fn each(body: &mut Node, key: &str, change: impl Fn(&mut Node)) {
    let Value::Map(entries) = &mut body.value else { return };
    for entry in entries.iter_mut().filter(|entry| entry.key == key) {
        match &mut entry.node.value {
            Value::List(items) => items.iter_mut().for_each(&change),
            _ => change(&mut entry.node),
        }
    }
}

/// A resource that Terraform has for a part of `whole`, pointing at it under `key`.
fn part(found: &mut Found, whole: &Resource, kind: &str, key: &str, attributes: Vec<(&str, Node)>) {
    let line = attributes.first().map_or(whole.line, |(_, node)| node.line);
    let reference = Node { line, value: Value::Expression(format!("{}.id", whole.reference())) };
    let entries = std::iter::once((key, reference)).chain(attributes);
    let entries = entries.map(|(key, node)| Entry { key: key.to_owned(), line: node.line, node }).collect();
    found.push(Resource {
        kind: kind.to_owned(),
        name: whole.name.clone(),
        address: whole.address.clone(),
        line,
        body: Node { line, value: Value::Map(entries) },
        complete: true,
    });
}

fn bucket(found: &mut Found, bucket: &mut Resource) {
    if let Some(mut acl) = take(&mut bucket.body, "access_control") {
        if let Value::Scalar { text, .. } = &mut acl.value {
            *text = super::name::snake(text).replace('_', "-");
        }
        put(&mut bucket.body, "acl", acl);
    }
    if let Some(mut encryption) = take(&mut bucket.body, "bucket_encryption") {
        let inner = take(&mut encryption, "server_side_encryption_configuration").unwrap_or(encryption);
        put(&mut bucket.body, "server_side_encryption_configuration", inner);
    }
    if let Some(mut versioning) = take(&mut bucket.body, "versioning_configuration") {
        rename(&mut versioning, &[("status", "enabled")]);
        put(&mut bucket.body, "versioning", versioning);
    }
    if let Some(block) = take(&mut bucket.body, "public_access_block_configuration") {
        let attributes =
            block.entries().iter().map(|entry| (entry.key.as_str(), entry.node.clone())).collect();
        part(found, bucket, "aws_s3_bucket_public_access_block", "bucket", attributes);
    }
}

/// A permission of a security group.
fn permission(node: &mut Node) {
    rename(
        node,
        &[("cidr_ip", "cidr_blocks"), ("cidr_ipv6", "ipv6_cidr_blocks"), ("ip_protocol", "protocol")],
    );
    for (ranges, inner, wanted) in
        [("ip_ranges", "cidr_ip", "cidr_blocks"), ("ipv6_ranges", "cidr_ipv6", "ipv6_cidr_blocks")]
    {
        if let Some(list) = take(node, ranges) {
            let items = list.items().iter().map(|range| range.get(inner).clone()).collect();
            put(node, wanted, Node { line: list.line, value: Value::List(items) });
        }
    }
}

fn identity(body: &mut Node) {
    each(body, "inline_policy", |node| {
        rename(node, &[("policy_document", "policy"), ("policy_name", "name")])
    });
    if let Some(attached) = take(body, "attached_managed_policies") {
        let items = attached.items().iter().map(|policy| policy.get("policy_arn").clone()).collect();
        put(body, "managed_policy_arns", Node { line: attached.line, value: Value::List(items) });
    }
    each(body, "permissions_boundary", |node| {
        if let Some(arn) = take(node, "permissions_boundary_arn") {
            *node = arn;
        }
    });
}

fn policy(found: &mut Found, policy: &mut Resource) {
    if let Some(versions) = take(&mut policy.body, "policy_version_list") {
        let current = versions.items().iter().find(|version| version.get("is_default_version").is_true());
        if let Some(current) = current {
            put(&mut policy.body, "policy", current.get("document").clone());
        }
    }
    for key in ["roles", "users", "groups"] {
        if let Some(who) = take(&mut policy.body, key) {
            let mut attributes = vec![(key, who)];
            let reference = Value::Expression(format!("{}.arn", policy.reference()));
            attributes.push(("policy_arn", Node { line: policy.line, value: reference }));
            let attached = attributes.iter().any(|(_, node)| !node.is_null());
            if attached {
                part(found, policy, "aws_iam_policy_attachment", "policy", attributes);
            }
        }
    }
}
