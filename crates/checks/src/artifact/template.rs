//! Ways out of a Jinja template, found in its expressions; the text around them is not looked at.
//!
//! Source: the sandbox of Jinja, which refuses attributes that begin with two underscores and internals of frames.

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Escape {
    /// The word that leads out.
    pub(super) word: String,
    /// The expression it stands in, cut.
    pub(super) excerpt: String,
}

/// Names of globals, filters and frame attributes that ordinary chat templates never use.
const WORDS: &[&str] = &[
    "attr",
    "builtins",
    "cycler",
    "eval",
    "exec",
    "f_globals",
    "func_globals",
    "gi_frame",
    "globals",
    "importlib",
    "joiner",
    "lipsum",
    "mro",
    "os",
    "popen",
    "subclasses",
    "subprocess",
    "system",
    "url_for",
];

/// The first way out of the template, if there is one.
pub(super) fn escape(template: &str) -> Option<Escape> {
    let mut rest = template;
    while let Some(start) = next_expression(rest) {
        let inside = rest.get(start + 2..)?;
        let close = if rest.get(start..start + 2) == Some("{{") { "}}" } else { "%}" };
        let end = inside.find(close).unwrap_or(inside.len());
        let expression = inside.get(..end)?;
        if let Some(word) = suspicious(expression) {
            return Some(Escape { word, excerpt: expression.trim().chars().take(200).collect() });
        }
        rest = inside.get(end..)?;
    }
    None
}

fn next_expression(text: &str) -> Option<usize> {
    [text.find("{{"), text.find("{%")].into_iter().flatten().min()
}

/// Looks at names behind a dot, at filters and calls, and at texts that spell internals.
fn suspicious(expression: &str) -> Option<String> {
    let bytes = expression.as_bytes();
    let mut at = 0;
    let mut before = ' ';
    while let Some(byte) = bytes.get(at).copied() {
        if byte == b'\'' || byte == b'"' {
            let end = text_end(bytes, at);
            let text = expression.get(at + 1..end)?;
            // Templates print special tokens such as `<__end__>`; a whole word in underscores is an attribute.
            let internal = text.len() > 4 && text.starts_with("__") && text.ends_with("__");
            if internal || text.contains("\\x5f") || text.contains("\\u005f") || text.contains("__import__") {
                return Some(text.chars().take(60).collect());
            }
            before = '\'';
            at = end + 1;
        } else if byte.is_ascii_alphabetic() || byte == b'_' {
            let end = bytes
                .get(at..)
                .and_then(|rest| {
                    rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'))
                })
                .map_or(bytes.len(), |length| at + length);
            let name = expression.get(at..end)?;
            let called =
                expression.get(end..).is_some_and(|rest| rest.trim_start().starts_with(['(', '.', '[']));
            let reached = matches!(before, '.' | '|');
            let dunder = name.len() > 4 && name.starts_with("__");
            if dunder
                || WORDS.contains(&name) && (reached && called || called && name != "system" && name != "os")
            {
                return Some(name.to_owned());
            }
            before = 'a';
            at = end;
        } else {
            if !byte.is_ascii_whitespace() {
                before = char::from(byte);
            }
            at += 1;
        }
    }
    None
}

fn text_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes.get(start).copied();
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\\' {
            at += 1;
        } else if Some(*byte) == quote {
            return at;
        }
        at += 1;
    }
    bytes.len()
}
