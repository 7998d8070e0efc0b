//! `code-server-shared`.

use vauban_domain::{Evidence, rule};
use vauban_formats::python::Python;
use vauban_formats::python::serve::serving;

use super::call::place;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A server on this machine is reachable from the internet.
    pub(super) const RULE: "code-server-shared" {
        family: Code,
        severity: Medium,
        title: "a demonstration is opened to the internet through a tunnel",
        why: "the address is public for days and found by scanning: whoever opens it uses the model, and everything the page can do, past the firewall",
        remedy: "leave share out, or pass auth= and take the tunnel down after use; deploy what must be public behind a sign-in",
        techniques: ["AML.T0049@2026.09", "AML.T0040@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-668", "CWE-306"],
        owasp: ["ASI03:2026"],
        threats: ["L4.6@2025-02"],
        source: "https://www.gradio.app/guides/sharing-your-app",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    let Some(serving) = serving(subject.facts) else { return };
    let Some((line, call)) = serving.shared.filter(|_| !serving.signs_in) else { return };
    let key = format!("{}:{call}", subject.locator.path);
    let evidence = Evidence::new(place(subject, line), key, call.clone());
    report.find(
        &subject.asset.id,
        format!("`{call}` gives it a public address without a sign-in"),
        vec![evidence],
    );
}
