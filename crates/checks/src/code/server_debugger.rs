//! `code-server-debugger`.

use vauban_domain::{Severity, rule};
use vauban_formats::python::Python;
use vauban_formats::python::serve::serving;

use super::call::place;
use crate::{Check, Look, Report, Subject};
use vauban_domain::Evidence;

rule! {
    /// A server is started with a debugger that runs code.
    pub(super) const RULE: "code-server-debugger" {
        family: Code,
        severity: Medium,
        title: "server runs with an interactive debugger",
        why: "on the first error Flask's debugger shows source and variables and runs whatever is typed into the page, guarded by a number at most",
        remedy: "leave debug out and start the application with a production server such as gunicorn or waitress",
        techniques: ["AML.T0049@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-489"],
        owasp: ["ASI05:2026"],
        threats: ["L4.2@2025-02"],
        source: "https://flask.palletsprojects.com/en/stable/debugging/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    let Some(serving) = serving(subject.facts) else { return };
    let Some(line) = serving.debugger else { return };
    let open = serving.host.as_deref().is_some_and(|host| matches!(host, "0.0.0.0" | "::"));
    let (severity, who) = if open {
        (Severity::High, "everyone who reaches the machine")
    } else {
        (Severity::Medium, "whoever reaches the port")
    };
    let key = format!("{}:debug", subject.locator.path);
    let evidence = Evidence::new(place(subject, line), key, "run(…, debug=True)");
    report.find_as(
        severity,
        &subject.asset.id,
        format!("{who} can run code through the debugger"),
        vec![evidence],
    );
}
