//! `agent-tool-injection`.

use vauban_domain::{Evidence, rule};
use vauban_formats::python::{Call, Function, Python, Value};

use super::tools::tools;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A tool puts what the model writes into a statement or a command.
    pub(super) const RULE: "agent-tool-injection" {
        family: Agent,
        severity: High,
        title: "tool puts the model's words into a statement",
        why: "a text that the model reads decides what it hands to the tool, and so the statement or command that the tool runs: all rows, another table, a second command",
        remedy: "let the tool take the values only, and bind them as parameters or pass them as separate arguments without a shell",
        techniques: ["AML.T0053@2026.09", "AML.T0050@2026.09"],
        mitigations: ["AML.M0033@2026.09", "AML.M0028@2026.09"],
        weaknesses: ["CWE-89", "CWE-78"],
        owasp: ["LLM05:2025", "ASI02:2026"],
        threats: ["L7.4@2025-02", "L3.3@2025-02"],
        source: "https://cheatsheetseries.owasp.org/cheatsheets/SQL_Injection_Prevention_Cheat_Sheet.html",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    let file = subject.facts;
    for (index, function) in tools(file) {
        for call in file.calls.iter().filter(|call| call.function == Some(index)) {
            let Some(what) = injected(call, |name| is_parameter(function, name)) else {
                continue;
            };
            let key = format!("{}:{}", function.name, call.callee);
            let place = subject.locator.clone().at_line(call.line);
            let message = format!("`{}` builds {what} from what the model hands it", function.name);
            report.find(&subject.asset.id, message, vec![Evidence::new(place, key, call.callee.clone())]);
        }
    }
}

/// Whether a resolved name is a parameter; one with an annotation is known as a value of that type, `str()`.
fn is_parameter(function: &Function, name: &str) -> bool {
    function.parameters.iter().any(|own| match &own.annotation {
        Some(annotation) => name.strip_suffix("()") == Some(annotation),
        None => own.name == name,
    })
}

/// What the call runs, if a parameter of the tool is a part of it.
fn injected(call: &Call, is_parameter: impl Fn(&str) -> bool) -> Option<&'static str> {
    let first = call.arguments.first()?;
    let holes = matches!(first, Value::Template(text) if holes(text).any(&is_parameter));
    match call.name() {
        "execute" | "executemany" | "executescript" | "read_sql" | "read_sql_query" => {
            let whole = matches!(first, Value::Name(name) if is_parameter(name));
            (holes || whole).then_some("a statement of SQL")
        }
        // A tool that is handed a whole command is one that runs commands, which another rule tells.
        "run" | "call" | "check_call" | "check_output" | "Popen"
            if call.callee.starts_with("subprocess.") =>
        {
            let shell = call.keyword("shell") == Some(&Value::Bool(true));
            (shell && holes).then_some("a command of the shell")
        }
        "system" | "popen" if call.callee.starts_with("os.") => holes.then_some("a command of the shell"),
        _ => None,
    }
}

/// The names that a text with holes names: `SELECT * FROM t WHERE {where}`.
fn holes(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}
