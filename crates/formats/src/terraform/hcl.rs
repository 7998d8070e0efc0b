//! HCL out of untrusted text: blocks, attributes and the literals in them, with lines and within bounds.
//!
//! Literals become the tree that YAML and JSON are read into; what would have to be computed stays as it is written.
//! A broken block leaves a defect and the blocks around it. Grammar:
//! <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>

use super::Block;
use super::cursor::{Reader, is_name};
use crate::yaml::{DEPTH, Entry, Node, Value};
use crate::{Defect, Limits};

/// Reads the blocks of a file.
pub(super) fn read(text: &str, limits: &Limits) -> (Vec<Block>, Vec<Defect>) {
    let mut reader = Reader::new(text, limits);
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
    let mut reader = Reader::new(text, limits);
    let node = reader.expression(0, false);
    reader.skip_blank(true);
    if reader.at < reader.bytes.len() || !reader.defects.is_empty() {
        return Node { line: 1, value: Value::Expression(text.to_owned()) };
    }
    node
}

impl Reader<'_> {
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
}
