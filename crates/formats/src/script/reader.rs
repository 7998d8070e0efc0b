//! From tokens to facts, in one pass.

use std::collections::BTreeMap;

use super::Script;
use super::token::{Kind, Token, brackets};
use crate::python::{Call, Value};

/// Longest dotted name, in bytes.
const NAME: usize = 256;
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
    pub(super) bound: BTreeMap<String, String>,
    pub(super) facts: Script,
    /// Functions around the token at hand, each with the place at which it ends.
    pub(super) around: Vec<(usize, usize)>,
    /// Calls whose arguments may go on, each with the places of its brackets.
    pub(super) within: Vec<(usize, usize, usize)>,
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

    pub(super) fn name_at(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).filter(|token| token.kind == Kind::Name).map(|token| token.text.as_str())
    }

    pub(super) fn text_at(&self, at: usize) -> Option<&str> {
        self.tokens.get(at).filter(|token| token.kind == Kind::Text).map(|token| token.text.as_str())
    }

    pub(super) fn resolved(&self, name: &str) -> String {
        self.bound.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    pub(super) fn function(&self) -> Option<usize> {
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
}

/// A name of bounded length.
pub(super) fn cut(mut name: String) -> String {
    if name.len() > NAME {
        let end = (0..=NAME).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
        name.truncate(end);
    }
    name
}
