//! JSON with comments and trailing commas, as editors' configurations have it, read into the same tree as YAML.
//!
//! Within bounds on depth and nodes; what stands before a syntax error is kept. Comments as in JSONC
//! (<https://code.visualstudio.com/docs/languages/json#_json-with-comments>), values as in RFC 8259.

use std::collections::BTreeSet;

use crate::yaml::{DEPTH, Entry, Node, Value};
use crate::{Defect, Limits};

/// Reads one JSON value. A broken text gives what precedes the break, and a defect.
pub fn read_text(text: &str, limits: &Limits) -> (Node, Vec<Defect>) {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        nodes_left: limits.nodes,
        stopped: false,
        defects: Vec::new(),
    };
    let node = reader.value(0).unwrap_or_default();
    if reader.defects.is_empty() {
        reader.skip_blank();
        if reader.at < reader.bytes.len() {
            reader.defect("json-trailing-data", "something follows the value");
        }
    }
    (node, reader.defects)
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: u32,
    nodes_left: usize,
    /// Set where the text is broken or a bound is hit: nothing behind it is read.
    stopped: bool,
    defects: Vec<Defect>,
}

impl Reader<'_> {
    fn defect(&mut self, code: &'static str, detail: &str) {
        if !self.stopped && !self.defects.iter().any(|known| known.code == code) {
            self.defects.push(Defect::at(code, self.at as u64, format!("line {}: {detail}", self.line)));
        }
    }

    fn stop(&mut self, detail: &str) {
        self.defect("json-syntax", detail);
        self.stopped = true;
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes white space and comments.
    fn skip_blank(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'/' if self.bytes.get(self.at + 1) == Some(&b'/') => {
                    while self.peek().is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                    }
                }
                b'/' if self.bytes.get(self.at + 1) == Some(&b'*') => {
                    self.at += 2;
                    while self.peek().is_some() && self.bytes.get(self.at..self.at + 2) != Some(b"*/") {
                        self.line += u32::from(self.peek() == Some(b'\n'));
                        self.at += 1;
                    }
                    self.at = (self.at + 2).min(self.bytes.len());
                }
                _ => return,
            }
        }
    }

    /// The next value; `None` where there is none, which leaves a defect and ends everything.
    fn value(&mut self, depth: usize) -> Option<Node> {
        let value = self.value_or_stop(depth);
        self.stopped |= value.is_none();
        value
    }

    fn value_or_stop(&mut self, depth: usize) -> Option<Node> {
        self.skip_blank();
        if depth > DEPTH {
            self.defect("limit-depth", "objects and arrays are nested deeper than is looked at");
            return None;
        }
        if self.nodes_left == 0 {
            self.defect("limit-nodes", "more nodes than are looked at in one file");
            return None;
        }
        self.nodes_left -= 1;
        let line = self.line;
        match self.peek() {
            Some(b'{') => Some(Node { line, value: Value::Map(self.object(depth)) }),
            Some(b'[') => Some(Node { line, value: Value::List(self.array(depth)) }),
            Some(b'"') => self.string().map(|text| Node::scalar(line, text, true)),
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'-' => {
                let start = self.at;
                while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
                    self.at += 1;
                }
                let word = self.text.get(start..self.at).unwrap_or_default();
                let value = match word {
                    "null" => Value::Null,
                    word => {
                        if !matches!(word, "true" | "false") && word.parse::<f64>().is_err() {
                            self.defect("json-syntax", &format!("`{}` is no value", excerpt(word)));
                        }
                        Value::Scalar { text: word.to_owned(), quoted: false }
                    }
                };
                Some(Node { line, value })
            }
            Some(_) => {
                self.defect("json-syntax", "no value where one is expected");
                None
            }
            None => {
                self.defect("json-syntax", "the text ends inside a value");
                None
            }
        }
    }

    /// Whether a list goes on: false at its end, which is passed, and where the text is broken.
    fn goes_on(&mut self, end: u8) -> bool {
        if self.stopped {
            return false;
        }
        self.skip_blank();
        if self.peek() == Some(b',') {
            self.at += 1;
            self.skip_blank();
        }
        match self.peek() {
            Some(byte) if byte == end => {
                self.at += 1;
                false
            }
            Some(_) => true,
            None => {
                self.defect("json-syntax", "the text ends inside a value");
                false
            }
        }
    }

    fn array(&mut self, depth: usize) -> Vec<Node> {
        self.at += 1;
        let mut items = Vec::new();
        while self.goes_on(b']') {
            items.extend(self.value(depth + 1));
        }
        items
    }

    fn object(&mut self, depth: usize) -> Vec<Entry> {
        self.at += 1;
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = BTreeSet::new();
        while self.goes_on(b'}') {
            let line = self.line;
            if self.peek() != Some(b'"') {
                self.stop("no key where one is expected");
                break;
            }
            let Some(key) = self.string() else {
                self.stopped = true;
                break;
            };
            if !seen.insert(key.clone()) {
                self.defect("json-duplicate-key", &format!("the key `{}` is written twice", excerpt(&key)));
            }
            self.skip_blank();
            if self.peek() != Some(b':') {
                self.stop("no colon behind a key");
                break;
            }
            self.at += 1;
            let node = self.value(depth + 1).unwrap_or_default();
            entries.push(Entry { key, line, node });
        }
        entries
    }

    /// A string from its opening quote; lone surrogates become U+FFFD.
    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let mut text = String::new();
        let mut start = self.at;
        loop {
            let Some(byte) = self.peek() else {
                self.defect("json-syntax", "the text ends inside a string");
                return None;
            };
            match byte {
                b'"' => {
                    text.push_str(self.text.get(start..self.at).unwrap_or_default());
                    self.at += 1;
                    return Some(text);
                }
                b'\\' => {
                    text.push_str(self.text.get(start..self.at).unwrap_or_default());
                    self.at += 1;
                    self.escape(&mut text);
                    start = self.at;
                }
                b'\n' => {
                    self.defect("json-syntax", "a line ends inside a string");
                    self.line += 1;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self, text: &mut String) {
        let letter = self.peek();
        self.at = (self.at + 1).min(self.bytes.len());
        match letter {
            Some(b'n') => text.push('\n'),
            Some(b't') => text.push('\t'),
            Some(b'r') => text.push('\r'),
            Some(b'b') => text.push('\u{8}'),
            Some(b'f') => text.push('\u{c}'),
            Some(byte @ (b'"' | b'\\' | b'/')) => text.push(char::from(byte)),
            Some(b'u') => {
                let first = self.four_digits();
                let mut code = first;
                let is_high = (0xd800..0xdc00).contains(&first);
                if is_high && self.bytes.get(self.at..self.at + 2) == Some(b"\\u") {
                    let before = self.at;
                    self.at += 2;
                    let second = self.four_digits();
                    if (0xdc00..0xe000).contains(&second) {
                        code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    } else {
                        self.at = before;
                    }
                }
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            _ => {
                self.defect("json-syntax", "unknown escape in a string");
                // Stay on a character boundary.
                while !self.text.is_char_boundary(self.at) {
                    self.at += 1;
                }
            }
        }
    }

    fn four_digits(&mut self) -> u32 {
        let digits =
            self.text.get(self.at..self.at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match digits {
            Some(code) => {
                self.at += 4;
                code
            }
            None => {
                self.defect("json-syntax", "an escape needs four hexadecimal digits");
                u32::from(char::REPLACEMENT_CHARACTER)
            }
        }
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Node, Vec<&'static str>) {
        let (node, defects) = read_text(text, &Limits::default());
        (node, defects.iter().map(|defect| defect.code).collect())
    }

    #[test]
    fn comments_and_trailing_commas_are_read() {
        let (node, defects) = read(
            "// servers\n{\n  \"a\": [1, 2,], /* two */\n  \"b\": {\"c\": \"d\\u00e9\\ud83d\\ude00\",},\n}\n",
        );
        assert_eq!(defects, [""; 0]);
        assert_eq!(node.get("a").items().len(), 2);
        assert_eq!(node.at("b.c").text(), Some("dé😀"));
        assert_eq!(node.at("b.c").line, 4);
    }

    #[test]
    fn what_precedes_a_break_is_kept() {
        let (node, defects) = read("{\"a\": {\"b\": 1}, \"c\": [1, oops, \"d\": ");
        assert_eq!(defects, ["json-syntax"]);
        assert_eq!(node.at("a.b").integer(), Some(1));
    }

    #[test]
    fn a_key_written_twice_is_a_defect() {
        let (node, defects) = read("{\"a\": 1, \"a\": 2}");
        assert_eq!(defects, ["json-duplicate-key"]);
        assert_eq!(node.get("a").integer(), Some(2));
    }

    #[test]
    fn hostile_texts_end() {
        assert_eq!(read(&"[".repeat(1_000_000)).1, ["limit-depth"]);
        let limits = Limits { nodes: 10, ..Limits::default() };
        assert_eq!(read_text(&format!("[{}]", "1,".repeat(100)), &limits).1[0].code, "limit-nodes");
        for text in
            ["", "{", "\"", "\"\\", "\"\\u12", "\"\\é\"", "[1 2", "{\"a\" 1}", "\\", "{\"a\":1}x", "/*", "-"]
        {
            assert!(!read(text).1.is_empty(), "{text}");
        }
    }
}
