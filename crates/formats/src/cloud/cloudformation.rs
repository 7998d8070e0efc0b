//! CloudFormation: what `aws cloudformation`, SAM and the CDK deploy.
//!
//! Intrinsic functions become the expressions that Terraform would have: `!GetAtt Models.Arn` is
//! `aws_s3_bucket.Models.arn`. <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>

use std::collections::BTreeMap;

use super::name::{snake, snake_tree};
use super::{Found, Resource, shape};
use crate::yaml::{Entry, Node, Value};

/// Types whose name in Terraform is not the name of the service and the thing in a row.
const TYPES: &[(&str, &str)] = &[
    ("AWS::Bedrock::Agent", "aws_bedrockagent_agent"),
    ("AWS::Bedrock::AgentAlias", "aws_bedrockagent_agent_alias"),
    ("AWS::Bedrock::ApplicationInferenceProfile", "aws_bedrock_inference_profile"),
    ("AWS::Bedrock::DataSource", "aws_bedrockagent_data_source"),
    ("AWS::Bedrock::KnowledgeBase", "aws_bedrockagent_knowledge_base"),
    ("AWS::EC2::Instance", "aws_instance"),
    ("AWS::EC2::SecurityGroup", "aws_security_group"),
    ("AWS::EC2::SecurityGroupIngress", "aws_vpc_security_group_ingress_rule"),
    ("AWS::Elasticsearch::Domain", "aws_opensearch_domain"),
    ("AWS::IAM::ManagedPolicy", "aws_iam_policy"),
    ("AWS::IAM::Policy", "aws_iam_role_policy"),
    ("AWS::Lambda::Url", "aws_lambda_function_url"),
    ("AWS::OpenSearchService::Domain", "aws_opensearch_domain"),
    ("AWS::RDS::DBCluster", "aws_rds_cluster"),
    ("AWS::SageMaker::EndpointConfig", "aws_sagemaker_endpoint_configuration"),
    (
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        "aws_sagemaker_notebook_instance_lifecycle_configuration",
    ),
    ("AWS::Serverless::Function", "aws_lambda_function"),
];

/// Functions inside functions.
const DEPTH: usize = 64;

pub(super) fn template(root: &Node, found: &mut Found) {
    let context = Context::of(root);
    for entry in root.get("Resources").entries() {
        let Some(kind) = terraform_type(entry.node.get("Type").text_or_empty()) else { continue };
        let properties = context.plain(entry.node.get("Properties"), 0);
        let mut body = snake_tree(&properties);
        if body.is_null() {
            body.value = Value::Map(Vec::new());
        }
        let resource = Resource {
            address: format!("{kind}.{}", entry.key),
            kind,
            name: entry.key.clone(),
            line: entry.line,
            body,
            complete: true,
        };
        shape::push(found, resource);
    }
}

fn terraform_type(written: &str) -> Option<String> {
    if let Some((_, kind)) = TYPES.iter().find(|(known, _)| *known == written) {
        return Some((*kind).to_owned());
    }
    let mut parts = written.split("::");
    if parts.next()? != "AWS" {
        return None;
    }
    let (service, name) = (parts.next()?, parts.next()?);
    Some(format!("aws_{}_{}", service.to_ascii_lowercase(), snake(name)))
}

/// What functions refer to.
struct Context<'a> {
    /// Types of resources by logical id.
    types: BTreeMap<&'a str, String>,
    parameters: &'a Node,
}

impl<'a> Context<'a> {
    fn of(root: &'a Node) -> Self {
        let resources = root.get("Resources").entries().iter();
        let types = resources
            .filter_map(|entry| Some((entry.key.as_str(), terraform_type(entry.node.get("Type").text()?)?)))
            .collect();
        Self { types, parameters: root.get("Parameters") }
    }

    /// The tree with functions replaced by what they give, or by an expression.
    fn plain(&self, node: &Node, depth: usize) -> Node {
        if depth > DEPTH {
            return Node { line: node.line, value: Value::Expression("(not evaluated)".to_owned()) };
        }
        let value = match &node.value {
            Value::Map(entries) => match entries.as_slice() {
                [only] if only.key == "Ref" || only.key.starts_with("Fn::") => {
                    self.function(&only.key, &only.node, depth)
                }
                entries => Value::Map(
                    entries
                        .iter()
                        .map(|entry| Entry {
                            key: entry.key.clone(),
                            line: entry.line,
                            node: self.plain(&entry.node, depth + 1),
                        })
                        .filter(|entry| !is_no_value(&entry.node))
                        .collect(),
                ),
            },
            Value::List(items) => Value::List(
                items
                    .iter()
                    .map(|item| self.plain(item, depth + 1))
                    .filter(|item| !is_no_value(item))
                    .collect(),
            ),
            other => other.clone(),
        };
        Node { line: node.line, value }
    }

    fn function(&self, name: &str, argument: &Node, depth: usize) -> Value {
        match name {
            "Ref" => self.reference(argument.text_or_empty(), "id"),
            "Fn::GetAtt" => {
                let written = match argument.items() {
                    [id, attribute] => format!("{}.{}", id.text_or_empty(), attribute.text_or_empty()),
                    _ => argument.text_or_empty().to_owned(),
                };
                let (id, attribute) = written.split_once('.').unwrap_or((&written, "id"));
                self.reference(id, &snake(attribute))
            }
            "Fn::Sub" => {
                let (text, own) = match argument.items() {
                    [text, own] => (text.text_or_empty(), Some(own)),
                    [text] => (text.text_or_empty(), None),
                    _ => (argument.text_or_empty(), None),
                };
                self.substitute(text, own, depth)
            }
            "Fn::Join" => {
                let [separator, list] = argument.items() else { return unknown(name) };
                let list = self.plain(list, depth + 1);
                if !list.is_list() {
                    return unknown(name);
                }
                let mut known = true;
                let parts: Vec<String> = list
                    .items()
                    .iter()
                    .map(|item| match &item.value {
                        Value::Scalar { text, .. } => text.clone(),
                        Value::Expression(written) => {
                            known = false;
                            in_template(written)
                        }
                        _ => {
                            known = false;
                            "${?}".to_owned()
                        }
                    })
                    .collect();
                text_or_template(parts.join(separator.text_or_empty()), known)
            }
            "Fn::Base64" => self.plain(argument, depth + 1).value,
            "Fn::If" => {
                let [_, yes, no] = argument.items() else { return unknown(name) };
                let (yes, no) = (self.plain(yes, depth + 1), self.plain(no, depth + 1));
                if yes.value == no.value { yes.value } else { unknown(name) }
            }
            _ => unknown(name),
        }
    }

    fn reference(&self, id: &str, attribute: &str) -> Value {
        if let Some(kind) = self.types.get(id) {
            return Value::Expression(format!("{kind}.{id}.{attribute}"));
        }
        if id == "AWS::NoValue" {
            return Value::Expression(NO_VALUE.to_owned());
        }
        let parameter = self.parameters.get(id);
        let default = parameter.get("Default");
        match &default.value {
            Value::Scalar { text, .. } if !parameter.get("NoEcho").is_true() => {
                Value::Scalar { text: text.clone(), quoted: false }
            }
            _ => Value::Expression(format!("var.{id}")),
        }
    }

    /// `arn:${AWS::Partition}:s3:::${Models}/*`.
    fn substitute(&self, text: &str, own: Option<&Node>, depth: usize) -> Value {
        let mut out = String::with_capacity(text.len());
        let mut known = true;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((inner, behind)) = after.split_once('}') else {
                rest = "";
                break;
            };
            rest = behind;
            if let Some(literal) = inner.strip_prefix('!') {
                out.push_str(&format!("${{{literal}}}"));
                continue;
            }
            if inner == "AWS::Partition" {
                out.push_str("aws");
                continue;
            }
            let given = own.map_or(&Value::Null, |own| &own.get(inner).value);
            let value = match given {
                Value::Null => {
                    let (id, attribute) = inner.split_once('.').unwrap_or((inner, "id"));
                    self.reference(id, &snake(attribute))
                }
                _ => self.plain(&Node { line: 0, value: given.clone() }, depth + 1).value,
            };
            match value {
                Value::Scalar { text, .. } => out.push_str(&text),
                Value::Expression(written) => {
                    known = false;
                    out.push_str(&in_template(&written));
                }
                _ => {
                    known = false;
                    out.push_str("${?}");
                }
            }
        }
        out.push_str(rest);
        text_or_template(out, known)
    }
}

const NO_VALUE: &str = "(no value)";

fn is_no_value(node: &Node) -> bool {
    matches!(&node.value, Value::Expression(written) if written == NO_VALUE)
}

fn unknown(function: &str) -> Value {
    Value::Expression(format!("({function})"))
}

fn in_template(written: &str) -> String {
    if written.contains("${") { written.to_owned() } else { format!("${{{written}}}") }
}

fn text_or_template(text: String, known: bool) -> Value {
    if known { Value::Scalar { text, quoted: true } } else { Value::Expression(text) }
}
