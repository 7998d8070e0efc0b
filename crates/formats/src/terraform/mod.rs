//! Terraform: resources, data, variables and the policies written in them.
//!
//! Nothing is evaluated: literals, defaults of variables and literal locals are known, everything else stays an
//! expression. <https://developer.hashicorp.com/terraform/language/syntax/configuration>

mod hcl;
mod policy;

use crate::yaml::{Node, Value, text_of};
use crate::{Facts, Format, Input, Parsed, Recognised};

pub use policy::{Statement, statements};

/// The format.
pub const FORMAT: Format = Format { name: "terraform", extensions: &["tf", "tfvars"], recognise, parse };

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terraform {
    /// Top-level blocks in the order written.
    pub blocks: Vec<Block>,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `resource`, `data`, `variable` ...
    pub kind: String,
    /// Labels, `["aws_s3_bucket", "models"]`.
    pub labels: Vec<String>,
    /// One-based line.
    pub line: u32,
    /// Attributes, and nested blocks under their kind; a repeated block is a repeated entry.
    pub body: Node,
}

impl Block {
    /// First label: the type of a resource.
    pub fn resource_type(&self) -> &str {
        self.labels.first().map_or("", String::as_str)
    }

    /// Second label: the name of a resource.
    pub fn name(&self) -> &str {
        self.labels.get(1).map_or("", String::as_str)
    }

    /// How other blocks refer to it, `aws_s3_bucket.models`.
    pub fn address(&self) -> String {
        let prefix = if self.kind == "data" { "data." } else { "" };
        format!("{prefix}{}.{}", self.resource_type(), self.name())
    }

    /// Nested blocks (or the object attribute) called `key`.
    pub fn nested<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Node> {
        self.body.entries().iter().filter(move |entry| entry.key == key).map(|entry| &entry.node)
    }
}

impl Terraform {
    /// Resources whose type starts with `prefix`.
    pub fn resources<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks
            .iter()
            .filter(move |block| block.kind == "resource" && block.resource_type().starts_with(prefix))
    }

    /// Blocks `data` of this type.
    pub fn data<'a>(&'a self, resource_type: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind == "data" && block.resource_type() == resource_type)
    }

    /// The literal a node stands for: itself, the default of a variable, or a literal local of this file.
    pub fn resolve<'a>(&'a self, node: &'a Node) -> &'a Node {
        let Value::Expression(written) = &node.value else { return node };
        let written =
            written.strip_prefix("${").and_then(|inner| inner.strip_suffix('}')).unwrap_or(written).trim();
        let found = if let Some(name) = written.strip_prefix("var.") {
            self.blocks
                .iter()
                .find(|block| block.kind == "variable" && block.resource_type() == name)
                .map(|block| block.body.get("default"))
        } else if let Some(name) = written.strip_prefix("local.") {
            self.blocks
                .iter()
                .filter(|block| block.kind == "locals")
                .find_map(|block| block.body.entry(name).map(|entry| &entry.node))
        } else {
            None
        };
        match found {
            Some(found) if !found.is_null() => found,
            _ => node,
        }
    }

    /// The resource that a node refers to, `aws_s3_bucket.models.id` or its literal name.
    pub fn refers_to(&self, node: &Node, resource: &Block) -> bool {
        match &self.resolve(node).value {
            Value::Expression(written) => {
                let address = resource.address();
                written.match_indices(&address).any(|(at, _)| {
                    let after = written.as_bytes().get(at + address.len());
                    !after.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
                })
            }
            Value::Scalar { text, .. } => ["bucket", "name", "id"]
                .iter()
                .any(|key| self.resolve(resource.body.get(key)).text() == Some(text)),
            _ => false,
        }
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    match input.extension().as_str() {
        "tf" | "tfvars" => Recognised::ByShape,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let (blocks, mut more) = hcl::read(&text, &input.budget.limits);
    defects.append(&mut more);
    Parsed {
        format: FORMAT.name,
        facts: Facts::Terraform(Terraform { blocks }),
        defects,
        members: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
