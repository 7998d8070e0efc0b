//! Frameworks that run what a model writes on the machine itself.

use vauban_domain::{Evidence, rule};
use vauban_formats::python::{Call, Python, Value};

use crate::{Check, Look, Report, Subject};

rule! {
    /// An agent runs code of a model without a sandbox.
    pub const RULE: "agent-code-unsandboxed" {
        family: Agent,
        severity: High,
        title: "agent may run code or commands without a sandbox",
        why: "whoever can make the model write something, by a question or by a text it reads, runs code with the rights of the process",
        remedy: "use the framework's container or remote executor, or tools that do one thing; allow only the imports that are needed",
        techniques: ["AML.T0050@2026.09", "AML.T0053@2026.09"],
        mitigations: ["AML.M0028@2026.09", "AML.M0033@2026.09"],
        weaknesses: ["CWE-94", "CWE-78"],
        owasp: ["LLM06:2025", "ASI05:2026"],
        threats: ["L7.4@2025-02", "L3.3@2025-02"],
        source: "https://huggingface.co/docs/smolagents/tutorials/secure_code_execution",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

/// Tools and executors that run on the machine itself, by the end of their name, and a part of their module.
const RUNNERS: &[(&str, &str)] = &[
    ("LocalCommandLineCodeExecutor", "autogen"),
    ("PALChain.from_math_prompt", "langchain"),
    ("PythonAstREPLTool", "langchain"),
    ("PythonREPLTool", "langchain"),
    ("ShellTool", "langchain"),
    ("create_python_agent", "langchain"),
];

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    for call in &subject.facts.calls {
        let Some(why) = unsandboxed(call) else { continue };
        let function = call.function.and_then(|index| subject.facts.functions.get(index));
        let inside = function.map_or("", |function| function.name.as_str());
        let key = format!("{}:{}:{inside}", subject.locator.path, call.callee);
        let place = subject.locator.clone().at_line(call.line);
        let message = format!("`{}` {why}", call.callee);
        report.find(&subject.asset.id, message, vec![Evidence::new(place, key, call.callee.clone())]);
    }
}

fn unsandboxed(call: &Call) -> Option<&'static str> {
    let on = |name: &str| call.keyword(name) == Some(&Value::Bool(true));
    if on("allow_dangerous_code") {
        return Some("is allowed to run code that a model writes");
    }
    if on("unsafe_mode") && call.name() == "CodeInterpreterTool" {
        return Some("runs what a model writes outside of its container");
    }
    if on("allow_dangerous_requests") {
        return Some("is allowed to send any request that a model writes");
    }
    if RUNNERS.iter().any(|(end, module)| call.callee.ends_with(end) && call.callee.contains(module)) {
        return Some("runs what a model writes on this machine");
    }
    if call.callee.contains("smolagents") && call.name() == "CodeAgent" {
        let imports = call.keyword("additional_authorized_imports");
        let any = matches!(imports, Some(Value::List(names)) if names.iter().any(|name| name.literal() == Some("*")));
        return any.then_some("lets the model's code import anything");
    }
    let docker = call.keyword("code_execution_config").and_then(|config| config.item("use_docker"));
    if docker == Some(&Value::Bool(false)) {
        return Some("runs the model's code outside of Docker");
    }
    (call.keyword("code_execution_mode").and_then(Value::literal) == Some("unsafe"))
        .then_some("runs the model's code on this machine")
}
