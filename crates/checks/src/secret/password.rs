//! `secret-password`.

use vauban_domain::{Evidence, rule};

use super::assignment::{Style, secrets_assigned};
use super::scan::{connection_strings, masked, provider_tokens};
use crate::look::line_of;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A name that says it is secret is given a literal.
    pub(super) const RULE: "secret-password" {
        family: Secret,
        severity: High,
        title: "a password or key is written into code or configuration",
        why: "everyone who can read the file has the password, and it cannot be changed without changing the file",
        remedy: "change it, and read it from a secret store or the environment",
        techniques: ["AML.T0055@2026.09", "AML.T0012@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0012@2026.09"],
        weaknesses: ["CWE-798", "CWE-259"],
        owasp: ["LLM02:2025"],
        threats: ["L7.3@2025-02", "X.4@2025-02"],
        source: "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Text(check) };

fn check(subject: &Subject<'_, str>, report: &mut Report) {
    // Passwords in tests open what the tests made.
    if is_test(&subject.locator.path) {
        return;
    }
    let style = Style::of(&subject.locator.path);
    for (index, line) in subject.facts.lines().enumerate() {
        for (name, value) in secrets_assigned(line, style) {
            // Tokens and addresses have rules of their own.
            if !provider_tokens(line, subject.knowledge).is_empty() || !connection_strings(line).is_empty() {
                continue;
            }
            let place = line_of(subject.locator, index);
            let key = format!("{}:{name}", subject.locator.path);
            let excerpt = format!("{name} = {}", masked(value));
            report.find(
                &subject.asset.id,
                format!("`{name}` is given a literal"),
                vec![Evidence::new(place, key, excerpt)],
            );
        }
    }
}

/// Whether the path says that the file is a test.
fn is_test(path: &str) -> bool {
    path.split('/').any(|part| {
        let part = part.to_lowercase();
        matches!(part.as_str(), "test" | "tests" | "testing" | "testdata" | "conftest.py")
            || part.starts_with("test_")
            || part.contains("_test.")
            || part.contains(".test.")
            || part.contains(".spec.")
    })
}
