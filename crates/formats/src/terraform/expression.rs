//! Expressions of HCL: literals as a tree, everything else as it is written.

use super::cursor::{Reader, is_name};
use crate::yaml::{DEPTH, Entry, Node, Value};

/// Functions whose result says what their only argument says.
const TRANSPARENT: &[&str] =
    &["jsonencode", "sensitive", "nonsensitive", "toset", "tolist", "tomap", "tostring"];

impl Reader<'_> {
    /// An expression; where a line break ends it, `line_ends` says so.
    pub(super) fn expression(&mut self, depth: usize, line_ends: bool) -> Node {
        self.skip_blank(!line_ends);
        let (start, line) = (self.at, self.line);
        if !self.charge() {
            self.at = self.bytes.len();
            return Node::default();
        }
        let literal = if depth > DEPTH {
            self.defect("limit-depth", "expressions are nested deeper than is looked at");
            None
        } else {
            self.literal(depth)
        };
        let end = self.at;
        self.skip_blank(!line_ends);
        let ended = matches!(self.peek(), None | Some(b'\n' | b',' | b'}' | b']' | b')'));
        match literal {
            Some(value) if ended => Node { line, value },
            _ => {
                // It goes on behind the literal, so it is more than that.
                self.at = end;
                self.raw(line_ends);
                let text = self.slice(start, self.at).trim();
                Node {
                    line,
                    value: if text.is_empty() { Value::Null } else { Value::Expression(text.to_owned()) },
                }
            }
        }
    }

    /// A literal or one of the transparent functions; `None` for anything that has to be computed.
    fn literal(&mut self, depth: usize) -> Option<Value> {
        match self.peek()? {
            b'"' => {
                let start = self.at;
                self.skip_string();
                let inner = self.slice(start + 1, self.at.saturating_sub(1).max(start + 1));
                Some(template(inner, unescape(inner)))
            }
            b'<' if self.starts_with("<<") => self.here_document(),
            b'[' => self.list(depth),
            b'{' => self.object(depth),
            byte if byte.is_ascii_digit() || byte == b'-' => {
                let start = self.at;
                self.at += 1;
                while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
                    self.at += 1;
                }
                let text = self.slice(start, self.at);
                text.parse::<f64>().is_ok().then(|| Value::Scalar { text: text.to_owned(), quoted: false })
            }
            byte if is_name(byte) => {
                let start = self.at;
                let name = self.name();
                match name.as_str() {
                    "true" | "false" => return Some(Value::Scalar { text: name, quoted: false }),
                    "null" => return Some(Value::Null),
                    _ => {}
                }
                if TRANSPARENT.contains(&name.as_str()) && self.peek() == Some(b'(') {
                    self.at += 1;
                    let inner = self.expression(depth + 1, false);
                    self.skip_blank(true);
                    if self.peek() == Some(b')') && !matches!(inner.value, Value::Expression(_)) {
                        self.at += 1;
                        return Some(inner.value);
                    }
                }
                self.rewind(start);
                None
            }
            _ => None,
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let start = self.at;
        self.at += 1;
        self.skip_blank(true);
        if self.starts_with("for ") {
            self.rewind(start);
            return None;
        }
        let mut items = Vec::new();
        loop {
            self.skip_blank(true);
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    return Some(Value::List(items));
                }
                Some(b',') => self.at += 1,
                Some(b'}' | b')') | None => {
                    self.defect("hcl-syntax", "a list does not end");
                    return Some(Value::List(items));
                }
                Some(_) => items.push(self.expression(depth + 1, false)),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let start = self.at;
        self.at += 1;
        self.skip_blank(true);
        if self.starts_with("for ") {
            self.rewind(start);
            return None;
        }
        let mut entries = Vec::new();
        loop {
            self.skip_blank(true);
            let line = self.line;
            let key = match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    return Some(Value::Map(entries));
                }
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(b'"') => {
                    let start = self.at;
                    self.skip_string();
                    self.slice(start, self.at).trim_matches('"').to_owned()
                }
                Some(b'(') => {
                    let start = self.at;
                    self.skip_group();
                    self.slice(start, self.at).to_owned()
                }
                Some(byte) if is_name(byte) => {
                    let start = self.at;
                    while self.peek().is_some_and(|byte| is_name(byte) || byte == b'.') {
                        self.at += 1;
                    }
                    self.slice(start, self.at).to_owned()
                }
                _ => {
                    self.defect("hcl-syntax", "an object does not end");
                    return Some(Value::Map(entries));
                }
            };
            self.skip_blank(false);
            if !matches!(self.peek(), Some(b'=' | b':')) {
                self.defect("hcl-syntax", "a key of an object has no value");
                return Some(Value::Map(entries));
            }
            self.at += 1;
            let node = self.expression(depth + 1, true);
            entries.push(Entry { key, line, node });
        }
    }

    /// `<<WORD` or `<<-WORD` up to the line that is the word alone.
    fn here_document(&mut self) -> Option<Value> {
        self.at += 2;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let word = self.name();
        self.skip_line();
        let start = self.at;
        while self.at < self.bytes.len() {
            let from = self.at;
            self.skip_comment();
            let is_end = self.slice(from, self.at).trim() == word;
            if is_end {
                let text = self.slice(start, from);
                return Some(template(text, text.to_owned()));
            }
            if self.peek().is_some() {
                self.step();
            }
        }
        self.defect("hcl-syntax", "a here-document does not end");
        let text = self.slice(start, self.at);
        Some(template(text, text.to_owned()))
    }

    /// Passes everything up to where an expression ends.
    pub(super) fn raw(&mut self, line_ends: bool) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' if line_ends => return,
                b',' | b')' | b']' | b'}' => return,
                b'(' | b'[' | b'{' => self.skip_group(),
                b'"' => self.skip_string(),
                b'#' => self.skip_comment(),
                b'<' if self.starts_with("<<") => {
                    self.here_document();
                }
                _ => self.step(),
            }
        }
    }
}

/// Text, or an expression if something is to be filled in.
fn template(written: &str, text: String) -> Value {
    let plain = written.replace("$${", "").replace("%%{", "");
    if plain.contains("${") || plain.contains("%{") {
        Value::Expression(text)
    } else {
        Value::Scalar { text, quoted: true }
    }
}

fn unescape(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}
