//! JavaScript and TypeScript: imports, calls, assignments and functions, in the words that Python's facts have.
//!
//! Tokens come from a lexer that knows strings, templates, regular expressions, JSX and type arguments; calls, objects
//! and lists are read off the tokens without building a tree, so that broken and hostile sources cost no more than
//! their length. Names are resolved through imports, `require` and variables that hold the result of a call, in reading
//! order and without scopes: after `const client = new OpenAI()` the call `client.chat.completions.create(…)` is
//! `openai.default().chat.completions.create`.

mod assignment;
mod chain;
mod function;
mod import;
mod lexer;
mod reader;
#[cfg(test)]
mod tests;
mod token;
mod value;

use crate::python::{Assignment, Call, Import};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// Source files of JavaScript and TypeScript.
pub const FORMAT: Format = Format {
    name: "script",
    extensions: &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"],
    recognise,
    parse: |input| {
        let (script, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Script(script), defects, members: Vec::new() }
    },
};

/// Largest source that is read, in bytes.
const LARGEST: usize = 4 << 20;

/// Facts of one source file, in reading order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// The source, for what looks at lines.
    pub source: String,
    /// `import`, `export … from` and `require`, one per name; the default export is called `default`.
    pub imports: Vec<Import>,
    /// Every call, also with `new`; an object of options is a dictionary.
    pub calls: Vec<Call>,
    /// Assignments, also those of declarations.
    pub assignments: Vec<Assignment>,
    /// Functions, methods and arrow functions.
    pub functions: Vec<Function>,
}

/// One function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// Its name, or the variable or key that it is given to; empty if there is none.
    pub name: String,
    /// One-based line.
    pub line: u32,
    /// Index into [`Script::functions`] of the function it stands in.
    pub parent: Option<usize>,
    /// Index into [`Script::calls`] of the call it is an argument of, at whatever depth.
    pub given_to: Option<usize>,
}

impl Script {
    /// Whether some module is imported whose name begins like this.
    pub fn imports_from(&self, module: &str) -> bool {
        self.imports.iter().any(|import| import.path.starts_with(module))
    }

    /// The text of a value: a literal, or the literal that a name is assigned once.
    pub fn text_of<'a>(&'a self, value: &'a crate::python::Value) -> Option<&'a str> {
        match value {
            crate::python::Value::Text(text) => Some(text),
            crate::python::Value::Name(name) => {
                let mut known = self.assignments.iter().filter(|assignment| assignment.target == *name);
                match (known.next(), known.next()) {
                    (Some(only), None) => only.value.literal(),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    if !FORMAT.extensions.contains(&input.extension().as_str()) {
        return Recognised::No;
    }
    // Films and translations end in `.ts`, too.
    let head = input.head(1024);
    let text =
        !head.contains(&0) && std::str::from_utf8(head.get(..head.len().min(16)).unwrap_or(head)).is_ok();
    if text && !head.trim_ascii_start().starts_with(b"<") { Recognised::ByName } else { Recognised::No }
}

/// Reads the facts of a source file.
pub fn parse(input: &Input<'_>) -> (Script, Vec<Defect>) {
    let mut defects = Vec::new();
    let largest = LARGEST.min(input.budget.limits.text_bytes);
    let bytes = input.bytes.get(..largest).unwrap_or(input.bytes);
    if bytes.len() < input.bytes.len() {
        let detail = format!("only the first {largest} of {} bytes were read", input.bytes.len());
        defects.push(Defect::whole("limit-text", detail));
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let typed_only = matches!(input.extension().as_str(), "ts" | "mts" | "cts");
    let (mut script, stopped) = parse_source(&text, !typed_only, input.budget.limits.records);
    if stopped {
        defects.push(Defect::whole("limit-records", "more tokens or deeper nesting than is read"));
    }
    script.source = text;
    (script, defects)
}

/// Reads the facts of a piece of source with at most `most` tokens; says whether there were more. `jsx` tells whether
/// elements may stand in it.
pub fn parse_source(text: &str, jsx: bool, most: usize) -> (Script, bool) {
    let (tokens, stopped) = lexer::tokens(text, jsx, most);
    (reader::facts(&tokens), stopped)
}
