//! One resource, whoever tells of it, in the words of Terraform.

use super::name::{Arn, references};
use crate::yaml::{Node, Value};

/// Where the absent is: for chains of look-ups.
static ABSENT: Node = Node { line: 0, value: Value::Null };

/// A resource of a cloud account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resource {
    /// Its type as Terraform calls it, `aws_s3_bucket`; data sources as `data.aws_iam_policy_document`.
    pub kind: String,
    /// Name within its file: the label in code, the logical id in templates, the physical name in answers.
    pub name: String,
    /// What it is called in full, unique in its file: `module.store.aws_s3_bucket.models[0]`.
    pub address: String,
    /// One-based line.
    pub line: u32,
    /// Attributes in Terraform's words; what has to be computed is an expression.
    pub body: Node,
    /// Whether what is not in `body` is not set; false for lists that show a part of each thing only.
    pub complete: bool,
}

impl Resource {
    /// What is at a path of keys joined by dots; of repeated blocks and lists of blocks the first.
    pub fn field(&self, path: &str) -> &Node {
        path.split('.').fold(&self.body, |node, key| single(node).get(key))
    }

    /// Every block at a path of keys joined by dots, repeated ones and those in lists included.
    pub fn blocks(&self, path: &str) -> Vec<&Node> {
        let mut here = vec![&self.body];
        for key in path.split('.') {
            here = here
                .into_iter()
                .flat_map(Node::entries)
                .filter(|entry| entry.key == key)
                .flat_map(|entry| entry.node.one_or_many())
                .collect();
        }
        here
    }

    /// Whether something is set at a path; `None` where that is not known.
    pub fn has(&self, path: &str) -> Option<bool> {
        let mut node = &self.body;
        for key in path.split('.') {
            node = single(node);
            if matches!(node.value, Value::Expression(_)) {
                return None;
            }
            node = node.get(key);
        }
        let set = match &node.value {
            Value::Null => false,
            Value::Scalar { text, .. } => !text.is_empty(),
            Value::List(items) => !items.is_empty(),
            Value::Map(_) | Value::Expression(_) => true,
        };
        if set || self.complete { Some(set) } else { None }
    }

    /// Whether a switch at a path is on, `default` where nothing is set; `None` where that is not known.
    pub fn is_on(&self, path: &str, default: bool) -> Option<bool> {
        if !self.has(path)? {
            return Some(default);
        }
        match self.field(path).text()?.to_ascii_lowercase().as_str() {
            "true" | "enabled" | "on" => Some(true),
            "false" | "disabled" | "off" | "suspended" => Some(false),
            _ => None,
        }
    }

    /// The text at a path; `None` where nothing is set or it is not known.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.field(path).text().filter(|text| !text.is_empty())
    }

    /// Line of what is at a path, or of the resource.
    pub fn line_of(&self, path: &str) -> u32 {
        match self.field(path).line {
            0 => self.line,
            line => line,
        }
    }

    /// The name it has in the cloud, where that is written out.
    pub fn physical_name(&self) -> Option<&str> {
        let own: &[&str] = match self.kind.as_str() {
            "aws_s3_bucket" => &["bucket"],
            "aws_opensearch_domain" | "aws_sagemaker_domain" => &["domain_name", "name"],
            "aws_lambda_function" => &["function_name", "name"],
            "aws_sagemaker_feature_group" => &["feature_group_name", "name"],
            "aws_sagemaker_model_package_group" => &["model_package_group_name", "name"],
            "aws_sagemaker_pipeline" => &["pipeline_name", "name"],
            "aws_bedrockagent_agent" => &["agent_name", "name"],
            "aws_bedrock_custom_model" => &["custom_model_name", "name"],
            "google_service_account" => &["account_id", "name"],
            "google_vertex_ai_dataset" | "google_vertex_ai_index" | "google_vertex_ai_endpoint" => {
                &["display_name", "name"]
            }
            _ => &["name"],
        };
        own.iter().find_map(|key| self.text(key))
    }

    /// Every text by which other resources may mean it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let arn = ["arn", "id", "self_link", "guardrail_id", "agent_id", "knowledge_base_id"];
        self.physical_name().into_iter().chain(arn.into_iter().filter_map(|key| self.text(key)))
    }

    /// Its ARN, where that is written out.
    pub fn arn(&self) -> Option<&str> {
        ["arn", "id"].into_iter().filter_map(|key| self.text(key)).find(|text| Arn::of(text).is_some())
    }

    /// `type.name`, as expressions refer to it.
    pub fn reference(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    /// What it refers to: `(type, name)` and the line of the reference.
    pub fn references(&self) -> Vec<(String, String, u32)> {
        let mut found: Vec<(String, String, u32)> = Vec::new();
        self.body.visit_scalars(|_, node| {
            let Value::Expression(written) = &node.value else { return };
            for (kind, name) in references(written) {
                if !found.iter().any(|(known, other, _)| *known == kind && *other == name) {
                    found.push((kind, name, node.line));
                }
            }
        });
        found
    }
}

/// The first of a list of blocks, or the block itself.
fn single(node: &Node) -> &Node {
    match &node.value {
        Value::List(items) => items.first().unwrap_or(&ABSENT),
        _ => node,
    }
}
