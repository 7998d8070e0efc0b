//! What is known of an expression.

use super::reader::Reader;
use super::token::Kind;
use crate::python::Value;

/// Items of one list or object that are kept.
const ITEMS: usize = 256;
/// Nesting of lists and objects that is kept.
const DEPTH: u32 = 8;

impl Reader<'_> {
    /// The value of the expression that begins at a token, and the place behind what was understood of it.
    pub(super) fn value(&self, at: usize, depth: u32) -> (Value, usize) {
        let (mut value, mut next) = self.operand(at, depth);
        // Text put together, and what holds where a setting is missing.
        for _ in 0..32 {
            let Some(token) = self.tokens.get(next).filter(|_| depth <= DEPTH) else { break };
            match (token.kind, token.text.as_str()) {
                (Kind::Sign, "+") => {
                    let (other, behind) = self.operand(next + 1, depth + 1);
                    value = sum(&value, &other);
                    next = behind;
                }
                (Kind::Sign, "??" | "||") => {
                    let (other, behind) = self.operand(next + 1, depth + 1);
                    if other.literal().is_some() {
                        value = other;
                    }
                    next = behind;
                }
                (Kind::Sign, "!") => next += 1,
                (Kind::Name, "as" | "satisfies") => return (value, next),
                (Kind::Sign, "," | ";" | ")" | "]" | "}" | ":") => return (value, next),
                // A condition, a comparison, arithmetic.
                (
                    Kind::Sign,
                    "?" | "&&" | "===" | "!==" | "==" | "!=" | "<" | ">" | "-" | "*" | "/" | "%" | "=",
                ) => {
                    return (Value::Other, next);
                }
                _ => return (value, next),
            }
        }
        (value, next)
    }

    fn operand(&self, mut at: usize, depth: u32) -> (Value, usize) {
        while self.tokens.get(at).is_some_and(|token| {
            token.kind == Kind::Name && matches!(token.text.as_str(), "await" | "new" | "async" | "void")
        }) {
            at += 1;
        }
        let Some(token) = self.tokens.get(at) else { return (Value::Other, at) };
        match token.kind {
            Kind::Text | Kind::Template => {
                // A method of a text makes another one.
                if self.sign(at + 1, ".") || self.sign(at + 1, "[") {
                    return (Value::Other, self.chain(at).end);
                }
                let value = match token.kind {
                    Kind::Text => Value::Text(token.text.clone()),
                    _ => Value::Template(token.text.clone()),
                };
                (value, at + 1)
            }
            Kind::Number => (number(&token.text, false), at + 1),
            Kind::Other => (Value::Other, at + 1),
            Kind::Name => match token.text.as_str() {
                "true" => (Value::Bool(true), at + 1),
                "false" => (Value::Bool(false), at + 1),
                "null" | "undefined" => (Value::None, at + 1),
                "function" | "class" | "typeof" => (Value::Other, at + 1),
                _ => {
                    if self.sign(at + 1, "=>") {
                        return (Value::Other, at + 1);
                    }
                    let chain = self.chain(at);
                    match chain.name.strip_suffix("()") {
                        Some(called) => (Value::Call(called.to_owned()), chain.end),
                        None => (Value::Name(chain.name), chain.end),
                    }
                }
            },
            Kind::Sign => match token.text.as_str() {
                "-" if self.tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Number) => {
                    (number(&self.tokens[at + 1].text, true), at + 2)
                }
                "[" if depth < DEPTH => self.list(at, depth),
                "{" if depth < DEPTH => self.object(at, depth),
                "(" if depth < DEPTH => {
                    let close = self.matching(at);
                    if self.sign(close + 1, "=>") || self.sign(close + 1, ".") {
                        return (Value::Other, close + 1);
                    }
                    (self.value(at + 1, depth + 1).0, close + 1)
                }
                "!" => (Value::Other, at + 1),
                _ => (Value::Other, self.matching(at).max(at) + 1),
            },
        }
    }

    /// Places at which the parts of a list, object or call begin, and the place of the closing bracket.
    pub(super) fn parts(&self, open: usize) -> (Vec<usize>, usize) {
        let close = self.matching(open);
        let mut parts = Vec::new();
        let mut at = open + 1;
        while at < close && parts.len() < ITEMS {
            parts.push(at);
            at = self.part_end(at, close) + 1;
        }
        (parts, close)
    }

    /// The comma, or the end, behind a part.
    pub(super) fn part_end(&self, mut at: usize, close: usize) -> usize {
        while at < close && !self.sign(at, ",") {
            at = self.matching(at).max(at) + 1;
        }
        at.min(close)
    }

    fn list(&self, open: usize, depth: u32) -> (Value, usize) {
        let (parts, close) = self.parts(open);
        let items = parts.into_iter().map(|part| self.value(part, depth + 1).0).collect();
        (Value::List(items), close.max(open) + 1)
    }

    fn object(&self, open: usize, depth: u32) -> (Value, usize) {
        let (parts, close) = self.parts(open);
        let mut items = Vec::new();
        for part in parts {
            let Some(token) = self.tokens.get(part) else { break };
            if token.is("...") {
                items.push((Value::None, self.value(part + 1, depth + 1).0));
                continue;
            }
            let key = match token.kind {
                Kind::Name | Kind::Text | Kind::Number => Value::Text(token.text.clone()),
                _ => Value::Other,
            };
            let behind = if token.is("[") { self.matching(part) + 1 } else { part + 1 };
            let value = if self.sign(behind, ":") {
                self.value(behind + 1, depth + 1).0
            } else if token.kind == Kind::Name && (self.sign(behind, ",") || behind >= close) {
                Value::Name(self.resolved(&token.text))
            } else {
                Value::Other
            };
            items.push((key, value));
        }
        (Value::Dict(items), close.max(open) + 1)
    }
}

fn number(text: &str, negative: bool) -> Value {
    let sign = if negative { -1 } else { 1 };
    match text.parse::<i64>() {
        Ok(whole) => Value::Integer(whole.saturating_mul(sign)),
        Err(_) => {
            text.parse::<f64>().map_or(Value::Other, |real| Value::Float(if negative { -real } else { real }))
        }
    }
}

fn sum(left: &Value, right: &Value) -> Value {
    let hole = |value: &Value| match value {
        Value::Text(text) | Value::Template(text) => text.clone(),
        Value::Name(name) => format!("{{{name}}}"),
        _ => "{}".to_owned(),
    };
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => Value::Text(format!("{a}{b}")),
        _ if left.text().is_some() || right.text().is_some() => {
            Value::Template(format!("{}{}", hole(left), hole(right)))
        }
        _ => Value::Other,
    }
}
