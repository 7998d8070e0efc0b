//! `secret-connection-string`.

use vauban_domain::{Evidence, rule};

use super::scan::connection_strings;
use crate::look::line_of;
use crate::{Check, Look, Report, Subject};

rule! {
    /// An address carries a password.
    pub(super) const RULE: "secret-connection-string" {
        family: Secret,
        severity: High,
        title: "an address with user and password stands in a file",
        why: "the address alone opens the database or service; it also ends up in logs and error messages",
        remedy: "change the password, keep it in a secret store, and put the address together at run time",
        techniques: ["AML.T0055@2026.09", "AML.T0012@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0012@2026.09"],
        weaknesses: ["CWE-798", "CWE-312"],
        owasp: ["LLM02:2025"],
        threats: ["L2.2@2025-02", "X.4@2025-02"],
        source: "https://www.rfc-editor.org/rfc/rfc3986#section-7.5",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Text(check) };

fn check(subject: &Subject<'_, str>, report: &mut Report) {
    for (index, line) in subject.facts.lines().enumerate() {
        for hit in connection_strings(line) {
            let place = line_of(subject.locator, index);
            let key = format!("{}:{}", subject.locator.path, hit.id);
            let message = format!("the {} stands in an address", hit.what);
            report.find(&subject.asset.id, message, vec![Evidence::new(place, key, hit.excerpt)]);
        }
    }
}
