//! Statements of identity and resource policies, however they are written.

use super::{Block, Terraform};
use crate::yaml::{Node, Value};
use crate::{Limits, json};

/// One statement of a policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// One-based line in the file.
    pub line: u32,
    /// One-based line of its actions.
    pub action_line: u32,
    /// Whether it allows; deny statements are kept too.
    pub allows: bool,
    /// Actions, `s3:GetObject`, `*`.
    pub actions: Vec<String>,
    /// Resources, ARNs or expressions as written.
    pub resources: Vec<String>,
    /// Principals: ARNs, services, `*`; empty in identity policies.
    pub principals: Vec<String>,
    /// Whether conditions narrow it.
    pub conditional: bool,
}

/// The statements of the policy that `node` holds: an object, JSON text, or a reference to a policy document of the
/// same file.
pub fn statements(file: &Terraform, node: &Node) -> Vec<Statement> {
    let node = file.resolve(node);
    match &node.value {
        Value::Map(_) => of_document(node, 0),
        Value::Scalar { text, .. } => of_json(text, node.line),
        Value::Expression(written) if written.trim_start().starts_with('{') => of_json(written, node.line),
        Value::Expression(_) => file
            .data("aws_iam_policy_document")
            .filter(|document| file.refers_to(node, document))
            .flat_map(of_block)
            .collect(),
        _ => Vec::new(),
    }
}

fn of_json(text: &str, line: u32) -> Vec<Statement> {
    let (document, _) = json::read_text(text, &Limits { nodes: 100_000, ..Limits::default() });
    // A here-document starts on the line after its mark; text in quotes is one line.
    of_document(&document, line)
}

fn of_document(document: &Node, above: u32) -> Vec<Statement> {
    document
        .get("Statement")
        .one_or_many()
        .iter()
        .map(|statement| Statement {
            line: statement.line.saturating_add(above),
            action_line: statement.get("Action").line.saturating_add(above),
            allows: statement.get("Effect").text() != Some("Deny"),
            actions: texts(statement.get("Action")),
            resources: texts(statement.get("Resource")),
            principals: principals(statement.get("Principal")),
            conditional: !statement.get("Condition").is_null(),
        })
        .collect()
}

fn of_block(document: &Block) -> Vec<Statement> {
    document
        .nested("statement")
        .map(|statement| Statement {
            line: statement.line,
            action_line: statement.get("actions").line,
            allows: statement.get("effect").text() != Some("Deny"),
            actions: texts(statement.get("actions")),
            resources: texts(statement.get("resources")),
            principals: statement
                .entries()
                .iter()
                .filter(|entry| entry.key == "principals")
                .flat_map(|entry| texts(entry.node.get("identifiers")))
                .collect(),
            conditional: statement.entries().iter().any(|entry| entry.key == "condition"),
        })
        .collect()
}

fn principals(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Map(entries) => entries.iter().flat_map(|entry| texts(&entry.node)).collect(),
        _ => texts(node),
    }
}

fn texts(node: &Node) -> Vec<String> {
    node.one_or_many()
        .iter()
        .filter_map(|item| match &item.value {
            Value::Scalar { text, .. } | Value::Expression(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}
