//! The part of Python's literals that array headers use, read with bounded depth.

use std::fmt;

/// Depth of nested dtypes.
const DEPTH: u32 = 16;

/// A Python literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    None,
    Bool(bool),
    Int(i64),
    Text(String),
    List(Vec<Literal>),
    Tuple(Vec<Literal>),
    Dict(Vec<(Literal, Literal)>),
}

impl Literal {
    /// Reads a literal with nothing but white space around it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let literal = reader.literal(0)?;
        reader.rest.trim_matches([' ', '\t', '\r', '\n', '\0']).is_empty().then_some(literal)
    }

    /// Whether a dtype description has Python objects anywhere in it.
    pub(super) fn holds_objects(&self) -> bool {
        match self {
            Self::Text(code) => code.trim_start_matches(['<', '>', '|', '=']).starts_with('O'),
            // A field is (name, type) or (name, type, shape): the name is no type.
            Self::List(fields) => fields.iter().any(|field| match field {
                Self::Tuple(parts) => parts.iter().skip(1).any(Self::holds_objects),
                other => other.holds_objects(),
            }),
            Self::Tuple(parts) => parts.iter().any(Self::holds_objects),
            _ => false,
        }
    }

    /// The name of a field: its first part, or the second of a (title, name) pair.
    pub(super) fn first_text(&self) -> Option<String> {
        let Self::Tuple(parts) = self else { return None };
        match parts.first()? {
            Self::Text(name) => Some(name.clone()),
            Self::Tuple(pair) => match pair.last()? {
                Self::Text(name) => Some(name.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, items: &[Self]| {
            items
                .iter()
                .enumerate()
                .try_for_each(|(at, item)| write!(f, "{}{item}", if at > 0 { ", " } else { "" }))
        };
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(value) => f.write_str(if *value { "True" } else { "False" }),
            Self::Int(value) => write!(f, "{value}"),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::List(items) => {
                f.write_str("[")?;
                list(f, items)?;
                f.write_str("]")
            }
            Self::Tuple(items) => {
                f.write_str("(")?;
                list(f, items)?;
                f.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
            Self::Dict(_) => f.write_str("{…}"),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn literal(&mut self, depth: u32) -> Option<Literal> {
        if depth > DEPTH {
            return None;
        }
        self.skip_space();
        for (word, literal) in
            [("None", Literal::None), ("True", Literal::Bool(true)), ("False", Literal::Bool(false))]
        {
            if self.take(word) {
                return Some(literal);
            }
        }
        match self.rest.chars().next()? {
            '[' => self.items("[", "]", depth).map(|(items, _)| Literal::List(items)),
            '(' => self.items("(", ")", depth).and_then(|(mut items, comma)| match items.len() {
                // Brackets around one thing without a comma are only brackets.
                1 if !comma => items.pop(),
                _ => Some(Literal::Tuple(items)),
            }),
            '{' => self.dict(depth),
            'b' | 'u' if matches!(self.rest.chars().nth(1), Some('\'' | '"')) => {
                self.rest = self.rest.get(1..)?;
                self.text()
            }
            '\'' | '"' => self.text(),
            _ => self.integer(),
        }
    }

    fn items(&mut self, open: &str, close: &str, depth: u32) -> Option<(Vec<Literal>, bool)> {
        let mut items = Vec::new();
        let mut comma = false;
        self.take(open).then_some(())?;
        while !self.take(close) {
            items.push(self.literal(depth + 1)?);
            comma = self.take(",");
            if !comma {
                self.take(close).then_some(())?;
                break;
            }
        }
        Some((items, comma))
    }

    fn dict(&mut self, depth: u32) -> Option<Literal> {
        let mut entries = Vec::new();
        self.take("{").then_some(())?;
        while !self.take("}") {
            let key = self.literal(depth + 1)?;
            self.take(":").then_some(())?;
            entries.push((key, self.literal(depth + 1)?));
            if !self.take(",") {
                self.take("}").then_some(())?;
                break;
            }
        }
        Some(Literal::Dict(entries))
    }

    fn text(&mut self) -> Option<Literal> {
        let quote = self.rest.chars().next()?;
        let mut out = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => out.push(characters.next()?.1),
                end if end == quote => {
                    self.rest = self.rest.get(at + end.len_utf8()..)?;
                    return Some(Literal::Text(out));
                }
                other => out.push(other),
            }
        }
        None
    }

    fn integer(&mut self) -> Option<Literal> {
        let end = self
            .rest
            .char_indices()
            .find(|(at, character)| !(character.is_ascii_digit() || *at == 0 && *character == '-'))
            .map_or(self.rest.len(), |(at, _)| at);
        let value = self.rest.get(..end)?.parse().ok()?;
        self.rest = self.rest.get(end..)?;
        // Python 2 wrote long integers with an `L`.
        self.rest = self.rest.strip_prefix('L').unwrap_or(self.rest);
        Some(Literal::Int(value))
    }
}
