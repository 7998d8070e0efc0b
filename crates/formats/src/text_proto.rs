//! Protocol buffers in text format, read into the same tree as YAML: repeated fields are entries with the same key.
//!
//! Bounded in depth and nodes; what stands before a syntax error is kept.
//! <https://protobuf.dev/reference/protobuf/textformat-spec/>

use crate::yaml::{DEPTH, Entry, Node, Value};
use crate::{Defect, Limits};

/// Reads one message. A broken text gives what precedes the break, and a defect.
pub fn read_text(text: &str, limits: &Limits) -> (Node, Vec<Defect>) {
    let mut reader =
        Reader { bytes: text.as_bytes(), text, at: 0, line: 1, nodes_left: limits.nodes, defect: None };
    let entries = reader.fields(None, 0);
    (Node { line: 1, value: Value::Map(entries) }, reader.defect.into_iter().collect())
}

/// Every value of a field of a message, in the order written; lists count as their items.
pub fn values<'a>(message: &'a Node, field: &'a str) -> impl Iterator<Item = &'a Node> {
    message
        .entries()
        .iter()
        .filter(move |entry| entry.key == field)
        .flat_map(|entry| entry.node.one_or_many())
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
    line: u32,
    nodes_left: usize,
    defect: Option<Defect>,
}

impl Reader<'_> {
    /// Ends everything; the first reason stays.
    fn stop(&mut self, code: &'static str, detail: &str) {
        if self.defect.is_none() {
            self.defect = Some(Defect::at(code, self.at as u64, format!("line {}: {detail}", self.line)));
        }
        self.at = self.bytes.len();
    }

    /// Passes white space, comments and separators; the next byte.
    fn next(&mut self) -> Option<u8> {
        while let Some(byte) = self.bytes.get(self.at).copied() {
            match byte {
                b'\n' => self.line += 1,
                b' ' | b'\t' | b'\r' | b',' | b';' => {}
                b'#' => {
                    while self.bytes.get(self.at).is_some_and(|byte| *byte != b'\n') {
                        self.at += 1;
                    }
                    continue;
                }
                _ => return Some(byte),
            }
            self.at += 1;
        }
        None
    }

    /// Fields up to `end`, which is passed; up to the end of the text for the outermost message.
    fn fields(&mut self, end: Option<u8>, depth: usize) -> Vec<Entry> {
        let mut entries = Vec::new();
        if depth > DEPTH {
            self.stop("limit-depth", "messages are nested deeper than is looked at");
            return entries;
        }
        loop {
            let Some(byte) = self.next() else {
                if end.is_some() {
                    self.stop("text-proto-syntax", "the text ends inside a message");
                }
                return entries;
            };
            if Some(byte) == end {
                self.at += 1;
                return entries;
            }
            let line = self.line;
            let key = if byte == b'[' { self.extension() } else { self.word() };
            if key.is_empty() {
                self.stop("text-proto-syntax", "no field name where one is expected");
                return entries;
            }
            if self.next() == Some(b':') {
                self.at += 1;
            }
            let Some(node) = self.value(depth) else { return entries };
            entries.push(Entry { key, line, node });
        }
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        if self.nodes_left == 0 {
            self.stop("limit-nodes", "more values than are looked at in one file");
            return None;
        }
        self.nodes_left -= 1;
        let first = self.next();
        let line = self.line;
        let value = match first {
            Some(open @ (b'{' | b'<')) => {
                self.at += 1;
                Value::Map(self.fields(Some(if open == b'{' { b'}' } else { b'>' }), depth + 1))
            }
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                if depth >= DEPTH {
                    self.stop("limit-depth", "lists are nested deeper than is looked at");
                }
                loop {
                    match self.next() {
                        Some(b']') => {
                            self.at += 1;
                            break;
                        }
                        Some(_) => items.extend(self.value(depth + 1)),
                        None => {
                            self.stop("text-proto-syntax", "the text ends inside a list");
                            break;
                        }
                    }
                }
                Value::List(items)
            }
            Some(b'"' | b'\'') => {
                // Strings that follow one another are one string.
                let mut text = String::new();
                while let Some(quote @ (b'"' | b'\'')) = self.next() {
                    self.string(quote, &mut text);
                }
                Value::Scalar { text, quoted: true }
            }
            Some(_) => {
                let text = self.word();
                if text.is_empty() {
                    self.stop("text-proto-syntax", "no value where one is expected");
                    return None;
                }
                Value::Scalar { text, quoted: false }
            }
            None => {
                self.stop("text-proto-syntax", "the text ends where a value is expected");
                return None;
            }
        };
        Some(Node { line, value })
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self
            .bytes
            .get(self.at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.+-".contains(byte))
        {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default().to_owned()
    }

    /// `[type.googleapis.com/name]`.
    fn extension(&mut self) -> String {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|byte| !b"]\n".contains(byte)) {
            self.at += 1;
        }
        self.at = (self.at + 1).min(self.bytes.len());
        self.text.get(start..self.at).unwrap_or_default().to_owned()
    }

    /// A string from its opening quote, C escapes undone; bytes that are no UTF-8 are replaced.
    fn string(&mut self, quote: u8, out: &mut String) {
        self.at += 1;
        let mut bytes = Vec::new();
        loop {
            let Some(byte) = self.bytes.get(self.at).copied() else {
                self.stop("text-proto-syntax", "the text ends inside a string");
                break;
            };
            self.at += 1;
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.stop("text-proto-syntax", "a line ends inside a string");
                    break;
                }
                b'\\' => self.escape(&mut bytes),
                _ if byte == quote => break,
                _ => bytes.push(byte),
            }
        }
        out.push_str(&String::from_utf8_lossy(&bytes));
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let Some(letter) = self.bytes.get(self.at).copied() else { return };
        self.at += 1;
        let digits = |most: usize, radix: u32, from: usize| {
            let run = self.bytes.get(from..).unwrap_or_default();
            run.iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count()
        };
        match letter {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'0'..=b'7' => {
                let count = digits(3, 8, self.at - 1);
                let text = self.text.get(self.at - 1..self.at - 1 + count).unwrap_or_default();
                out.push(u32::from_str_radix(text, 8).unwrap_or_default() as u8);
                self.at += count.saturating_sub(1);
            }
            b'x' | b'X' => {
                let count = digits(2, 16, self.at);
                let text = self.text.get(self.at..self.at + count).unwrap_or_default();
                out.push(u8::from_str_radix(text, 16).unwrap_or_default());
                self.at += count;
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Node, Vec<&'static str>) {
        let (node, defects) = read_text(text, &Limits::default());
        (node, defects.iter().map(|defect| defect.code).collect())
    }

    #[test]
    fn messages_lists_and_strings_are_read() {
        let text = "# a model\nname: \"x\\056y\" 'z'\ninput [ { name: \"a\" dims: [1, -1] }, { name: \"b\" } ]\ninput < name: \"c\" >\nmax: 4;\n";
        let (node, defects) = read(text);
        assert_eq!(defects, [""; 0]);
        assert_eq!(node.get("name").text(), Some("x.yz"));
        let names: Vec<_> = values(&node, "input").map(|input| input.get("name").text_or_empty()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(node.get("max").integer(), Some(4));
        assert_eq!(node.get("max").line, 5);
    }

    #[test]
    fn hostile_texts_end() {
        assert_eq!(read(&"a{".repeat(100_000)).1, ["limit-depth"]);
        assert_eq!(read(&format!("a: {}", "[".repeat(100_000))).1, ["limit-depth"]);
        for text in ["a", "a:", "a: \"", "a: [", "a {", "=", "a: \"\\", "[", "a: \"\n\"", "a: é"] {
            assert!(!read(text).1.is_empty(), "{text}");
        }
        let (node, _) = read("a: 1 b: 2 c: {{");
        assert_eq!(node.get("b").integer(), Some(2));
    }
}
