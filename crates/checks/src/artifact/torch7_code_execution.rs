//! Torch7 files with Lua functions in them.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::torch7::Torch7;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The file carries Lua functions.
    pub const RULE: "torch7-code-execution" {
        family: Artifact,
        severity: High,
        title: "the file carries Lua functions",
        why: "torch.load hands serialised functions to Lua's loader, which checks no byte code: they run with the model, and crafted ones corrupt memory before",
        remedy: "do not load it; convert the weights with a reader of tensors that skips functions, or get them in another format",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "torch.load of Torch7",
        source: "torch7 `File.lua`, readObject; Lua 5.1 manual, `load`",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Torch7(check) };

/// Pieces of text that are Lua code which starts programs or loads more code.
const TELLING: &[&str] = &[
    "dofile(",
    "ffi.C.",
    "ffi.load",
    "io.open(",
    "io.popen",
    "load(",
    "loadfile(",
    "loadstring(",
    "os.execute",
    "os.remove",
    "package.loadlib",
];

fn check(subject: &Subject<'_, Torch7>, report: &mut Report) {
    for function in subject.facts.functions.iter().take(16) {
        let words: Vec<&str> = function.words.iter().map(String::as_str).take(24).collect();
        let message =
            format!("a function of {} bytes of {} is loaded with the object", function.length, function.kind);
        let locator = subject.locator.clone().at_offset(function.offset);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, "function", words.join(" "))]);
    }
    for text in &subject.facts.texts {
        if let Some(piece) = TELLING.iter().find(|piece| text.contains(**piece)) {
            let shown: String = text.chars().take(200).collect();
            let message = format!("a text in the file is Lua code with `{piece}`");
            let evidence = Evidence::new(subject.locator.clone(), *piece, shown);
            report.find_as(Severity::Medium, &subject.asset.id, message, vec![evidence]);
        }
    }
}
