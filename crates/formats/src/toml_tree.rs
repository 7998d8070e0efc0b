//! TOML, read into the same tree as YAML and JSON: entries in the order written, everything with its line.

use toml::de::{DeTable, DeValue};

use crate::yaml::{Entry, Node, Value};
use crate::{Defect, Limits};

/// Bytes of a TOML text that are read; the parser keeps about fifty bytes for each.
const LARGEST: usize = 16 << 20;

/// Reads a text. A broken one gives what can be told of it, and a defect.
pub fn read_text(text: &str, limits: &Limits) -> (Node, Vec<Defect>) {
    let largest = LARGEST.min(limits.text_bytes);
    if text.len() > largest {
        let detail = format!("TOML of {} bytes; up to {largest} are read", text.len());
        return (Node::default(), vec![Defect::whole("limit-text", detail)]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut defects = Vec::new();
    if let Some(error) = errors.first() {
        let offset = error.span().map_or(0, |span| span.start as u64);
        defects.push(Defect::at("toml-syntax", offset, error.message().to_owned()));
    }
    let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
    let mut builder = Builder { breaks, nodes_left: limits.nodes };
    let root = builder.map(table.get_ref(), 1);
    if builder.nodes_left == 0 {
        defects.push(Defect::whole("limit-nodes", "more nodes than are looked at in one file"));
    }
    (root, defects)
}

struct Builder {
    breaks: Vec<usize>,
    nodes_left: usize,
}

impl Builder {
    fn line(&self, at: usize) -> u32 {
        let before = self.breaks.partition_point(|place| *place < at);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }

    fn map(&mut self, table: &DeTable<'_>, line: u32) -> Node {
        let mut written: Vec<_> = table.iter().collect();
        written.sort_by_key(|(key, _)| key.span().start);
        let mut entries = Vec::with_capacity(written.len());
        for (key, value) in written {
            let line = self.line(key.span().start);
            let at = self.line(value.span().start);
            entries.push(Entry {
                key: key.get_ref().to_string(),
                line,
                node: self.node(value.get_ref(), at),
            });
        }
        Node { line, value: Value::Map(entries) }
    }

    fn node(&mut self, value: &DeValue<'_>, line: u32) -> Node {
        if self.nodes_left == 0 {
            return Node { line, value: Value::Null };
        }
        self.nodes_left -= 1;
        match value {
            DeValue::Table(table) => self.map(table, line),
            DeValue::Array(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items.iter() {
                    let at = self.line(item.span().start);
                    list.push(self.node(item.get_ref(), at));
                }
                Node { line, value: Value::List(list) }
            }
            DeValue::String(text) => Node::scalar(line, text.to_string(), true),
            DeValue::Integer(number) => Node::scalar(line, number.to_string(), false),
            DeValue::Float(number) => Node::scalar(line, number.to_string(), false),
            DeValue::Boolean(truth) => Node::scalar(line, truth.to_string(), false),
            DeValue::Datetime(date) => Node::scalar(line, date.to_string(), true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_their_order_and_lines() {
        let (root, defects) =
            read_text("b = 1\n[t]\nz = [\n  \"x\",\n  { y = true },\n]\na = \"é\"\n", &Limits::default());
        assert_eq!(defects, []);
        assert_eq!(root.entries()[0].key, "b");
        assert_eq!(root.get("t").entries().iter().map(|entry| entry.line).collect::<Vec<_>>(), [3, 7]);
        assert_eq!(root.at("t.z").items()[1].line, 5);
        assert!(root.at("t.z").items()[1].get("y").is_true());
    }

    #[test]
    fn hostile_texts_end() {
        let deep = format!("a = {}", "[".repeat(20_000));
        assert_eq!(read_text(&deep, &Limits::default()).1[0].code, "toml-syntax");
        let limits = Limits { nodes: 3, ..Limits::default() };
        assert_eq!(read_text("a = [1, 2, 3, 4]", &limits).1[0].code, "limit-nodes");
    }
}
