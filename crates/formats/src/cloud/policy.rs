//! Policy documents: who may do what with what, and what a set of statements grants.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>

use super::name::fits;
use crate::yaml::{Node, Value};
use crate::{Limits, json};

/// One statement of a policy document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statement {
    /// One-based line in the file.
    pub line: u32,
    /// One-based line of its actions.
    pub action_line: u32,
    /// Whether it allows; statements that deny are kept too.
    pub allows: bool,
    /// Actions, `s3:GetObject`, `*`.
    pub actions: Vec<String>,
    /// Actions it is not about; everything else is meant.
    pub not_actions: Vec<String>,
    /// Resources: ARNs, or expressions as written.
    pub resources: Vec<String>,
    /// Resources it is not about.
    pub not_resources: Vec<String>,
    /// Who is meant; empty in policies of identities.
    pub principals: Vec<Principal>,
    /// Whether it is about everyone but some.
    pub not_principals: bool,
    /// What narrows it.
    pub conditions: Vec<Condition>,
}

/// Who a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// `AWS`, `Service`, `Federated`, `CanonicalUser`; empty where `*` stands alone.
    pub kind: String,
    /// ARN, account, host of a service, `*`.
    pub value: String,
}

impl Principal {
    /// Whether it is anyone at all.
    pub fn is_everyone(&self) -> bool {
        self.value == "*" && matches!(self.kind.as_str(), "" | "*" | "AWS")
    }
}

/// A test that a request has to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// `StringEquals`, `ArnLike` ...
    pub operator: String,
    /// `aws:SourceVpce`, `sts:ExternalId` ...
    pub key: String,
    /// Values, as written.
    pub values: Vec<String>,
}

/// Keys that bind a request to an organisation, account, network or resource.
const BINDING: &[&str] = &[
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:vpcsourceip",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "sts:externalid",
];

impl Condition {
    /// Whether it keeps strangers out: bound to an organisation, account, network or secret, and not by `*` or the
    /// whole internet.
    pub fn binds(&self) -> bool {
        if self.key.is_empty() {
            // It has to be computed; nobody knows that it lets strangers in.
            return true;
        }
        let key = self.key.to_ascii_lowercase();
        let operator = self.operator.to_ascii_lowercase();
        let named = BINDING.iter().any(|known| key == *known || known.ends_with('/') && key.starts_with(known))
            // Tokens of an identity provider carry an audience and a subject.
            || key.ends_with(":aud")
            || key.ends_with(":sub")
            || key.ends_with(":oaud")
            || key.ends_with(":repository");
        let open = self.values.iter().any(|value| matches!(value.as_str(), "*" | "0.0.0.0/0" | "::/0"));
        named && !open && !operator.contains("not") && !operator.ends_with("ifexists")
    }
}

impl Statement {
    /// Whether anyone at all is meant, and nothing keeps strangers out.
    pub fn is_for_everyone(&self) -> bool {
        let everyone = self.not_principals || self.principals.iter().any(Principal::is_everyone);
        self.allows && everyone && !self.conditions.iter().any(Condition::binds)
    }

    /// Whether it is about this action, `s3:GetObject`.
    pub fn covers_action(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| fits(pattern, action, true))
            || !self.not_actions.is_empty()
                && !self.not_actions.iter().any(|pattern| fits(pattern, action, true))
    }

    /// Whether it is about the resource with this ARN. A pattern that has to be computed is about nothing known.
    pub fn covers_resource(&self, arn: &str) -> bool {
        self.resources.iter().any(|pattern| fits(pattern, arn, false))
            || !self.not_resources.is_empty()
                && !self.not_resources.iter().any(|pattern| fits(pattern, arn, false))
    }

    /// Whether it is about every resource.
    pub fn is_everywhere(&self) -> bool {
        self.resources.iter().any(|resource| resource == "*") || !self.not_resources.is_empty()
    }
}

/// The statement that grants `action` on the resource `arn`, if nothing denies it without condition. With `strict`
/// statements with conditions grant nothing.
pub fn grant<'a>(
    statements: &'a [Statement],
    action: &str,
    arn: &str,
    strict: bool,
) -> Option<&'a Statement> {
    let about = |statement: &&Statement| statement.covers_action(action) && statement.covers_resource(arn);
    let denied = statements
        .iter()
        .filter(|statement| !statement.allows && statement.conditions.is_empty())
        .any(|statement| about(&statement));
    if denied {
        return None;
    }
    statements
        .iter()
        .filter(|statement| statement.allows && (!strict || statement.conditions.is_empty()))
        .find(about)
}

/// The statements of a document: an object, or JSON text as state files and here-documents have it. A reference gives
/// nothing; see [`super::Stack::statements`].
pub fn statements(node: &Node) -> Vec<Statement> {
    match &node.value {
        Value::Map(_) => of_document(node, 0),
        Value::Scalar { text, .. } => of_text(text, node.line),
        Value::Expression(written) if written.trim_start().starts_with('{') => of_text(written, node.line),
        _ => Vec::new(),
    }
}

fn of_text(text: &str, line: u32) -> Vec<Statement> {
    let decoded = text.trim_start().starts_with("%7B").then(|| percent_decoded(text));
    let text = decoded.as_deref().unwrap_or(text);
    if !text.trim_start().starts_with('{') {
        return Vec::new();
    }
    let (document, _) = json::read_text(text, &Limits { nodes: 100_000, ..Limits::default() });
    // A here-document starts on the line after its mark; text in quotes is one line.
    let above = if text.trim_end().contains('\n') { line } else { line.saturating_sub(1) };
    of_document(&document, above)
}

/// `%7B` as `{`: answers of the identity service carry documents like that.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()))
            .flatten();
        out.push(code.unwrap_or(*byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn of_document(document: &Node, above: u32) -> Vec<Statement> {
    let any = |statement: &Node, key: &str| texts(statement.get(key));
    document
        .get("Statement")
        .one_or_many()
        .iter()
        .map(|statement| Statement {
            line: statement.line.saturating_add(above),
            action_line: ["Action", "NotAction"]
                .iter()
                .map(|key| statement.get(key).line)
                .find(|line| *line > 0)
                .unwrap_or(statement.line)
                .saturating_add(above),
            allows: statement.get("Effect").text() == Some("Allow"),
            actions: any(statement, "Action"),
            not_actions: any(statement, "NotAction"),
            resources: any(statement, "Resource"),
            not_resources: any(statement, "NotResource"),
            principals: principals(statement.get("Principal")),
            not_principals: !statement.get("NotPrincipal").is_null(),
            conditions: conditions(statement.get("Condition")),
        })
        .collect()
}

/// The statements of a `data "aws_iam_policy_document"`.
pub(super) fn of_data(body: &Node) -> Vec<Statement> {
    body.entries()
        .iter()
        .filter(|entry| entry.key == "statement")
        .flat_map(|entry| entry.node.one_or_many())
        .map(|statement| Statement {
            line: statement.line,
            action_line: match statement.get("actions").line {
                0 => statement.line,
                line => line,
            },
            allows: matches!(statement.get("effect").text(), None | Some("Allow" | "")),
            actions: texts(statement.get("actions")),
            not_actions: texts(statement.get("not_actions")),
            resources: texts(statement.get("resources")),
            not_resources: texts(statement.get("not_resources")),
            principals: blocks(statement, "principals")
                .flat_map(|who| {
                    let kind = who.get("type").text_or_empty().to_owned();
                    texts(who.get("identifiers"))
                        .into_iter()
                        .map(move |value| Principal { kind: kind.clone(), value })
                })
                .collect(),
            not_principals: blocks(statement, "not_principals").next().is_some(),
            conditions: blocks(statement, "condition")
                .map(|test| Condition {
                    operator: test.get("test").text_or_empty().to_owned(),
                    key: test.get("variable").text_or_empty().to_owned(),
                    values: texts(test.get("values")),
                })
                .collect(),
        })
        .collect()
}

fn blocks<'a>(node: &'a Node, key: &'a str) -> impl Iterator<Item = &'a Node> {
    node.entries().iter().filter(move |entry| entry.key == key).flat_map(|entry| entry.node.one_or_many())
}

fn principals(node: &Node) -> Vec<Principal> {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .flat_map(|entry| {
                texts(&entry.node).into_iter().map(|value| Principal { kind: entry.key.clone(), value })
            })
            .collect(),
        _ => texts(node).into_iter().map(|value| Principal { kind: String::new(), value }).collect(),
    }
}

fn conditions(node: &Node) -> Vec<Condition> {
    if matches!(node.value, Value::Expression(_)) {
        return vec![Condition { operator: String::new(), key: String::new(), values: Vec::new() }];
    }
    node.entries()
        .iter()
        .flat_map(|operator| {
            operator.node.entries().iter().map(|test| Condition {
                operator: operator.key.clone(),
                key: test.key.clone(),
                values: texts(&test.node),
            })
        })
        .collect()
}

pub(super) fn texts(node: &Node) -> Vec<String> {
    node.one_or_many()
        .iter()
        .filter_map(|item| match &item.value {
            Value::Scalar { text, .. } | Value::Expression(text) => Some(text.clone()),
            _ => None,
        })
        .collect()
}
