//! PaddlePaddle programs that call Python.

use vauban_domain::{Evidence, rule};
use vauban_formats::paddle::Paddle;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The program calls Python or another program.
    pub const RULE: "paddle-code-execution" {
        family: Artifact,
        severity: High,
        title: "the program calls Python or another program",
        why: "an operator runs Python functions of the process or a program that it carries, outside of the graph",
        remedy: "do not run it; ask for a model exported without Python operators",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-94", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "paddle.static.load_inference_model, paddle.jit.load",
        source: "python/paddle/static/nn/common.py, py_func",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Paddle(check) };

/// Operators and what they do.
const OPERATORS: &[(&str, &str)] = &[
    ("custom_py_layer", "calls a layer written in Python"),
    ("py_func", "calls a Python function of the process"),
    ("py_layer", "calls a layer written in Python"),
    ("run_program", "runs another program inside this one"),
];

fn check(subject: &Subject<'_, Paddle>, report: &mut Report) {
    for operator in &subject.facts.operators {
        let Some((_, what)) = OPERATORS.iter().find(|(name, _)| *name == operator.name) else { continue };
        let texts: Vec<String> =
            operator.texts.iter().take(4).map(|(key, text)| format!("{key} = {text:?}")).collect();
        let shown = texts.join(", ").chars().take(300).collect::<String>();
        let message = format!("`{}` {what} ({shown})", operator.name);
        let evidence = Evidence::new(
            subject.locator.clone(),
            operator.name.clone(),
            format!("{}({shown})", operator.name),
        );
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
