//! JSON and UBJSON read into one small tree in which arrays of numbers take eight bytes an element.
//!
//! Source: RFC 8259; <https://ubjson.org> draft 12, with the strongly typed containers that XGBoost writes.

use std::ops::Range;

use crate::{Budget, Defect};

/// Trees inside trees.
const DEPTH: u32 = 64;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Tree {
    /// `null`.
    Null,
    /// `true` and `false`.
    Bool(bool),
    /// A number; `NaN` and infinities as XGBoost spells them.
    Number(f64),
    /// Text.
    Text(String),
    /// An array of numbers (or truth values) and nothing else.
    Numbers(Vec<f64>),
    /// Any other array.
    List(Vec<Tree>),
    /// An object, in stored order.
    Map(Vec<(String, Tree)>),
}

static NULL: Tree = Tree::Null;

impl Tree {
    /// The value under a key, the last if it is repeated.
    pub(crate) fn get(&self, key: &str) -> &Self {
        match self {
            Self::Map(entries) => {
                entries.iter().rfind(|(name, _)| name == key).map_or(&NULL, |(_, value)| value)
            }
            _ => &NULL,
        }
    }

    /// The value under keys joined by dots.
    pub(crate) fn at(&self, path: &str) -> &Self {
        path.split('.').fold(self, Self::get)
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn entries(&self) -> &[(String, Self)] {
        if let Self::Map(entries) = self { entries } else { &[] }
    }

    pub(crate) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// An array of numbers, also an empty one; `None` for anything else.
    pub(crate) fn numbers(&self) -> Option<&[f64]> {
        match self {
            Self::Numbers(numbers) => Some(numbers),
            Self::List(items) if items.is_empty() => Some(&[]),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A number, also one that is written as text.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().trim_matches(['[', ']']).parse().ok(),
            _ => None,
        }
    }

    /// Elements of an array of any kind.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::List(items) => items.len(),
            _ => 0,
        }
    }

    fn array(items: Vec<Self>) -> Self {
        let number = |item: &Self| match item {
            Self::Number(number) => Some(*number),
            Self::Bool(truth) => Some(f64::from(u8::from(*truth))),
            _ => None,
        };
        let numbers: Option<Vec<f64>> = items.iter().map(number).collect();
        match numbers {
            Some(numbers) if !numbers.is_empty() => Self::Numbers(numbers),
            _ => Self::List(items),
        }
    }
}

/// Reads a tree until the end or the first thing that is wrong.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    nodes: usize,
    budget: &'a Budget,
}

type Read<T> = Result<T, Defect>;

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], budget: &'a Budget) -> Self {
        Self { bytes, at: 0, nodes: 0, budget }
    }

    fn wrong<T>(&self, code: &'static str, detail: impl Into<String>) -> Read<T> {
        Err(Defect::at(code, self.at as u64, detail))
    }

    fn node(&mut self) -> Read<()> {
        self.nodes += 1;
        if self.nodes > self.budget.limits.nodes.saturating_mul(8) {
            return self.wrong("limit-nodes", "more values than are looked at in one file");
        }
        if self.nodes.is_multiple_of(4096) && self.budget.is_stopped() {
            return self.wrong("limit-time", "the time for the file was over");
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        match self.at.checked_add(length).and_then(|end| self.bytes.get(self.at..end)) {
            Some(taken) => {
                self.at += length;
                Ok(taken)
            }
            None => self.wrong("tree-truncated", "the file ends inside a value"),
        }
    }

    fn blank(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// What is left behind the value, white space aside.
    pub(crate) fn rest(&mut self) -> Range<usize> {
        self.blank();
        self.at..self.bytes.len()
    }

    /// A JSON value.
    pub(crate) fn json(&mut self, depth: u32) -> Read<Tree> {
        self.node()?;
        if depth > DEPTH {
            return self.wrong("limit-depth", "values are nested deeper than is looked at");
        }
        self.blank();
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                let mut entries = Vec::new();
                loop {
                    self.blank();
                    match self.peek() {
                        Some(b'}') => break,
                        Some(b',') => self.at += 1,
                        Some(b'"') => {
                            let key = self.json_text()?;
                            self.blank();
                            if self.peek() != Some(b':') {
                                return self.wrong("tree-syntax", "no colon behind a key");
                            }
                            self.at += 1;
                            entries.push((key, self.json(depth + 1)?));
                        }
                        _ => return self.wrong("tree-syntax", "no key where one is expected"),
                    }
                }
                self.at += 1;
                Ok(Tree::Map(entries))
            }
            Some(b'[') => {
                self.at += 1;
                let mut numbers: Vec<f64> = Vec::new();
                let mut items = Vec::new();
                loop {
                    self.blank();
                    match self.peek() {
                        Some(b']') => break,
                        Some(b',') => self.at += 1,
                        Some(_) => match self.json(depth + 1)? {
                            Tree::Number(number) if items.is_empty() => numbers.push(number),
                            Tree::Bool(truth) if items.is_empty() => numbers.push(f64::from(u8::from(truth))),
                            other => {
                                items.extend(numbers.drain(..).map(Tree::Number));
                                items.push(other);
                            }
                        },
                        None => return self.wrong("tree-truncated", "the file ends inside an array"),
                    }
                }
                self.at += 1;
                Ok(if numbers.is_empty() { Tree::List(items) } else { Tree::Numbers(numbers) })
            }
            Some(b'"') => self.json_text().map(Tree::Text),
            Some(_) => {
                let start = self.at;
                while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
                    self.at += 1;
                }
                let word = self.bytes.get(start..self.at).unwrap_or_default();
                match std::str::from_utf8(word).unwrap_or_default() {
                    "null" => Ok(Tree::Null),
                    "true" => Ok(Tree::Bool(true)),
                    "false" => Ok(Tree::Bool(false)),
                    word => match word.parse() {
                        Ok(number) => Ok(Tree::Number(number)),
                        Err(_) => self.wrong("tree-syntax", "no value where one is expected"),
                    },
                }
            }
            None => self.wrong("tree-truncated", "the file ends where a value is expected"),
        }
    }

    fn json_text(&mut self) -> Read<String> {
        self.at += 1;
        let mut text = Vec::new();
        loop {
            match self.take(1)? {
                b"\"" => break,
                b"\\" => match self.take(1)? {
                    b"n" => text.push(b'\n'),
                    b"t" => text.push(b'\t'),
                    b"r" => text.push(b'\r'),
                    b"u" => {
                        let digits = std::str::from_utf8(self.take(4)?).unwrap_or_default();
                        let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                        let mut buffer = [0; 4];
                        let char = code.unwrap_or(char::REPLACEMENT_CHARACTER);
                        text.extend_from_slice(char.encode_utf8(&mut buffer).as_bytes());
                    }
                    other => text.extend_from_slice(other),
                },
                byte => text.extend_from_slice(byte),
            }
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// A UBJSON value.
    pub(crate) fn ubjson(&mut self, depth: u32) -> Read<Tree> {
        let mut marker = self.byte()?;
        while marker == b'N' {
            marker = self.byte()?;
        }
        self.ubjson_of(marker, depth)
    }

    fn byte(&mut self) -> Read<u8> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    fn number(&mut self, marker: u8) -> Read<Option<f64>> {
        let size = match marker {
            b'i' | b'U' => 1,
            b'I' => 2,
            b'l' | b'd' => 4,
            b'L' | b'D' => 8,
            _ => return Ok(None),
        };
        let bytes = self.take(size)?;
        let mut wide = [0; 8];
        for (to, from) in wide.iter_mut().rev().zip(bytes.iter().rev()) {
            *to = *from;
        }
        let wide = u64::from_be_bytes(wide);
        Ok(Some(match marker {
            b'i' => f64::from(wide as u8 as i8),
            b'U' => wide as f64,
            b'I' => f64::from(wide as u16 as i16),
            b'l' => f64::from(wide as u32 as i32),
            b'd' => f64::from(f32::from_bits(wide as u32)),
            b'D' => f64::from_bits(wide),
            _ => wide as i64 as f64,
        }))
    }

    /// A length: a number with its marker, never more than the bytes that are left.
    fn length(&mut self, bytes_each: usize) -> Read<usize> {
        let marker = self.byte()?;
        let length = match self.number(marker)? {
            Some(length) if !matches!(marker, b'd' | b'D') => length,
            _ => return self.wrong("ubjson-length", "a length is no whole number"),
        };
        let left = self.bytes.len().saturating_sub(self.at) / bytes_each.max(1);
        if length < 0.0 || length > left as f64 {
            return self.wrong("ubjson-length", format!("{length} elements are stated, {left} fit"));
        }
        Ok(length as usize)
    }

    fn ubjson_text(&mut self) -> Read<String> {
        let length = self.length(1)?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn ubjson_of(&mut self, marker: u8, depth: u32) -> Read<Tree> {
        self.node()?;
        if depth > DEPTH {
            return self.wrong("limit-depth", "values are nested deeper than is looked at");
        }
        if let Some(number) = self.number(marker)? {
            return Ok(Tree::Number(number));
        }
        match marker {
            b'Z' => Ok(Tree::Null),
            b'T' => Ok(Tree::Bool(true)),
            b'F' => Ok(Tree::Bool(false)),
            b'S' | b'H' => self.ubjson_text().map(Tree::Text),
            b'C' => Ok(Tree::Text(char::from(self.byte()?).to_string())),
            b'[' => self.ubjson_array(depth),
            b'{' => self.ubjson_object(depth),
            other => {
                self.wrong("ubjson-marker", format!("`{}` marks no value", char::from(other).escape_debug()))
            }
        }
    }

    /// Element type and count of a typed container.
    fn typed(&mut self) -> Read<(Option<u8>, Option<usize>)> {
        let mut kind = None;
        if self.peek() == Some(b'$') {
            self.at += 1;
            kind = Some(self.byte()?);
        }
        if self.peek() == Some(b'#') {
            self.at += 1;
            let each = match kind {
                Some(b'I') => 2,
                Some(b'l' | b'd') => 4,
                Some(b'L' | b'D') => 8,
                // Elements without content cost nothing: as many as there are bytes will do.
                _ => 1,
            };
            return Ok((kind, Some(self.length(each)?)));
        }
        if kind.is_some() {
            return self.wrong("ubjson-count", "a type without a count");
        }
        Ok((None, None))
    }

    fn ubjson_array(&mut self, depth: u32) -> Read<Tree> {
        let (kind, count) = self.typed()?;
        if let (Some(kind @ (b'i' | b'U' | b'I' | b'l' | b'd' | b'L' | b'D')), Some(count)) = (kind, count) {
            let mut numbers = Vec::with_capacity(count);
            for _ in 0..count {
                self.node()?;
                numbers.extend(self.number(kind)?);
            }
            return Ok(if numbers.is_empty() { Tree::List(Vec::new()) } else { Tree::Numbers(numbers) });
        }
        let mut items = Vec::new();
        loop {
            match count {
                Some(count) if items.len() >= count => break,
                None if self.peek() == Some(b']') => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            items.push(match kind {
                Some(kind) => self.ubjson_of(kind, depth + 1)?,
                None => self.ubjson(depth + 1)?,
            });
        }
        Ok(Tree::array(items))
    }

    fn ubjson_object(&mut self, depth: u32) -> Read<Tree> {
        let (kind, count) = self.typed()?;
        let mut entries = Vec::new();
        loop {
            match count {
                Some(count) if entries.len() >= count => break,
                None if self.peek() == Some(b'}') => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            let key = self.ubjson_text()?;
            let value = match kind {
                Some(kind) => self.ubjson_of(kind, depth + 1)?,
                None => self.ubjson(depth + 1)?,
            };
            entries.push((key, value));
        }
        Ok(Tree::Map(entries))
    }
}
