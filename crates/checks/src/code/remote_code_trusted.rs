//! `code-remote-code-trusted`.

use vauban_domain::rule;
use vauban_formats::python::{Python, Value};

use super::call::evidence;
use crate::{Check, Look, Report, Subject};

rule! {
    /// Code lets a model hub bring code along.
    pub(super) const RULE: "code-remote-code-trusted" {
        family: Code,
        severity: High,
        title: "code of a model hub is run on loading",
        why: "trust_remote_code downloads Python from the model's repository and runs it; whoever controls the repository, or takes it over, runs code here",
        remedy: "use a model whose class is in the library, or vendor and review its code and pin the revision",
        techniques: ["AML.T0010.003@2026.09", "AML.T0011.000@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://huggingface.co/docs/transformers/custom_models",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    for call in &subject.facts.calls {
        let asked = call.keyword("trust_remote_code") == Some(&Value::Bool(true));
        let unpacked = matches!(call.keyword("model_kwargs"), Some(kwargs) if
            kwargs.item("trust_remote_code") == Some(&Value::Bool(true)));
        if asked || unpacked {
            let message = format!("`{}` runs whatever code the model's repository holds", call.callee);
            let excerpt = format!("{}(…, trust_remote_code=True)", call.callee);
            report.find(&subject.asset.id, message, evidence(subject, call, excerpt));
        }
    }
}
