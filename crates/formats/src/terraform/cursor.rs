//! A place in HCL, and the ways past blanks, comments, strings and brackets.

use crate::{Defect, Limits};

pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || byte >= 0x80
}

pub(super) struct Reader<'a> {
    text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) line: u32,
    pub(super) nodes_left: usize,
    pub(super) defects: Vec<Defect>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, limits: &Limits) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, line: 1, nodes_left: limits.nodes, defects: Vec::new() }
    }

    pub(super) fn defect(&mut self, code: &'static str, detail: &str) {
        if !self.defects.iter().any(|known| known.code == code) {
            self.defects.push(Defect::at(code, self.at as u64, format!("line {}: {detail}", self.line)));
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn starts_with(&self, what: &str) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    pub(super) fn step(&mut self) {
        self.line += u32::from(self.peek() == Some(b'\n'));
        self.at += 1;
    }

    pub(super) fn charge(&mut self) -> bool {
        if self.nodes_left == 0 {
            self.defect("limit-nodes", "more nodes than are looked at in one file");
            return false;
        }
        self.nodes_left -= 1;
        true
    }

    pub(super) fn rewind(&mut self, to: usize) {
        let breaks = self.slice(to, self.at).bytes().filter(|byte| *byte == b'\n').count();
        self.line -= u32::try_from(breaks).unwrap_or(0).min(self.line - 1);
        self.at = to;
    }

    /// Passes blanks and comments, line breaks too if `lines`.
    pub(super) fn skip_blank(&mut self, lines: bool) {
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

    pub(super) fn skip_comment(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.at += 1;
        }
    }

    pub(super) fn skip_line(&mut self) {
        self.skip_comment();
        if self.peek().is_some() {
            self.step();
        }
    }

    pub(super) fn name(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(is_name) {
            self.at += 1;
        }
        self.slice(start, self.at).to_owned()
    }

    /// Passes a quoted string; templates inside may hold strings of their own.
    pub(super) fn skip_string(&mut self) {
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
    pub(super) fn skip_group(&mut self) {
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
}
