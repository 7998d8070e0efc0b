//! Python source: imports, calls, assignments and functions, from a real parser that recovers from errors.
//!
//! Names are resolved through imports and through variables that hold the result of a call, in reading order and
//! without following control flow: after `client = OpenAI()` the call `client.chat.completions.create(...)` is
//! `openai.OpenAI().chat.completions.create`.

mod constant;
mod facts;
pub mod fetch;
mod flow;
mod nesting;
pub mod serve;
#[cfg(test)]
mod tests;
mod visit;

use std::borrow::Cow;

use rustpython_ruff_python_parser::{Mode, ParseOptions, parse_unchecked};

pub use facts::{
    Assignment, Call, Decorator, Escape, Function, Import, Parameter, Python, Value, registers_tool,
};
pub use flow::{Deed, Flow, Operand, Scope, ScopeKind};

use crate::{Budget, Defect, Facts, Format, Input, Limits, Parsed, Recognised};

/// Python source files.
pub const FORMAT: Format = Format {
    name: "python",
    extensions: &["py", "pyi", "pyw"],
    recognise,
    parse: |input| {
        let (python, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Python(python), defects, members: Vec::new() }
    },
};

/// Largest source that is parsed, in bytes; its tree takes about fifty times as much memory.
const LARGEST: usize = 8 << 20;

fn recognise(input: &Input<'_>) -> Recognised {
    let by_shebang = || {
        let line = input.head(128).split(|byte| *byte == b'\n').next().unwrap_or_default();
        line.starts_with(b"#!") && String::from_utf8_lossy(line).contains("python")
    };
    if FORMAT.extensions.contains(&input.extension().as_str()) && !input.head(1024).contains(&0) {
        Recognised::ByName
    } else if by_shebang() || is_path_file(input) {
        Recognised::ByShape
    } else {
        Recognised::No
    }
}

/// A path configuration file of `site-packages`, whose lines that begin with `import` are run by every interpreter.
fn is_path_file(input: &Input<'_>) -> bool {
    let head = input.head(4096);
    let lines = || head.split(|byte| *byte == b'\n');
    input.extension() == "pth" && !head.contains(&0) && lines().any(|line| line.starts_with(b"import"))
}

/// Reads the facts of a source file.
pub fn parse(input: &Input<'_>) -> (Python, Vec<Defect>) {
    let text = String::from_utf8_lossy(input.bytes);
    let (mut python, mut defects) = read(&text, false, &input.budget.limits, Some(input.budget));
    if matches!(text, Cow::Owned(_)) {
        defects.push(Defect::whole("text-not-utf8", "bytes that are no UTF-8 were replaced"));
    }
    if text.len() <= LARGEST {
        python.source = text.into_owned();
    }
    (python, defects)
}

/// Reads the facts of a piece of source; with `ipython`, magics and shell lines are allowed.
pub fn parse_source(source: &str, ipython: bool, limits: &Limits) -> (Python, Vec<Defect>) {
    read(source, ipython, limits, Some(&Budget::new(limits.clone())))
}

/// What a piece of source does, for code that stands in a text of other code.
pub fn flow_of(source: &str) -> Flow {
    read(source, false, &Limits::default(), Some(&Budget::default())).0.flow
}

/// Facts and flow.
fn read(source: &str, ipython: bool, limits: &Limits, budget: Option<&Budget>) -> (Python, Vec<Defect>) {
    let largest = LARGEST.min(limits.text_bytes);
    if source.len() > largest {
        let detail = format!("source of {} bytes; up to {largest} are parsed", source.len());
        return (Python::default(), vec![Defect::whole("limit-text", detail)]);
    }
    let mode = if ipython { Mode::Ipython } else { Mode::Module };
    if let Some(defect) = nesting::too_deep(source, mode) {
        return (Python::default(), vec![defect]);
    }
    let parsed = parse_unchecked(source, ParseOptions::from(mode));
    let mut defects = Vec::new();
    if let Some(first) = parsed.errors().first() {
        let detail = format!("{} syntax errors, the first: {}", parsed.errors().len(), first.error);
        defects.push(Defect::at("python-syntax", u64::from(u32::from(first.location.start())), detail));
    }
    let mut python = visit::facts(parsed.syntax(), source, limits, &mut defects);
    if let Some(budget) = budget.filter(|_| limits.judged) {
        python.flow = flow::flow(parsed.syntax(), source, budget, &mut defects);
    }
    (python, defects)
}
