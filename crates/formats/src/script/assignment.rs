//! What is given to names: `a = …`, `this.a = …`, `const { a, b: c } = …`.

use super::reader::{Reader, cut};
use super::token::Kind;
use crate::python::{Assignment, Import, Value};

impl Reader<'_> {
    /// The name before `=` that this expression is given to.
    pub(super) fn assigned_to(&self, at: usize) -> Option<String> {
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
    pub(super) fn target_before(&self, equals: usize) -> Option<(usize, String)> {
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
    pub(super) fn assignment(&mut self, at: usize) {
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
    pub(super) fn destructured(&mut self, open: usize) {
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
}
