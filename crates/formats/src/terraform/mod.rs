//! Terraform: resources, data, variables and what else is written in blocks.
//!
//! Nothing is evaluated here; `cloud` fills in what the files of a module say together. <https://developer.hashicorp.com/terraform/language/syntax/configuration>

mod cursor;
mod expression;
mod hcl;

use crate::yaml::{Node, text_of};
use crate::{Facts, Format, Input, Parsed, Recognised};

/// The format.
pub const FORMAT: Format = Format { name: "terraform", extensions: &["tf", "tfvars"], recognise, parse };

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terraform {
    /// Top-level blocks in the order written.
    pub blocks: Vec<Block>,
    /// The text, at most four mebibytes.
    pub text: String,
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
}

/// Reads one expression; what is broken or has to be computed is an expression as written.
pub(crate) fn expression(text: &str) -> Node {
    hcl::read_expression(text, &crate::Limits { nodes: 20_000, ..crate::Limits::default() })
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
        facts: Facts::Terraform(Terraform { blocks, text: crate::text::beginning(input) }),
        defects,
        members: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
