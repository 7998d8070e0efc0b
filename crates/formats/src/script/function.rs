//! Functions, methods and arrows: what they are called, and how far they reach.

use super::Function;
use super::reader::{Reader, cut};
use super::token::Kind;

impl Reader<'_> {
    pub(super) fn declared_function(&mut self, at: usize) -> usize {
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
    pub(super) fn method(&mut self, at: usize) -> bool {
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
    pub(super) fn arrow(&mut self, at: usize) {
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
