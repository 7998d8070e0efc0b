//! What `terraform show -json` says of a plan or state, and raw states of version 4.
//!
//! <https://developer.hashicorp.com/terraform/internals/json-format>

use super::{Found, Resource};
use crate::yaml::{Entry, Node, Value};

/// Modules inside modules.
const DEPTH: usize = 32;

/// `planned_values`, with references of the configuration where a value is known only after the plan ran.
pub(super) fn plan(root: &Node, found: &mut Found) {
    let planned = root.at("planned_values.root_module");
    let configured = root.at("configuration.root_module");
    module(planned, configured, 0, found);
    // Policy documents are data, which is read before the plan is made and stands in the prior state.
    let mut prior = Found { resources: Vec::new(), most: found.most, full: false };
    module(root.at("prior_state.values.root_module"), configured, 0, &mut prior);
    for resource in prior.resources.into_iter().filter(|resource| resource.kind.starts_with("data.")) {
        found.push(resource);
    }
}

/// A state: raw, or as `show -json` has it.
pub(super) fn state(root: &Node, found: &mut Found) {
    if root.get("values").is_map() {
        module(root.at("values.root_module"), &Node::default(), 0, found);
        return;
    }
    for resource in root.get("resources").items() {
        let kind = resource.get("type").text_or_empty();
        let name = resource.get("name").text_or_empty();
        let data = resource.get("mode").text() == Some("data");
        let prefix = resource.get("module").text().map_or(String::new(), |module| format!("{module}."));
        let data_prefix = if data { "data." } else { "" };
        for instance in resource.get("instances").items() {
            let body = instance.get("attributes");
            if kind.is_empty() || !body.is_map() {
                continue;
            }
            let index = index_of(instance.get("index_key"));
            found.push(Resource {
                kind: format!("{data_prefix}{kind}"),
                name: name.to_owned(),
                address: format!("{prefix}{data_prefix}{kind}.{name}{index}"),
                line: resource.line,
                body: body.clone(),
                complete: true,
            });
        }
    }
}

fn index_of(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, quoted: true } => format!("[\"{text}\"]"),
        Value::Scalar { text, quoted: false } => format!("[{text}]"),
        _ => String::new(),
    }
}

fn module(values: &Node, configured: &Node, depth: usize, found: &mut Found) {
    if depth > DEPTH {
        return;
    }
    for resource in values.get("resources").items() {
        let kind = resource.get("type").text_or_empty();
        let name = resource.get("name").text_or_empty();
        if kind.is_empty() {
            continue;
        }
        let data = resource.get("mode").text() == Some("data");
        let wanted = |known: &&Node| {
            known.get("type").text() == Some(kind)
                && known.get("name").text() == Some(name)
                && (known.get("mode").text() == Some("data")) == data
        };
        let written = configured.get("resources").items().iter().find(wanted);
        let mut body = resource.get("values").clone();
        if let Some(written) = written {
            fill_in(&mut body, written.get("expressions"), 0);
        }
        found.push(Resource {
            kind: format!("{}{kind}", if data { "data." } else { "" }),
            name: name.to_owned(),
            address: resource.get("address").text_or_empty().to_owned(),
            line: resource.line,
            body,
            complete: true,
        });
    }
    for child in values.get("child_modules").items() {
        let address = child.get("address").text_or_empty();
        let name = address.rsplit("module.").next().unwrap_or_default();
        let name = name.split('[').next().unwrap_or(name);
        let below = configured.get("module_calls").get(name).get("module");
        module(child, below, depth + 1, found);
    }
}

/// Adds an expression for every attribute that has one and no value yet.
fn fill_in(body: &mut Node, expressions: &Node, depth: usize) {
    if depth > DEPTH {
        return;
    }
    let line = body.line;
    let Value::Map(entries) = &mut body.value else { return };
    for expression in expressions.entries() {
        let written = expression.node.get("references").items().first().and_then(Node::text);
        let known = entries.iter_mut().find(|entry| entry.key == expression.key);
        match (known, written) {
            (Some(entry), Some(written)) if entry.node.is_null() => {
                entry.node = Node { line: entry.line, value: Value::Expression(written.to_owned()) };
            }
            (None, Some(written)) => {
                let node = Node { line, value: Value::Expression(written.to_owned()) };
                entries.push(Entry { key: expression.key.clone(), line, node });
            }
            (Some(entry), None) => match &mut entry.node.value {
                Value::List(items) => {
                    for (item, below) in items.iter_mut().zip(expression.node.one_or_many()) {
                        fill_in(item, below, depth + 1);
                    }
                }
                Value::Map(_) => {
                    let below = expression.node.one_or_many().first().cloned().unwrap_or_default();
                    fill_in(&mut entry.node, &below, depth + 1);
                }
                _ => {}
            },
            _ => {}
        }
    }
}
