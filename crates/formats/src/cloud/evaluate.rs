//! What Terraform code says once variables with known values, locals and simple templates are filled in.
//!
//! Nothing is guessed: an expression with an unknown part stays an expression, with the known parts filled in.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::terraform::expression;
use crate::yaml::{Entry, Node, Value};

/// Values inside values inside values.
const DEPTH: usize = 24;
/// Nodes that filling in may make in one module.
const NODES: usize = 400_000;
/// Bytes of one text that was filled in.
const TEXT: usize = 1 << 20;

/// The values of one module.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Variables whose value is known.
    pub(super) variables: BTreeMap<String, Node>,
    /// Locals, not evaluated yet.
    pub(super) locals: BTreeMap<String, Node>,
    left: Cell<usize>,
}

impl Scope {
    pub(super) fn new(variables: BTreeMap<String, Node>, locals: BTreeMap<String, Node>) -> Self {
        Self { variables, locals, left: Cell::new(NODES) }
    }

    /// The tree with everything filled in that is known; `dynamic` blocks stand where the blocks they make would.
    pub(super) fn evaluate(&self, node: &Node) -> Node {
        self.node(node, 0)
    }

    fn node(&self, node: &Node, depth: usize) -> Node {
        if depth > DEPTH || self.left.get() == 0 {
            return Node { line: node.line, value: unknown(&node.value) };
        }
        self.left.set(self.left.get() - 1);
        let value = match &node.value {
            Value::Map(entries) => Value::Map(
                entries
                    .iter()
                    .map(|entry| match entry.key.strip_prefix("dynamic ") {
                        Some(key) => Entry {
                            key: key.to_owned(),
                            line: entry.line,
                            node: self.node(entry.node.get("content"), depth + 1),
                        },
                        None => Entry {
                            key: entry.key.clone(),
                            line: entry.line,
                            node: self.node(&entry.node, depth + 1),
                        },
                    })
                    .collect(),
            ),
            Value::List(items) => Value::List(items.iter().map(|item| self.node(item, depth + 1)).collect()),
            Value::Expression(written) => self.written(written, node.line, depth),
            other => other.clone(),
        };
        // What was filled in stands on the line of the expression, for people to find.
        Node { line: node.line, value }
    }

    fn written(&self, written: &str, line: u32, depth: usize) -> Value {
        let text = written.trim();
        let keep = || Value::Expression(written.to_owned());
        if let Some(whole) = whole_template(text) {
            return self.written(whole, line, depth + 1);
        }
        if is_template(text) {
            return self.template(written, line, depth);
        }
        if let Some((test, yes, no)) = choice(text) {
            return match self.part(test, line, depth).truth() {
                Some(true) => self.part(yes, line, depth).value,
                Some(false) => self.part(no, line, depth).value,
                None => keep(),
            };
        }
        for (operator, wanted) in [("==", true), ("!=", false)] {
            if let Some((left, right)) = split_once(text, operator) {
                let (left, right) = (self.part(left, line, depth), self.part(right, line, depth));
                return match (left.text(), right.text()) {
                    (Some(left), Some(right)) => truth((left == right) == wanted),
                    _ => keep(),
                };
            }
        }
        if let Some(inner) = text.strip_prefix('!') {
            return self.part(inner, line, depth).truth().map_or_else(keep, |known| truth(!known));
        }
        if let Some((name, arguments)) = call(text) {
            return self.call(name, &arguments, line, depth).unwrap_or_else(keep);
        }
        self.path(text, depth).unwrap_or_else(keep)
    }

    /// A part of an expression, read and evaluated.
    fn part(&self, text: &str, line: u32, depth: usize) -> Node {
        if depth > DEPTH {
            return Node { line, value: Value::Expression(text.to_owned()) };
        }
        let mut node = self.node(&expression(text), depth + 1);
        node.line = line;
        node
    }

    /// `var.a.b`, `local.a["b"]`.
    fn path(&self, text: &str, depth: usize) -> Option<Value> {
        let mut parts = text.split(['.', '[']).map(|part| part.trim_end_matches(']').trim_matches('"'));
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.[]\"".contains(c));
        let (from, name) = (parts.next()?, parts.next()?);
        let start = match from {
            "var" if plain => self.variables.get(name)?,
            "local" if plain => self.locals.get(name)?,
            _ => return None,
        };
        let mut node = start;
        for part in parts {
            node = match part.parse::<usize>() {
                Ok(index) => node.items().get(index)?,
                Err(_) => &node.entry(part)?.node,
            };
        }
        let value = self.node(node, depth + 1).value;
        (value != Value::Null).then_some(value)
    }

    /// Text with `${...}` in it.
    fn template(&self, written: &str, line: u32, depth: usize) -> Value {
        let mut out = String::with_capacity(written.len());
        let mut rest = written;
        let mut known = true;
        while let Some(at) = rest.find("${") {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            let Some(end) = closing(from.get(2..).unwrap_or_default(), '}') else { break };
            let inner = from.get(2..2 + end).unwrap_or_default();
            let escaped = before.ends_with('$');
            let value = if escaped { None } else { self.part(inner, line, depth).text().map(str::to_owned) };
            match value {
                Some(text) => out.push_str(&text),
                None => {
                    known &= escaped;
                    out.push_str(from.get(..2 + end + 1).unwrap_or(from));
                }
            }
            rest = from.get(2 + end + 1..).unwrap_or_default();
            if out.len() > TEXT {
                return Value::Expression(written.to_owned());
            }
        }
        known &= !rest.contains("${") && !written.contains("%{");
        out.push_str(rest);
        if known { Value::Scalar { text: out, quoted: true } } else { Value::Expression(out) }
    }

    fn call(&self, name: &str, arguments: &[&str], line: u32, depth: usize) -> Option<Value> {
        let values: Vec<Node> = arguments.iter().map(|part| self.part(part, line, depth)).collect();
        let text = |text: String| Some(Value::Scalar { text, quoted: true });
        match name {
            "format" => {
                let mut out = String::new();
                let mut given = values.iter().skip(1);
                let mut parts = values.first()?.text()?.split('%');
                out.push_str(parts.next()?);
                for part in parts {
                    let rest = part.strip_prefix(['s', 'd', 'v'])?;
                    out.push_str(given.next()?.text()?);
                    out.push_str(rest);
                }
                text(out)
            }
            "join" => {
                let items: Option<Vec<&str>> = values.get(1)?.items().iter().map(Node::text).collect();
                text(items?.join(values.first()?.text()?))
            }
            "lower" => text(values.first()?.text()?.to_lowercase()),
            "upper" => text(values.first()?.text()?.to_uppercase()),
            "tostring" | "tobool" | "tonumber" | "toset" | "tolist" | "tomap" | "jsonencode" | "try"
            | "sensitive" | "nonsensitive" => {
                let first = values.into_iter().next()?.value;
                (!matches!(first, Value::Expression(_) | Value::Null)).then_some(first)
            }
            "coalesce" => values.into_iter().map(|node| node.value).find(|value| *value != Value::Null),
            "concat" => {
                let lists: Option<Vec<&[Node]>> =
                    values.iter().map(|node| node.is_list().then(|| node.items())).collect();
                Some(Value::List(lists?.concat()))
            }
            "merge" => {
                let mut merged: Vec<Entry> = Vec::new();
                for map in &values {
                    if !map.is_map() {
                        return None;
                    }
                    for entry in map.entries() {
                        merged.retain(|known| known.key != entry.key);
                        merged.push(entry.clone());
                    }
                }
                Some(Value::Map(merged))
            }
            _ => None,
        }
    }
}

fn truth(known: bool) -> Value {
    Value::Scalar { text: known.to_string(), quoted: false }
}

/// What stands for a value that was too much to fill in.
fn unknown(value: &Value) -> Value {
    match value {
        Value::Map(_) | Value::List(_) => Value::Expression("(not evaluated)".to_owned()),
        other => other.clone(),
    }
}

/// The inside of `${...}` if that is all there is.
fn whole_template(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?;
    (closing(inner, '}')? + 1 == inner.len()).then(|| inner.get(..inner.len() - 1)).flatten()
}

/// Whether it is the inside of a quoted string rather than an expression with strings in it.
fn is_template(text: &str) -> bool {
    text.find("${").is_some_and(|at| !text.get(..at).unwrap_or_default().contains(['"', '(']))
}

/// Bytes before the bracket that ends what was begun.
fn closing(text: &str, end: char) -> Option<usize> {
    let (mut open, mut quoted, mut skip) = (0_usize, false, false);
    for (at, character) in text.char_indices() {
        if skip {
            skip = false;
            continue;
        }
        match character {
            '\\' => skip = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            _ if open == 0 && character == end => return Some(at),
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// Where `mark` stands outside all brackets and strings.
fn top_level(text: &str, mark: &str) -> Option<usize> {
    let (mut open, mut quoted, mut skip) = (0_usize, false, false);
    for (at, character) in text.char_indices() {
        if skip {
            skip = false;
            continue;
        }
        match character {
            '\\' => skip = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            _ if open == 0 && text.get(at..).is_some_and(|rest| rest.starts_with(mark)) => return Some(at),
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn split_once<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let at = top_level(text, mark)?;
    Some((text.get(..at)?, text.get(at + mark.len()..)?))
}

/// `test ? yes : no`.
fn choice(text: &str) -> Option<(&str, &str, &str)> {
    let (test, rest) = split_once(text, "?")?;
    let (yes, no) = split_once(rest, ":")?;
    Some((test.trim(), yes.trim(), no.trim()))
}

/// `name(a, b)` with its arguments.
fn call(text: &str) -> Option<(&str, Vec<&str>)> {
    let (name, rest) = text.split_once('(')?;
    let inner = rest.strip_suffix(')')?;
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') || name.is_empty() {
        return None;
    }
    if closing(rest, ')')? + 1 != rest.len() {
        return None;
    }
    let mut arguments = Vec::new();
    let mut rest = inner;
    while let Some((argument, after)) = split_once(rest, ",") {
        arguments.push(argument.trim());
        rest = after;
    }
    if !rest.trim().is_empty() {
        arguments.push(rest.trim());
    }
    Some((name, arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> String {
        let variables =
            [("env", "\"prod\""), ("on", "true"), ("cfg", "{ acl = \"private\", list = [1, 2] }")];
        let locals =
            [("name", "\"${var.env}-models\""), ("loop", "local.loop"), ("two", "[local.name, local.name]")];
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), expression(text))).collect()
        };
        let scope = Scope::new(map(&variables), map(&locals));
        match scope.evaluate(&expression(text)).value {
            Value::Scalar { text, .. } => text,
            Value::Expression(text) => format!("?{text}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_is_known_is_filled_in() {
        for (written, wanted) in [
            ("var.env", "prod"),
            ("\"${var.env}\"", "prod"),
            ("local.name", "prod-models"),
            ("\"arn:${local.name}/*\"", "arn:prod-models/*"),
            ("\"a-${aws_x.y.id}-${var.env}\"", "?a-${aws_x.y.id}-prod"),
            ("var.on ? \"yes\" : \"no\"", "yes"),
            ("var.env == \"dev\" ? \"yes\" : \"no\"", "no"),
            ("!var.on", "false"),
            ("format(\"%s-%s\", var.env, \"x\")", "prod-x"),
            ("join(\"/\", [var.env, \"x\"])", "prod/x"),
            ("var.cfg.acl", "private"),
            ("var.cfg[\"acl\"]", "private"),
            ("var.cfg.list[1]", "2"),
            ("var.unknown", "?var.unknown"),
            ("lookup(var.cfg, \"acl\")", "?lookup(var.cfg, \"acl\")"),
            ("aws_s3_bucket.a.id", "?aws_s3_bucket.a.id"),
        ] {
            assert_eq!(value(written), wanted, "{written}");
        }
    }

    #[test]
    fn hostile_values_end() {
        assert!(value("local.loop").starts_with('?'));
        let mut locals = BTreeMap::new();
        for index in 0..60 {
            locals.insert(format!("a{index}"), expression(&format!("[local.a{0}, local.a{0}]", index + 1)));
        }
        let scope = Scope::new(BTreeMap::new(), locals);
        let _ = scope.evaluate(&expression("local.a0"));
        for text in
            ["${", "${${${", "a ? b", "f(", "\"${\"", "a ? b ? c : d", "var.", "var[", "f(((,,)))", "${}"]
        {
            let _ = value(text);
            let scope = Scope::new(BTreeMap::new(), BTreeMap::new());
            let _ = scope.evaluate(&Node { line: 1, value: Value::Expression(text.to_owned()) });
        }
    }
}
