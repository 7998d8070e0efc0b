//! HCL out of untrusted text: blocks, attributes and the literals in them, with lines and within bounds.
//!
//! Literals become the tree that YAML and JSON are read into; what would have to be computed stays as it is written.
//! A broken block leaves a defect and the blocks around it. Grammar:
//! <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>

use super::Block;
use crate::yaml::{DEPTH, Entry, Node, Value};
use crate::{Defect, Limits};

/// Functions whose result says what their only argument says.
const TRANSPARENT: &[&str] =
    &["jsonencode", "sensitive", "nonsensitive", "toset", "tolist", "tomap", "tostring"];

/// Reads the blocks of a file.
pub(super) fn read(text: &str, limits: &Limits) -> (Vec<Block>, Vec<Defect>) {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        nodes_left: limits.nodes,
        defects: Vec::new(),
    };
    let mut blocks = Vec::new();
    loop {
        reader.skip_blank(true);
        let Some(byte) = reader.peek() else { break };
        if reader.nodes_left == 0 {
            break;
        }
        if !is_name(byte) {
            reader.defect("hcl-syntax", "no block where one is expected");
            reader.skip_line();
            continue;
        }
        let line = reader.line;
        let kind = reader.name();
        let labels = reader.labels();
        match reader.peek() {
            Some(b'{') => {
                let body = reader.body(0);
                blocks.push(Block { kind, labels, line, body });
            }
            Some(b'=') => {
                // A file of values (`.tfvars`) has attributes only.
                reader.at += 1;
                let node = reader.expression(0, true);
                let entry = Entry { key: kind.clone(), line, node };
                blocks.push(Block {
                    kind,
                    labels,
                    line,
                    body: Node { line, value: Value::Map(vec![entry]) },
                });
            }
            _ => {
                reader.defect("hcl-syntax", "neither a block nor an attribute");
                reader.skip_line();
            }
        }
    }
    (blocks, reader.defects)
}

/// Reads one expression.
pub(super) fn read_expression(text: &str, limits: &Limits) -> Node {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        nodes_left: limits.nodes,
        defects: Vec::new(),
    };
    let node = reader.expression(0, false);
    reader.skip_blank(true);
    if reader.at < reader.bytes.len() || !reader.defects.is_empty() {
        return Node { line: 1, value: Value::Expression(text.to_owned()) };
    }
    node
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || byte >= 0x80
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: u32,
    nodes_left: usize,
    defects: Vec<Defect>,
}

impl<'a> Reader<'a> {
    fn defect(&mut self, code: &'static str, detail: &str) {
        if !self.defects.iter().any(|known| known.code == code) {
            self.defects.push(Defect::at(code, self.at as u64, format!("line {}: {detail}", self.line)));
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn starts_with(&self, what: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn step(&mut self) {
        self.line += u32::from(self.peek() == Some(b'\n'));
        self.at += 1;
    }

    fn charge(&mut self) -> bool {
        if self.nodes_left == 0 {
            self.defect("limit-nodes", "more nodes than are looked at in one file");
            return false;
        }
        self.nodes_left -= 1;
        true
    }

    /// Passes blanks and comments, line breaks too if `lines`.
    fn skip_blank(&mut self, lines: bool) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' if lines => self.step(),
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' => self.skip_comment(),
                b'/' if self.starts_with("//") => self.skip_comment(),
                b'/' if self.starts_with("/*") => {
                    while self.peek().is_some() && !self.starts_with("*/") {
                        self.step();
                    }
                    self.at = (self.at + 2).min(self.bytes.len());
                }
                _ => return,
            }
        }
    }

    fn skip_comment(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    fn skip_line(&mut self) {
        self.skip_comment();
        if self.peek().is_some() {
            self.step();
        }
    }

    fn name(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(is_name) {
            self.at += 1;
        }
        self.slice(start, self.at).to_owned()
    }

    fn labels(&mut self) -> Vec<String> {
        let mut labels = Vec::new();
        loop {
            self.skip_blank(false);
            match self.peek() {
                Some(b'"') => {
                    let start = self.at;
                    self.skip_string();
                    labels.push(self.slice(start, self.at).trim_matches('"').to_owned());
                }
                Some(byte) if is_name(byte) => labels.push(self.name()),
                _ => return labels,
            }
        }
    }

    /// A body from its `{` to its `}`; nested blocks are entries named by their kind, repeated ones repeated.
    fn body(&mut self, depth: usize) -> Node {
        let line = self.line;
        let mut entries = Vec::new();
        self.at += 1;
        loop {
            self.skip_blank(true);
            let line = self.line;
            match self.peek() {
                None => {
                    self.defect("hcl-syntax", "the text ends inside a block");
                    break;
                }
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(byte) if is_name(byte) => {
                    if !self.charge() {
                        self.at = self.bytes.len();
                        break;
                    }
                    let mut key = self.name();
                    for label in self.labels() {
                        key.push(' ');
                        key.push_str(&label);
                    }
                    match self.peek() {
                        Some(b'=') => {
                            self.at += 1;
                            let node = self.expression(depth + 1, true);
                            entries.push(Entry { key, line, node });
                        }
                        Some(b'{') if depth < DEPTH => {
                            let node = self.body(depth + 1);
                            entries.push(Entry { key, line, node });
                        }
                        Some(b'{') => {
                            self.defect("limit-depth", "blocks are nested deeper than is looked at");
                            self.raw(false);
                        }
                        _ => {
                            self.defect("hcl-syntax", "neither a block nor an attribute");
                            self.skip_line();
                        }
                    }
                }
                Some(_) => {
                    self.defect("hcl-syntax", "no attribute where one is expected");
                    self.skip_line();
                }
            }
        }
        Node { line, value: Value::Map(entries) }
    }

    /// An expression; where a line break ends it, `line_ends` says so.
    fn expression(&mut self, depth: usize, line_ends: bool) -> Node {
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

    fn rewind(&mut self, to: usize) {
        let breaks = self.slice(to, self.at).bytes().filter(|byte| *byte == b'\n').count();
        self.line -= u32::try_from(breaks).unwrap_or(0).min(self.line - 1);
        self.at = to;
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

    /// Passes a quoted string; templates inside may hold strings of their own.
    fn skip_string(&mut self) {
        self.step();
        let mut braces: Vec<u32> = Vec::new();
        let mut in_text = true;
        while let Some(byte) = self.peek() {
            if in_text {
                match byte {
                    b'\\' => self.step(),
                    b'$' | b'%' if self.starts_with("${") || self.starts_with("%{") => {
                        self.at += 1;
                        braces.push(0);
                        in_text = false;
                    }
                    b'"' => {
                        self.at += 1;
                        if braces.is_empty() {
                            return;
                        }
                        in_text = false;
                        continue;
                    }
                    b'\n' if braces.is_empty() => {
                        self.defect("hcl-syntax", "a line ends inside a string");
                        return;
                    }
                    _ => {}
                }
            } else {
                match byte {
                    b'"' => in_text = true,
                    b'{' => {
                        if let Some(open) = braces.last_mut() {
                            *open += 1;
                        }
                    }
                    b'}' => match braces.last_mut() {
                        Some(open) if *open > 0 => *open -= 1,
                        _ => {
                            braces.pop();
                            in_text = true;
                        }
                    },
                    _ => {}
                }
            }
            if self.peek().is_some() {
                self.step();
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.defect("hcl-syntax", "a string does not end");
    }

    /// Passes a bracketed group with everything inside it.
    fn skip_group(&mut self) {
        let mut open = 0_u32;
        while let Some(byte) = self.peek() {
            match byte {
                b'(' | b'[' | b'{' => open += 1,
                b')' | b']' | b'}' => open = open.saturating_sub(1),
                b'"' => {
                    self.skip_string();
                    continue;
                }
                b'#' => {
                    self.skip_comment();
                    continue;
                }
                _ => {}
            }
            self.step();
            if open == 0 {
                return;
            }
        }
        self.defect("hcl-syntax", "a bracket is not closed");
    }

    /// Passes everything up to where an expression ends.
    fn raw(&mut self, line_ends: bool) {
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
