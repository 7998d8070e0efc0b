//! Calls: what they call and how they read.

use super::{Around, Reader, Value};
use crate::rdata::Call;

/// Characters of a rendered call.
const TEXT: usize = 240;

/// Functions that call what they are given by name or symbol.
const CALLS_GIVEN: &[&str] = &[
    "Filter",
    "Map",
    "Reduce",
    "Recall",
    "addTaskCallback",
    "apply",
    "as.call",
    "as.function",
    "as.name",
    "as.symbol",
    "call",
    "do.call",
    "eapply",
    "get",
    "get0",
    "getAnywhere",
    "getExportedValue",
    "getFromNamespace",
    "getFunction",
    "lapply",
    "mapply",
    "match.fun",
    "mget",
    "outer",
    "rapply",
    "reg.finalizer",
    "sapply",
    "setHook",
    "tapply",
    "vapply",
];

impl Reader<'_, '_> {
    pub(super) fn make_call(&mut self, parts: &[(Option<String>, Value)], around: Around) -> Value {
        let callee = match parts.first().map(|(_, value)| value) {
            Some(Value::Symbol(name) | Value::Text(name) | Value::Plain(name)) => name.clone(),
            Some(Value::Call(text)) if text.contains("::") => text.clone(),
            _ => String::new(),
        };
        let arguments: Vec<String> = parts
            .iter()
            .skip(1)
            .map(|(tag, value)| match tag {
                Some(tag) => format!("{tag} = {}", value.text()),
                None => value.text(),
            })
            .collect();
        let text = match (callee.as_str(), arguments.as_slice()) {
            ("::" | ":::", [package, name]) => {
                format!("{}{callee}{}", package.trim_matches('"'), name.trim_matches('"'))
            }
            ("{", _) => format!("{{ {} }}", arguments.join("; ")),
            _ => {
                let first = parts.first().map(|(_, value)| value.text()).unwrap_or_default();
                let callee = if callee.is_empty() { &first } else { &callee };
                format!("{callee}({})", arguments.join(", "))
            }
        };
        let text = cut(text);
        if !matches!(callee.as_str(), "::" | ":::" | "{" | "(" | "<-" | "=" | "if") {
            self.call(callee.clone(), text.clone(), Around { compiled: false, ..around });
        }
        if CALLS_GIVEN.contains(&callee.as_str()) {
            for (_, value) in parts.iter().skip(1) {
                if let Value::Symbol(name) | Value::Text(name) = value {
                    self.call(name.clone(), text.clone(), Around { compiled: false, ..around });
                }
            }
        }
        Value::Call(text)
    }

    pub(super) fn call(&mut self, function: String, text: String, around: Around) {
        if self.rdata.calls.len() < self.input.budget.limits.records.min(500_000) {
            let offset = self.source.at as u64;
            self.rdata.calls.push(Call { function, text, place: around.place, offset });
        }
    }
}

pub(super) fn cut(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(TEXT) {
        text.truncate(at);
        text.push_str("...");
    }
    text
}
