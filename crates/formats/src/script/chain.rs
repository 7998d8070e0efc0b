//! Chains of members and calls: `client.chat.completions.create(…)`.

use super::import::bare;
use super::reader::{Reader, cut};
use super::token::Kind;

/// Links of one chain.
const LINKS: usize = 64;

/// A chain of members and calls.
pub(super) struct Chain {
    /// Its resolved name; `()` stands for the result of a call.
    pub(super) name: String,
    /// The place behind it.
    pub(super) end: usize,
    /// The calls in it: what is called, and the place of the opening bracket.
    pub(super) calls: Vec<(String, usize)>,
}

impl Reader<'_> {
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
}
