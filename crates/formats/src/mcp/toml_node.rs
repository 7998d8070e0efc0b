//! TOML as the same tree as JSON, for the one client that writes its servers in it.

use toml::de::{DeTable, DeValue};

use crate::Defect;
use crate::yaml::{Entry, Node, Value};

pub(crate) fn read_text(text: &str) -> (Node, Vec<Defect>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let line = |at: usize| {
        let breaks = text.get(..at).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count();
        u32::try_from(breaks + 1).unwrap_or(u32::MAX)
    };
    let defects = errors.first().map(|error| {
        Defect::at(
            "toml-syntax",
            error.span().map_or(0, |span| span.start) as u64,
            error.message().to_owned(),
        )
    });
    (map(table.get_ref(), 1, &line), defects.into_iter().collect())
}

fn map(table: &DeTable<'_>, at: u32, line: &dyn Fn(usize) -> u32) -> Node {
    let entries = table
        .iter()
        .map(|(key, value)| Entry {
            key: key.get_ref().to_string(),
            line: line(key.span().start),
            node: node(value.get_ref(), line(value.span().start), line),
        })
        .collect();
    Node { line: at, value: Value::Map(entries) }
}

fn node(value: &DeValue<'_>, at: u32, line: &dyn Fn(usize) -> u32) -> Node {
    match value {
        DeValue::Table(table) => map(table, at, line),
        DeValue::Array(items) => {
            let items =
                items.iter().map(|item| node(item.get_ref(), line(item.span().start), line)).collect();
            Node { line: at, value: Value::List(items) }
        }
        DeValue::String(text) => Node::scalar(at, text.to_string(), true),
        DeValue::Integer(number) => Node::scalar(at, number.to_string(), false),
        DeValue::Float(number) => Node::scalar(at, number.to_string(), false),
        DeValue::Boolean(truth) => Node::scalar(at, truth.to_string(), false),
        DeValue::Datetime(date) => Node::scalar(at, date.to_string(), true),
    }
}
