//! `code-remote-script`.

use vauban_domain::rule;
use vauban_formats::python::{Python, Value};

use super::call::evidence;
use crate::agent::shell::runs_download;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A command in code runs what it downloads.
    pub(super) const RULE: "code-remote-script" {
        family: Code,
        severity: High,
        title: "code runs a downloaded script",
        why: "the script is neither reviewed nor pinned nor verified; whoever controls the server, or the way to it, runs commands with the rights of the job",
        remedy: "download a fixed version, check its digest, then run it; or build it into the image",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-494", "CWE-829"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://cwe.mitre.org/data/definitions/494.html",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

/// Callables that hand a text to a shell, and the keyword it may be given by.
fn shell(callee: &str) -> Option<&'static str> {
    let last = callee.rsplit('.').next().unwrap_or(callee);
    match (callee, last) {
        (
            "os.system"
            | "os.popen"
            | "subprocess.run"
            | "subprocess.call"
            | "subprocess.Popen"
            | "subprocess.check_call"
            | "subprocess.check_output"
            | "subprocess.getoutput",
            _,
        ) => Some("args"),
        (_, "BashOperator") => Some("bash_command"),
        (_, "SSHOperator") => Some("command"),
        (_, "ShellOperation") => Some("commands"),
        _ => None,
    }
}

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    for call in &subject.facts.calls {
        let Some(keyword) = shell(&call.callee) else { continue };
        let Some(value) = call.keyword(keyword).or_else(|| call.arguments.first()) else { continue };
        let command = match value {
            Value::List(words) => words.iter().filter_map(Value::text).collect::<Vec<_>>().join(" "),
            value => value.text().unwrap_or_default().to_owned(),
        };
        if let Some(address) = runs_download(&command) {
            let message = format!("`{}` runs what `{address}` serves", call.callee);
            report.find(
                &subject.asset.id,
                message,
                evidence(subject, call, command.chars().take(120).collect::<String>()),
            );
        }
    }
}
