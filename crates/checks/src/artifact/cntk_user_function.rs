//! CNTK models with functions in Python or native libraries.

use vauban_domain::{Evidence, rule};
use vauban_formats::cntk::Cntk;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model runs functions of Python or of a native library.
    pub const RULE: "cntk-user-function" {
        family: Artifact,
        severity: High,
        title: "the model runs functions of Python or of a native library",
        why: "a user function names the module, class or library that makes it: loading imports or opens it",
        remedy: "export the model without user functions, or to ONNX",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-470"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "cntk.Function.load",
        source: "CNTK v2, `Function.cpp` and `cntk/internal/utils.py` (deserialisation of user functions)",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Cntk(check) };

/// Keys under which a user function says where its code is.
const KEYS: &[&str] =
    &["class", "deserialize_method", "factory", "factory_method", "module", "python_module"];

fn check(subject: &Subject<'_, Cntk>, report: &mut Report) {
    let texts = &subject.facts.texts;
    let user = texts
        .iter()
        .find(|(_, value)| value.contains("UserDefinedFunction") || value.contains("UserFunction"));
    let code: Vec<String> = texts
        .iter()
        .filter(|(key, _)| KEYS.contains(&key.as_str()))
        .take(16)
        .map(|(key, value)| format!("{key} = {value:?}"))
        .collect();
    if user.is_none() && code.is_empty() {
        return;
    }
    let kind = user.map_or("user function", |(_, value)| value.as_str());
    let message = format!("`{}`: loading imports or opens code that the file names", kind.escape_debug());
    report.find(
        &subject.asset.id,
        message,
        vec![Evidence::new(subject.locator.clone(), "user-function", code.join("\n"))],
    );
}
