//! What a model writes is run.

use std::collections::BTreeSet;

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::python::{Assignment, Call, Python, Value};

use crate::{Check, Look, Report, Subject};

rule! {
    /// The output of a model is run as code.
    pub const RULE: "agent-runs-model-output" {
        family: Agent,
        severity: Critical,
        title: "model output is run as code",
        why: "whoever can make the model say something, by a question or by a text it reads, runs code with the rights of the agent",
        remedy: "parse the answer as data (json, ast.literal_eval) or run it in a sandbox without network, files and credentials",
        techniques: ["AML.T0050@2026.09", "AML.T0051@2026.09"],
        mitigations: ["AML.M0033@2026.09"],
        weaknesses: ["CWE-94", "CWE-95"],
        owasp: ["LLM05:2025", "ASI05:2026"],
        threats: ["L7.4@2025-02", "L3.3@2025-02"],
        source: "https://genai.owasp.org/llmrisk/llm052025-improper-output-handling/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Source(check) };

/// Calls that run what they are given.
const RUNS: &[&str] = &[
    "Function",
    "builtins.compile",
    "builtins.eval",
    "builtins.exec",
    "child_process.exec",
    "child_process.execSync",
    "child_process.spawn",
    "child_process.spawnSync",
    "compile",
    "eval",
    "exec",
    "os.popen",
    "os.system",
    "subprocess.Popen",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.getoutput",
    "subprocess.run",
    "vm.runInNewContext",
    "vm.runInThisContext",
];

/// Ends of callees that ask a language model.
const ASKS: &[&str] = &[
    "chat.completions.create",
    "chat.completions.parse",
    "completions.create",
    "generate_content",
    "messages.create",
    "messages.stream",
    "responses.create",
    "litellm.completion",
    "ollama.chat",
    "ollama.generate",
    "ChatCompletion.create",
    "ai.generateObject",
    "ai.generateText",
    "ai.streamText",
    "generateContent",
];

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Python(python) => in_python(&subject.with(python), report),
        Facts::Notebook(notebook) => {
            // Cells share their names: they are read as one file, with the lines of their cell.
            let mut whole = Python::default();
            for cell in &notebook.cells {
                let before = whole.functions.len();
                whole.functions.extend(cell.python.functions.iter().cloned());
                whole.calls.extend(cell.python.calls.iter().cloned().map(|mut call| {
                    call.function = call.function.map(|index| index + before);
                    call
                }));
                whole.assignments.extend(cell.python.assignments.iter().cloned().map(|mut assignment| {
                    assignment.function = assignment.function.map(|index| index + before);
                    assignment
                }));
            }
            in_python(&subject.with(&whole), report);
        }
        Facts::Script(script) => {
            // Functions inside one another share what is outside: one scope for all.
            let flat = |function: Option<usize>| function.map(|_| 0);
            let file = Python {
                calls: script
                    .calls
                    .iter()
                    .cloned()
                    .map(|call| Call { function: flat(call.function), ..call })
                    .collect(),
                assignments: script
                    .assignments
                    .iter()
                    .cloned()
                    .map(|assignment| Assignment { function: flat(assignment.function), ..assignment })
                    .collect(),
                ..Python::default()
            };
            in_python(&subject.with(&file), report);
        }
        _ => {}
    }
}

fn in_python(subject: &Subject<'_, Python>, report: &mut Report) {
    let file = subject.facts;
    let written = model_written(file);
    for call in file.calls.iter().filter(|call| RUNS.contains(&call.callee.as_str())) {
        let values = call.arguments.iter().chain(call.keywords.iter().map(|(_, value)| value));
        let tainted = values.into_iter().any(|value| is_tainted(value, call.function, &written));
        if tainted {
            let place = subject.locator.clone().at_line(call.line);
            let evidence =
                Evidence::new(place, call.callee.clone(), format!("{}(<model output>)", call.callee));
            report.find(
                &subject.asset.id,
                format!("`{}` runs what a model wrote", call.callee),
                vec![evidence],
            );
        }
    }
}

/// Names that hold text of a model, with the function they live in, and functions that return it.
#[derive(Default)]
struct Written {
    names: BTreeSet<(Option<usize>, String)>,
    functions: BTreeSet<String>,
}

/// Follows answers through assignments until nothing new is tainted.
fn model_written(file: &Python) -> Written {
    let mut written = Written::default();
    for call in file.calls.iter().filter(|call| asks(&call.callee)) {
        if let Some(name) = &call.assigned_to {
            written.names.insert((call.function, name.clone()));
        }
        // A function that asks a model is taken to hand on the answer.
        if let Some(function) = call.function.and_then(|index| file.functions.get(index)) {
            written.functions.insert(function.name.clone());
        }
    }
    if written.names.is_empty() && written.functions.is_empty() {
        return written;
    }
    for _ in 0..10 {
        let before = written.names.len();
        for assignment in &file.assignments {
            if is_tainted(&assignment.value, assignment.function, &written) {
                written.names.insert((assignment.function, assignment.target.clone()));
            }
        }
        for call in &file.calls {
            let Some(name) = &call.assigned_to else { continue };
            let last = call.callee.rsplit('.').next().unwrap_or(&call.callee);
            if written.functions.contains(last)
                || is_tainted(&Value::Call(call.callee.clone()), call.function, &written)
            {
                written.names.insert((call.function, name.clone()));
            }
        }
        if written.names.len() == before {
            break;
        }
    }
    written
}

fn asks(callee: &str) -> bool {
    ASKS.iter().any(|end| callee.ends_with(end))
}

fn is_tainted(value: &Value, function: Option<usize>, written: &Written) -> bool {
    match value {
        // Parsing a literal does not run it.
        Value::Call(callee) if callee.ends_with("literal_eval") || callee.starts_with("json.") => false,
        Value::Name(path) | Value::Call(path) => {
            let root = path.split(['.', '[', '(']).next().unwrap_or(path);
            asks(path)
                || ASKS.iter().any(|end| path.contains(&format!("{end}()")))
                || written.functions.contains(path.trim_end_matches("()"))
                || written.functions.contains(root)
                || [function, None].into_iter().any(|place| written.names.contains(&(place, root.to_owned())))
        }
        Value::List(items) => items.iter().any(|item| is_tainted(item, function, written)),
        _ => false,
    }
}
