//! `secret-private-key`.

use vauban_domain::{Evidence, rule};

use super::scan::private_keys;
use crate::look::line_of;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A private key lies in a file.
    pub(super) const RULE: "secret-private-key" {
        family: Secret,
        severity: Critical,
        title: "a private key lies in a file",
        why: "whoever can read the file can sign, decrypt or sign in as the key's owner until it is replaced everywhere",
        remedy: "replace the key, take it out of the history, and keep the new one in a key store",
        techniques: ["AML.T0055@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0012@2026.09"],
        weaknesses: ["CWE-321", "CWE-312"],
        owasp: ["LLM02:2025"],
        threats: ["L7.3@2025-02", "X.4@2025-02"],
        source: "https://www.rfc-editor.org/rfc/rfc7468",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Text(check) };

fn check(subject: &Subject<'_, str>, report: &mut Report) {
    for (line, kind) in private_keys(subject.facts) {
        let place = line_of(subject.locator, usize::try_from(line - 1).unwrap_or(0));
        let key = format!("{}:{kind}", subject.locator.path);
        report.find(
            &subject.asset.id,
            format!("a {kind} lies in the open"),
            vec![Evidence::new(place, key, kind)],
        );
    }
}
