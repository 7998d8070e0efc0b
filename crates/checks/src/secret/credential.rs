//! `secret-credential`.

use vauban_domain::{Evidence, rule};

use super::scan::provider_tokens;
use crate::look::line_of;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A token that a provider issued.
    pub(super) const RULE: "secret-credential" {
        family: Secret,
        severity: High,
        title: "a token of a known provider stands in a file",
        why: "whoever can read the file, its history or an image built from it can act with the token's rights",
        remedy: "revoke the token, take it out of the history, and read it from a secret store or the environment",
        techniques: ["AML.T0055@2026.09", "AML.T0012@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0012@2026.09"],
        weaknesses: ["CWE-798", "CWE-312"],
        owasp: ["LLM02:2025"],
        threats: ["L7.3@2025-02", "X.4@2025-02"],
        source: "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Text(check) };

fn check(subject: &Subject<'_, str>, report: &mut Report) {
    for (index, line) in subject.facts.lines().enumerate() {
        for hit in provider_tokens(line, subject.knowledge) {
            let place = line_of(subject.locator, index);
            let key = format!("{}:{}", subject.locator.path, hit.id);
            report.find(
                &subject.asset.id,
                format!("a {} stands in the open", hit.what),
                vec![Evidence::new(place, key, hit.excerpt)],
            );
        }
    }
}
