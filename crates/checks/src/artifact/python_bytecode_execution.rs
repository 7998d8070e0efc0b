//! Compiled Python code in a file that is able to start programs or run other code.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use super::bytecode::Able;
use super::python_bytecode::carried;
use crate::{Check, Look, Report, Subject};

rule! {
    /// Compiled Python code in the file starts programs, runs other code or reaches the interpreter.
    pub const RULE: "python-bytecode-execution" {
        family: Artifact,
        severity: High,
        title: "compiled Python code in the file starts programs, runs other code or reaches the interpreter",
        why: "a function inside a model file runs with the rights of whoever uses the model, and this one uses what no calculation needs",
        remedy: "do not load or use it; ask the publisher for weights without code",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-502", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "cloudpickle, dill, keras Lambda layers, import of a .pyc",
        source: "CPython documentation of `marshal` and of code objects",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Artifact(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    for code in carried(subject) {
        let Some((Able::Harm, names)) = &code.able else { continue };
        let message = format!("code in the file uses {}", names.join(", ").escape_debug());
        let locator = subject.locator.clone().at_offset(code.offset);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, names.join(" "), code.excerpt)]);
    }
}
