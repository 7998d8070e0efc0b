//! `code-remote-code-trusted`.

use vauban_domain::rule;
use vauban_formats::python::fetch::{Fetched, Hub, fetched};
use vauban_formats::python::{Call, Python, Value};

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
        if let Some(fetched) = hub_code(call, subject.facts) {
            let message =
                format!("`torch.hub.load` runs hubconf.py of `{}` at whatever commit it is", fetched.name);
            let excerpt = format!("torch.hub.load(\"{}\")", fetched.name);
            report.find(&subject.asset.id, message, evidence(subject, call, excerpt));
        }
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

/// A repository whose code `torch.hub` runs, unless a full commit fixes which.
fn hub_code(call: &Call, python: &Python) -> Option<Fetched> {
    let found = fetched(call, python).filter(|found| found.hub == Hub::TorchHub)?;
    let fixed = found.version().is_some_and(|revision| {
        revision.len() >= 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    (!fixed).then_some(found)
}
