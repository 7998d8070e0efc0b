//! From tokens to facts, in one pass.

use std::collections::BTreeMap;

use super::token::{Kind, Token, brackets};
use super::{Function, Script};
use crate::python::{Assignment, Call, Import, Value};

/// Longest dotted name, in bytes.
const NAME: usize = 256;
/// Links of one chain of members and calls.
const LINKS: usize = 64;
/// Words that look like calls or names and are neither.
const KEYWORDS: &[&str] = &[
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "default",
    "delete",
    "do",
    "else",
    "export",
    "extends",
    "finally",
    "for",
    "from",
    "function",
    "if",
    "in",
    "instanceof",
    "let",
    "new",
    "of",
    "return",
    "static",
    "switch",
    "throw",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

pub(super) struct Reader<'a> {
    pub(super) tokens: &'a [Token],
    matching: Vec<usize>,
    /// What names stand for: imported names, and results of calls.
    bound: BTreeMap<String, String>,
    facts: Script,
    /// Functions around the token at hand, each with the place at which it ends.
    around: Vec<(usize, usize)>,
    /// Calls whose arguments may go on, each with the places of its brackets.
    within: Vec<(usize, usize, usize)>,
}

/// A chain of members and calls.
pub(super) struct Chain {
    /// Its resolved name; `()` stands for the result of a call.
    pub(super) name: String,
    /// The place behind it.
    pub(super) end: usize,
    /// The calls in it: what is called, and the place of the opening bracket.
    calls: Vec<(String, usize)>,
}

/// Reads the facts off the tokens.
pub(super) fn facts(tokens: &[Token]) -> Script {
    let mut reader = Reader {
        tokens,
        matching: brackets(tokens),
        bound: BTreeMap::new(),
        facts: Script::default(),
        around: Vec::new(),
        within: Vec::new(),
    };
    let mut at = 0;
    while at < tokens.len() {
        at = reader.token(at).max(at + 1);
    }
    reader.facts
}

impl Reader<'_> {
    pub(super) fn matching(&self, at: usize) -> usize {
        self.matching.get(at).copied().unwrap_or(at)
    }

    pub(super) fn sign(&self, at: usize, sign: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is(sign))
    }

    fn name_at(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).filter(|token| token.kind == Kind::Name).map(|token| token.text.as_str())
    }

    fn text_at(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).filter(|token| token.kind == Kind::Text).map(|token| token.text.as_str())
    }

    pub(super) fn resolved(&self, name: &str) -> String {
        self.bound.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    fn function(&self) -> Option<usize> {
        self.around.last().map(|(_, function)| *function)
    }

    /// Reads what begins at a token; returns the place to go on at.
    fn token(&mut self, at: usize) -> usize {
        self.around.retain(|(end, _)| *end >= at);
        let Some(token) = self.tokens.get(at) else { return at };
        if token.is("=>") {
            self.arrow(at);
            return at + 1;
        }
        if token.kind != Kind::Name {
            return at + 1;
        }
        let member = at > 0 && (self.sign(at - 1, ".") || self.sign(at - 1, "?."));
        if member {
            return at + 1;
        }
        match token.text.as_str() {
            "import" if !self.sign(at + 1, "(") && !self.sign(at + 1, ".") => self.import(at),
            "export" => self.export(at),
            "const" | "let" | "var" => {
                if self.sign(at + 1, "{") || self.sign(at + 1, "[") {
                    self.destructured(at + 1);
                }
                at + 1
            }
            "function" => self.declared_function(at),
            word if KEYWORDS.contains(&word) => at + 1,
            _ => self.expression(at),
        }
    }

    /// A name that begins an expression: an assignment, a method, calls.
    fn expression(&mut self, at: usize) -> usize {
        if self.method(at) {
            return at + 1;
        }
        let chain = self.chain(at);
        let target = self.assigned_to(at);
        let count = chain.calls.len();
        for (index, (callee, open)) in chain.calls.iter().enumerate() {
            let (parts, close) = self.parts(*open);
            let arguments = parts.into_iter().map(|part| self.argument(part)).collect();
            let line = self.tokens.get(open.saturating_sub(1)).map_or(0, |token| token.line);
            let last = index + 1 == count && chain.name.ends_with("()");
            let assigned_to = target.clone().filter(|_| last);
            let index = self.facts.calls.len();
            let (callee, function) = (callee.clone(), self.function());
            let keywords = Vec::new();
            self.facts.calls.push(Call { callee, arguments, keywords, line, assigned_to, function });
            self.within.retain(|(_, end, _)| *end > at);
            if self.within.len() < 256 {
                self.within.push((*open, close, index));
            }
        }
        self.assignment(at);
        at + 1
    }

    fn argument(&self, part: usize) -> Value {
        match self.tokens.get(part) {
            Some(token) if token.is("...") => self.value(part + 1, 1).0,
            _ => self.value(part, 0).0,
        }
    }

    /// The chain that begins at a name or text.
    pub(super) fn chain(&self, at: usize) -> Chain {
        let mut calls = Vec::new();
        let mut name = match self.tokens.get(at) {
            Some(token) if token.kind == Kind::Name => self.resolved(&token.text),
            _ => "str".to_owned(),
        };
        let mut next = at + 1;
        // `require("module")` and `import("module")` are the module.
        if matches!(name.as_str(), "require" | "import")
            && self.sign(next, "(")
            && let Some(module) = self.text_at(next + 1)
        {
            name = bare(module).to_owned();
            next = self.matching(next) + 1;
        }
        let mut path = self.name_at(at).unwrap_or_default().to_owned();
        for _ in 0..LINKS {
            let Some(token) = self.tokens.get(next) else { break };
            if token.is(".") || token.is("?.") {
                let optional_call = self.sign(next + 1, "(") || self.sign(next + 1, "[");
                let Some(member) = self.name_at(next + 1) else {
                    if optional_call {
                        next += 1;
                        continue;
                    }
                    break;
                };
                path = format!("{path}.{member}");
                name = match self.bound.get(&path) {
                    Some(known) => known.clone(),
                    None => format!("{name}.{member}"),
                };
                next += 2;
            } else if token.is("(") {
                calls.push((cut(name.clone()), next));
                name.push_str("()");
                path.push_str("()");
                next = self.matching(next).max(next) + 1;
            } else if token.is("[") && next > at {
                match self.text_at(next + 1).filter(|_| self.sign(next + 2, "]")) {
                    Some(key) => name = format!("{name}.{key}"),
                    None => name.push_str("[]"),
                }
                path.push_str("[]");
                next = self.matching(next).max(next) + 1;
            } else if token.is("<") {
                match self.type_arguments(next) {
                    Some(behind) => next = behind,
                    None => break,
                }
            } else if token.is("!") && !self.sign(next + 1, "=") {
                next += 1;
            } else if token.kind == Kind::Template && next > at {
                // A tag is a call.
                name.push_str("()");
                next += 1;
            } else {
                break;
            }
            name = cut(name);
            path = cut(path);
        }
        Chain { name, end: next, calls }
    }

    /// The place behind `<…>` if a call follows.
    fn type_arguments(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in open..open + 64 {
            let token = self.tokens.get(at)?;
            match (token.kind, token.text.as_str()) {
                (Kind::Sign, "<") => depth += 1,
                (Kind::Sign, ">") => {
                    depth -= 1;
                    if depth == 0 {
                        return self.sign(at + 1, "(").then_some(at + 1);
                    }
                }
                (Kind::Name | Kind::Text | Kind::Number, _)
                | (Kind::Sign, "." | "," | "[" | "]" | "{" | "}" | "|" | "&" | ":" | "?" | ";" | "=>") => {}
                _ => return None,
            }
        }
        None
    }

    /// The name before `=` that this expression is given to.
    fn assigned_to(&self, at: usize) -> Option<String> {
        let mut before = at.checked_sub(1)?;
        while matches!(self.name_at(before), Some("await" | "new" | "async")) {
            before = before.checked_sub(1)?;
        }
        if !self.sign(before, "=") {
            return None;
        }
        self.target_before(before).map(|(_, name)| name)
    }

    /// `a`, `a.b`, `this.a`, or `a: Type` before an `=`; with the place at which it begins.
    fn target_before(&self, equals: usize) -> Option<(usize, String)> {
        let mut at = equals.checked_sub(1)?;
        // A type stands between: back to what is declared.
        let floor = at.saturating_sub(24);
        let mut back = at;
        while back > floor && !matches!(self.name_at(back), Some("const" | "let" | "var")) {
            if self.tokens[back].kind == Kind::Sign
                && matches!(self.tokens[back].text.as_str(), ";" | "{" | "(")
            {
                break;
            }
            back -= 1;
        }
        if matches!(self.name_at(back), Some("const" | "let" | "var")) && self.sign(back + 2, ":") {
            at = back + 1;
        }
        let mut parts = vec![self.name_at(at)?];
        while at >= 2 && self.sign(at - 1, ".") && parts.len() < 8 {
            at -= 2;
            parts.push(self.name_at(at)?);
        }
        parts.reverse();
        Some((at, parts.join(".")))
    }

    /// Notes `target = value` where the target begins here.
    fn assignment(&mut self, at: usize) {
        let mut end = at + 1;
        while (self.sign(end, ".") || self.sign(end, "?.")) && self.name_at(end + 1).is_some() {
            end += 2;
        }
        if self.sign(end, ":")
            && matches!(at.checked_sub(1).and_then(|at| self.name_at(at)), Some("const" | "let" | "var"))
        {
            let limit = end + 24;
            while end < limit && !self.sign(end, "=") && !self.sign(end, ";") {
                end = self.matching(end).max(end) + 1;
            }
        }
        if !self.sign(end, "=") {
            return;
        }
        let Some((_, target)) = self.target_before(end) else { return };
        let value = self.value(end + 1, 0).0;
        let result = match &value {
            Value::Call(callee) => Some(format!("{callee}()")),
            // `const x = require("m")`, `const x = a.b`.
            Value::Name(name) if self.is_required(end + 1) => {
                let (path, line) = (name.clone(), self.tokens[at].line);
                self.facts.imports.push(Import { path, bound: target.clone(), line });
                Some(name.clone())
            }
            Value::Name(name) if self.name_at(end + 1).is_some_and(|root| self.bound.contains_key(root)) => {
                Some(name.clone())
            }
            _ => None,
        };
        match result {
            Some(result) => self.bound.insert(target.clone(), cut(result)),
            None => self.bound.remove(&target),
        };
        let (line, function) = (self.tokens[at].line, self.function());
        self.facts.assignments.push(Assignment { target, value, line, function });
    }

    fn is_required(&self, mut at: usize) -> bool {
        while self.name_at(at) == Some("await") {
            at += 1;
        }
        matches!(self.name_at(at), Some("require" | "import"))
    }

    /// `const { a, b: c } = …`.
    fn destructured(&mut self, open: usize) {
        let (parts, close) = self.parts(open);
        if !self.sign(close + 1, "=") {
            return;
        }
        let from = self.value(close + 2, 0).0;
        let module = self.is_required(close + 2);
        let line = self.tokens.get(open).map_or(0, |token| token.line);
        for part in parts {
            let Some(key) = self.name_at(part).map(str::to_owned) else { continue };
            let bound = match self.name_at(part + 2) {
                Some(other) if self.sign(part + 1, ":") => other.to_owned(),
                _ => key.clone(),
            };
            match &from {
                Value::Name(path) if module => {
                    let path = format!("{path}.{key}");
                    self.bound.insert(bound.clone(), cut(path.clone()));
                    self.facts.imports.push(Import { path, bound, line });
                }
                Value::Call(callee) => {
                    self.bound.insert(bound.clone(), cut(format!("{callee}().{key}")));
                    let (value, function) = (Value::Call(callee.clone()), self.function());
                    self.facts.assignments.push(Assignment { target: bound, value, line, function });
                }
                Value::Name(name) => {
                    self.bound.remove(&bound);
                    let (value, function) = (Value::Name(format!("{name}.{key}")), self.function());
                    self.facts.assignments.push(Assignment { target: bound, value, line, function });
                }
                _ => drop(self.bound.remove(&bound)),
            }
        }
    }

    /// `import a, { b as c } from "m"`, `import * as n from "m"`, `import "m"`.
    fn import(&mut self, at: usize) -> usize {
        let line = self.tokens[at].line;
        let mut names: Vec<(String, String)> = Vec::new();
        let mut next = at + 1;
        for _ in 0..64 {
            if let Some(module) = self.text_at(next).map(bare).map(str::to_owned) {
                if names.is_empty() {
                    names.push((String::new(), String::new()));
                }
                for (name, bound) in names {
                    let path = if name.is_empty() { module.clone() } else { format!("{module}.{name}") };
                    if !bound.is_empty() {
                        self.bound.insert(bound.clone(), path.clone());
                    }
                    self.facts.imports.push(Import { path, bound, line });
                }
                return next + 1;
            }
            if self.sign(next, "{") {
                let (parts, close) = self.parts(next);
                for mut part in parts {
                    if self.name_at(part) == Some("type")
                        && self.name_at(part + 1).is_some_and(|name| name != "as")
                    {
                        part += 1;
                    }
                    let Some(name) = self.name_at(part).map(str::to_owned) else { continue };
                    let bound = match (self.name_at(part + 1), self.name_at(part + 2)) {
                        (Some("as"), Some(bound)) => bound.to_owned(),
                        _ => name.clone(),
                    };
                    names.push((name, bound));
                }
                next = close.max(next) + 1;
            } else if self.sign(next, "*") {
                let bound = self.name_at(next + 2).unwrap_or_default().to_owned();
                names.push((String::new(), bound));
                next += 3;
            } else if self.sign(next, ",") || matches!(self.name_at(next), Some("from" | "type")) {
                next += 1;
            } else if let Some(bound) = self.name_at(next).map(str::to_owned) {
                // `import a = require("m")` is an assignment.
                if self.sign(next + 1, "=") {
                    return next;
                }
                names.push(("default".to_owned(), bound));
                next += 1;
            } else {
                break;
            }
        }
        at + 1
    }

    /// `export { a } from "m"`, `export * from "m"`.
    fn export(&mut self, at: usize) -> usize {
        let behind = if self.sign(at + 1, "{") { self.matching(at + 1) + 1 } else { at + 2 };
        if self.name_at(behind) == Some("from")
            && let Some(module) = self.text_at(behind + 1)
        {
            let (path, line) = (bare(module).to_owned(), self.tokens[at].line);
            self.facts.imports.push(Import { path, bound: String::new(), line });
            return behind + 2;
        }
        at + 1
    }

    fn declared_function(&mut self, at: usize) -> usize {
        let mut next = at + 1;
        if self.sign(next, "*") {
            next += 1;
        }
        let name = match self.name_at(next) {
            Some(name) => name.to_owned(),
            None => self.given_name(at),
        };
        while next < at + 40 && !self.sign(next, "(") && next < self.tokens.len() {
            next += 1;
        }
        if let Some(open) = self.body_behind(self.matching(next)) {
            self.enter(name, at, self.matching(open));
        }
        next
    }

    /// `name(…) {` in a class or an object.
    fn method(&mut self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let placed = before.is_none_or(|before| {
            matches!(before.text.as_str(), "{" | "}" | ";" | "," | "*" | ")")
                || matches!(
                    before.text.as_str(),
                    "async" | "get" | "set" | "static" | "public" | "private" | "protected" | "override"
                )
        });
        if !placed || !self.sign(at + 1, "(") {
            return false;
        }
        let close = self.matching(at + 1);
        let Some(open) = self.body_behind(close).filter(|_| close > at + 1) else { return false };
        let name = self.name_at(at).unwrap_or_default().to_owned();
        self.enter(name, at, self.matching(open));
        true
    }

    /// The brace of a body behind parameters, with a type between them perhaps.
    fn body_behind(&self, close: usize) -> Option<usize> {
        if self.sign(close + 1, "{") {
            return Some(close + 1);
        }
        if !self.sign(close + 1, ":") {
            return None;
        }
        let mut at = close + 2;
        for _ in 0..24 {
            let token = self.tokens.get(at)?;
            match (token.kind, token.text.as_str()) {
                (Kind::Sign, "{") if at > close + 2 => return Some(at),
                (Kind::Name | Kind::Text, _)
                | (Kind::Sign, "." | "<" | ">" | "|" | "&" | "," | "[" | "]") => at += 1,
                (Kind::Sign, "{" | "(") => at = self.matching(at) + 1,
                _ => return None,
            }
        }
        None
    }

    /// `(…) => …`, `x => …`.
    fn arrow(&mut self, at: usize) {
        let mut first = at.saturating_sub(1);
        // `(…): Type =>`.
        for back in 2..24 {
            let Some(place) = at.checked_sub(back) else { break };
            if self.sign(place, ":") && place > 0 && self.sign(place - 1, ")") {
                first = place - 1;
                break;
            }
            let token = &self.tokens[place];
            if token.kind == Kind::Sign
                && matches!(token.text.as_str(), "{" | "}" | ";" | "=" | "(" | ")" | "=>")
            {
                break;
            }
        }
        if self.sign(first, ")") {
            first = self.matching(first).min(first);
        }
        let name = self.given_name(first);
        let end = if self.sign(at + 1, "{") {
            self.matching(at + 1)
        } else {
            let mut end = at + 1;
            for _ in 0..512 {
                match self.tokens.get(end) {
                    Some(token)
                        if token.kind == Kind::Sign
                            && matches!(token.text.as_str(), "," | ";" | ")" | "]" | "}") =>
                    {
                        break;
                    }
                    Some(_) => end = self.matching(end).max(end) + 1,
                    None => break,
                }
            }
            end.saturating_sub(1)
        };
        self.enter(name, first, end);
    }

    /// The variable or key that a function expression is given to.
    fn given_name(&self, first: usize) -> String {
        let Some(mut before) = first.checked_sub(1) else { return String::new() };
        while matches!(self.name_at(before), Some("async")) && before > 0 {
            before -= 1;
        }
        if self.sign(before, "=") {
            return self.target_before(before).map(|(_, name)| name).unwrap_or_default();
        }
        if self.sign(before, ":") && before > 0 {
            let key = &self.tokens[before - 1];
            if matches!(key.kind, Kind::Name | Kind::Text) {
                return key.text.clone();
            }
        }
        String::new()
    }

    fn enter(&mut self, name: String, at: usize, end: usize) {
        let line = self.tokens.get(at).map_or(0, |token| token.line);
        let given_to = self
            .within
            .iter()
            .rev()
            .find(|(open, close, _)| *open < at && at < *close)
            .map(|(_, _, call)| *call);
        let function = Function { name: cut(name), line, parent: self.function(), given_to };
        if self.around.len() < 256 {
            self.around.push((end, self.facts.functions.len()));
        }
        self.facts.functions.push(function);
    }
}

/// Module names without the prefix of built-in ones.
fn bare(module: &str) -> &str {
    module.strip_prefix("node:").unwrap_or(module)
}

fn cut(mut name: String) -> String {
    if name.len() > NAME {
        let end = (0..=NAME).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
        name.truncate(end);
    }
    name
}
