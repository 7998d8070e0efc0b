//! Code objects as a readable list of what they use.

use std::fmt::Write as _;

use super::Marshal;

/// Names and constants shown of one code object.
const SHOWN: usize = 24;
/// Characters shown of a constant.
const CHARACTERS: usize = 80;

impl Marshal {
    /// Every code object with the names and constants that it uses; at most `lines` lines.
    pub fn listing(&self, lines: usize) -> String {
        let mut all = Vec::new();
        if !self.python.is_empty() {
            all.push(format!("# a module compiled by Python {}", self.python));
        }
        for code in &self.codes {
            let outer = code.inside.and_then(|at| self.codes.get(at as usize));
            let outer = outer.map_or_else(String::new, |outer| format!("{}.", outer.name.escape_debug()));
            let variables: Vec<String> =
                code.variables.iter().take(SHOWN).map(|name| name.escape_debug().to_string()).collect();
            all.push(format!(
                "code {outer}{}({})  # {}:{}",
                code.name.escape_debug(),
                variables.join(", "),
                code.file.escape_debug(),
                code.line
            ));
            if !code.names.is_empty() {
                let names: Vec<String> =
                    code.names.iter().take(SHOWN).map(|name| name.escape_debug().to_string()).collect();
                let more = if code.names.len() > SHOWN { ", …" } else { "" };
                all.push(format!("    uses {}{more}", names.join(", ")));
            }
            for constant in code.constants.iter().take(SHOWN) {
                let shown: String = constant.chars().take(CHARACTERS).collect();
                all.push(format!("    constant '{}'", shown.escape_debug()));
            }
            if all.len() > lines {
                break;
            }
        }
        let mut out = String::new();
        for line in all.iter().take(lines) {
            let _ = writeln!(out, "{line}");
        }
        if all.len() > lines {
            out.push_str("# more lines follow\n");
        }
        if out.is_empty() {
            out.push_str("# no code objects\n");
        }
        out
    }
}
