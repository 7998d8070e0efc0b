//! Ways out of a template, found in its expressions: internals of Python, reached by name or by computed name.
//!
//! Source: Jinja's sandbox (`jinja2/sandbox.py`), which refuses what is listed here, and CVE-2024-34359,
//! CVE-2024-56326, CVE-2024-56201 and CVE-2025-27516, where it or its absence failed.

use vauban_formats::jinja::{Expression, Kind, Operator, Statement};

use super::template::{Constants, constants, expressions, fold, statements};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Escape {
    /// The word that leads out.
    pub(super) word: String,
    /// What it does, for people.
    pub(super) what: &'static str,
    /// One-based line.
    pub(super) line: u32,
}

/// Attributes of frames, functions and classes that lead to everything else.
const INTERNAL: &[&str] = &[
    "ag_code",
    "ag_frame",
    "co_code",
    "co_consts",
    "cr_code",
    "cr_frame",
    "f_back",
    "f_builtins",
    "f_code",
    "f_globals",
    "f_locals",
    "func_closure",
    "func_code",
    "func_globals",
    "gi_code",
    "gi_frame",
    "im_class",
    "im_func",
    "im_self",
    "mro",
    "subclasses",
    "tb_frame",
    "tb_next",
];
/// Functions and methods that no template has a use for.
const CALLED: &[&str] = &[
    "Popen",
    "__import__",
    "breakpoint",
    "check_call",
    "check_output",
    "compile",
    "delattr",
    "eval",
    "exec",
    "execfile",
    "exec_module",
    "getattr",
    "getoutput",
    "globals",
    "import_module",
    "import_string",
    "load_module",
    "locals",
    "open",
    "popen",
    "setattr",
    "system",
    "urlopen",
    "vars",
];
/// Modules; reached at all, they are out of the sandbox.
const MODULES: &[&str] =
    &["builtins", "ctypes", "importlib", "os", "pty", "shutil", "socket", "subprocess", "sys"];

/// Every way out, at most sixteen, each word once.
pub(super) fn escapes(body: &[Statement]) -> Vec<Escape> {
    let known = constants(body);
    let mut found: Vec<Escape> = Vec::new();
    let mut tell = |line: u32, what: &'static str, word: String| {
        let word: String = word.chars().take(80).collect();
        if found.len() < 16 && !found.iter().any(|escape| escape.word == word) {
            found.push(Escape { word, what, line });
        }
    };
    expressions(body, &mut |expression, line| {
        expression.visit(&mut |part| {
            if let Some((what, word)) = judge(part, &known) {
                tell(line, what, word);
            }
        });
    });
    statements(body, &mut |statement| {
        if let Kind::Output(value) = &statement.kind {
            let shown = match value {
                Expression::Call(callee, ..) => match &**callee {
                    Expression::Attribute(root, name) if matches!(name.as_str(), "items" | "values") => {
                        Some(&**root)
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some(Expression::Name(name)) = shown
                && matches!(name.as_str(), "config" | "environ" | "settings")
            {
                tell(statement.line, "prints the configuration of the program that renders it", name.clone());
            }
        }
        if let Kind::Unread(source) = &statement.kind
            && let Some(word) = suspicious(source)
        {
            tell(statement.line, "is not Jinja and spells an internal of Python", word);
        }
    });
    found
}

/// `__word__`.
fn is_internal(name: &str) -> bool {
    let inner = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__"));
    inner.is_some_and(|inner| {
        !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    }) || INTERNAL.contains(&name)
}

/// An internal among the parts of a dotted path or format field.
fn internal_in(text: &str) -> bool {
    text.split(['.', '[', ']', '{', '}', '!', ':', '"', '\'']).any(|part| is_internal(part.trim()))
}

fn judge(part: &Expression, known: &Constants) -> Option<(&'static str, String)> {
    match part {
        // The sandbox refuses every name that begins with an underscore.
        Expression::Attribute(_, name)
            if is_internal(name) || name.starts_with('_') && name.contains("__") =>
        {
            Some(("reaches an internal of Python", name.clone()))
        }
        Expression::Attribute(value, name)
            if matches!(&**value, Expression::Name(root) if matches!(root.as_str(), "config" | "settings"))
                && name.len() > 3
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                && ["KEY", "SECRET", "TOKEN", "PASSWORD"].iter().any(|word| name.contains(word)) =>
        {
            Some(("prints a secret of the program that renders it", name.clone()))
        }
        Expression::Name(name) if name.len() > 4 && is_internal(name) && name.starts_with("__") => {
            Some(("names an internal of Python", name.clone()))
        }
        Expression::Item(_, key) => {
            if let Some(text) = fold(key, known) {
                return is_internal(&text)
                    .then_some(("reaches an internal of Python by its name as text", text));
            }
            computed(key).map(|text| ("reaches an internal of Python by a computed name", text))
        }
        Expression::Filter(value, name, arguments, keywords) => {
            let argument = |place: usize, keyword: &str| {
                let named = keywords.iter().find(|(name, _)| name == keyword).map(|(_, value)| value);
                named.or_else(|| arguments.get(place))
            };
            match name.as_str() {
                "attr" => {
                    let root = matches!(&**value, Expression::Name(root) if matches!(root.as_str(),
                        "config" | "cycler" | "joiner" | "lipsum" | "namespace" | "request" | "self" | "url_for" | "get_flashed_messages"));
                    let name = argument(0, "name")?;
                    match fold(name, known) {
                        Some(text) if root => {
                            Some(("reaches into the program that renders it through `attr`", text))
                        }
                        _ => attribute(name, known),
                    }
                }
                "map" | "select" | "reject" | "selectattr" | "rejectattr" | "groupby" | "sum" | "sort"
                | "unique" | "min" | "max" => {
                    let first = argument(0, "attribute").and_then(|text| fold(text, known));
                    if name == "map" && first.as_deref() == Some("attr") {
                        return attribute(arguments.get(1)?, known);
                    }
                    let path = keywords
                        .iter()
                        .find(|(name, _)| name == "attribute")
                        .and_then(|(_, text)| fold(text, known))
                        .or(first)?;
                    internal_in(&path).then_some(("reaches an internal of Python through a filter", path))
                }
                "format" => formatted(value, known),
                _ => None,
            }
        }
        Expression::Call(callee, arguments, keywords) => {
            if let Some((name, _)) = keywords.iter().find(|(name, _)| name.len() > 4 && is_internal(name)) {
                return Some(("spells an internal of Python as a keyword", name.clone()));
            }
            match &**callee {
                Expression::Name(name) if CALLED.contains(&name.as_str()) => {
                    Some(("calls a function that runs code or opens files", name.clone()))
                }
                Expression::Attribute(_, name) if matches!(name.as_str(), "format" | "format_map") => {
                    let Expression::Attribute(value, _) = &**callee else { return None };
                    formatted(value, known)
                }
                Expression::Attribute(value, name) => {
                    let from_module =
                        matches!(&**value, Expression::Name(module) if MODULES.contains(&module.as_str()));
                    let spawns =
                        CALLED.contains(&name.as_str()) && !matches!(name.as_str(), "compile" | "open");
                    let loads = matches!(name.as_str(), "from_envvar" | "from_pyfile" | "from_object");
                    let text = arguments.first().and_then(|argument| fold(argument, known));
                    let imports = name == "get"
                        && text.as_deref().is_some_and(|text| text.len() > 4 && is_internal(text));
                    (from_module || spawns || loads || imports)
                        .then(|| ("calls a function that runs code or opens files", name.clone()))
                }
                _ => None,
            }
        }
        Expression::Attribute(value, name)
            if matches!(&**value, Expression::Name(global) if matches!(global.as_str(), "cycler" | "joiner" | "lipsum"))
                && !matches!(name.as_str(), "next" | "current" | "reset") =>
        {
            Some(("reaches into one of Jinja's own functions", name.clone()))
        }
        Expression::Attribute(_, name)
            if MODULES.contains(&name.as_str()) && !matches!(name.as_str(), "os" | "sys" | "socket") =>
        {
            Some(("reaches a module of Python", name.clone()))
        }
        _ => None,
    }
}

fn attribute(name: &Expression, known: &Constants) -> Option<(&'static str, String)> {
    match fold(name, known) {
        Some(text) if is_internal(&text) || CALLED.contains(&text.as_str()) => {
            Some(("reaches an internal of Python through `attr`", text))
        }
        Some(_) => None,
        None if matches!(name, Expression::Name(_)) => None,
        None => Some(("reaches an attribute whose name is computed", shown(name))),
    }
}

/// A text with fields that reach into what is formatted.
fn formatted(value: &Expression, known: &Constants) -> Option<(&'static str, String)> {
    let text = fold(value, known)?;
    let fields = text.split('{').skip(1).filter_map(|field| field.split_once('}')).map(|(field, _)| field);
    fields
        .into_iter()
        .any(|field| field.contains("__") && internal_in(field))
        .then_some(("reaches an internal of Python through a format field", text.clone()))
}

/// The pieces of a computed key, if they spell underscores.
fn computed(key: &Expression) -> Option<String> {
    let mut spelt = None;
    let mut puts_together = false;
    key.visit(&mut |part| match part {
        Expression::Text(text) if text.contains("__") => spelt = Some(text.clone()),
        Expression::Binary(Operator::Add | Operator::Concat, ..)
        | Expression::Filter(..)
        | Expression::Call(..) => {
            puts_together = true;
        }
        _ => {}
    });
    spelt.filter(|_| puts_together)
}

fn shown(expression: &Expression) -> String {
    let mut texts = Vec::new();
    expression.visit(&mut |part| match part {
        Expression::Text(text) => texts.push(text.clone()),
        Expression::Name(name) | Expression::Attribute(_, name) => texts.push(name.clone()),
        _ => {}
    });
    texts.join(" ")
}

/// A word that leads out, in something that is no expression.
fn suspicious(source: &str) -> Option<String> {
    let words = source.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words
        .into_iter()
        .find(|word| {
            word.len() > 4 && word.starts_with("__") && word.ends_with("__")
                || matches!(*word, "popen" | "subprocess" | "f_globals" | "gi_frame" | "lipsum")
        })
        .map(str::to_owned)
}
