//! `code-tls-verification-off`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::python::{Call, Python, Value};
use vauban_formats::script::Script;

use super::call::{evidence, place};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Certificates are not checked.
    pub(super) const RULE: "code-tls-verification-off" {
        family: Code,
        severity: High,
        title: "certificates of servers are not checked",
        why: "anyone on the way can answer in the server's name: models, data and keys can be read and replaced",
        remedy: "leave verification on; for an internal authority pass its certificate, verify=\"/path/ca.pem\"",
        techniques: ["AML.T0010@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-295"],
        owasp: ["LLM02:2025"],
        threats: ["L4.6@2025-02"],
        source: "https://docs.python.org/3/library/ssl.html#ssl-security",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Source(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Python(python) => in_python(&subject.with(python), report),
        Facts::Notebook(notebook) => {
            for cell in &notebook.cells {
                let locator = subject.locator.clone().at_key(format!("cells[{}]", cell.index));
                in_python(&subject.with(&cell.python).at(&locator), report);
            }
        }
        Facts::Script(script) => in_script(&subject.with(script), report),
        _ => {}
    }
}

/// `rejectUnauthorized: false`, and the variable that does it for the whole process.
fn in_script(subject: &Subject<'_, Script>, report: &mut Report) {
    let off = |value: &Value| value.item("rejectUnauthorized") == Some(&Value::Bool(false));
    for call in subject.facts.calls.iter().filter(|call| call.arguments.iter().any(off)) {
        let key = format!("{}:{}", subject.locator.path, call.callee);
        let place = subject.locator.clone().at_line(call.line);
        let evidence = Evidence::new(place, key, format!("{}({{ rejectUnauthorized: false }})", call.callee));
        report.find(&subject.asset.id, format!("`{}` accepts any certificate", call.callee), vec![evidence]);
    }
    for assignment in &subject.facts.assignments {
        let zero = matches!(&assignment.value, Value::Text(text) if text == "0")
            || assignment.value == Value::Integer(0);
        if assignment.target.ends_with("NODE_TLS_REJECT_UNAUTHORIZED") && zero {
            let key = format!("{}:{}", subject.locator.path, assignment.target);
            let place = subject.locator.clone().at_line(assignment.line);
            let evidence = Evidence::new(place, key, format!("{} = 0", assignment.target));
            let message = "every certificate is accepted in the whole process";
            report.find(&subject.asset.id, message, vec![evidence]);
        }
    }
}

fn in_python(subject: &Subject<'_, Python>, report: &mut Report) {
    for call in &subject.facts.calls {
        if let Some(excerpt) = turned_off(call) {
            let message = format!("`{}` accepts any certificate", call.callee);
            report.find(&subject.asset.id, message, evidence(subject, call, excerpt));
        }
    }
    for assignment in &subject.facts.assignments {
        let target = assignment.target.as_str();
        let off = match &assignment.value {
            Value::Name(name) => {
                (target.ends_with(".verify_mode") && name.ends_with("ssl.CERT_NONE"))
                    || name == "ssl._create_unverified_context"
            }
            Value::Bool(false) => target.ends_with(".check_hostname") || target.ends_with("session.verify"),
            Value::Text(text) => text == "0" && target.ends_with("[\"PYTHONHTTPSVERIFY\"]"),
            _ => false,
        };
        if off {
            let key = format!("{}:{target}", subject.locator.path);
            let seen = vec![Evidence::new(place(subject, assignment.line), key, target)];
            report.find(
                &subject.asset.id,
                format!("`{target}` is set so that any certificate is accepted"),
                seen,
            );
        }
    }
}

/// What in a call switches verification off.
fn turned_off(call: &Call) -> Option<String> {
    if call.callee == "ssl._create_unverified_context" {
        return Some(call.callee.clone());
    }
    // `jwt.decode(verify=False)` is about signatures.
    if call.callee.starts_with("jwt.") {
        return None;
    }
    ["verify", "verify_ssl", "verify_certs", "ssl_verify"]
        .into_iter()
        .find(|name| call.keyword(name) == Some(&Value::Bool(false)))
        .map(|name| format!("{}(…, {name}=False)", call.callee))
}
