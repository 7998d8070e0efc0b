//! `dependency-index-credential`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The password of a registry stands in a file.
    pub(super) const RULE: "dependency-index-credential" {
        family: Dependency,
        severity: High,
        title: "the credential of a package registry stands in a settings file",
        why: "who reads the file can fetch private packages and, where the token may publish, replace them for everybody",
        remedy: "revoke the credential, name an environment variable in the file instead, and give it in the build only",
        techniques: ["AML.T0055@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0012@2026.09"],
        weaknesses: ["CWE-522", "CWE-798"],
        owasp: ["LLM03:2025", "LLM02:2025"],
        threats: ["L3.4@2025-02", "X.4@2025-02"],
        source: "https://docs.npmjs.com/using-private-packages-in-a-ci-cd-workflow",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Packages(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let Facts::Installer(installer) = subject.facts else { return };
    for credential in installer.credentials.iter().filter(|credential| credential.literal) {
        let message = format!("`{}` holds a credential in the open", credential.key);
        let key = format!("{}:{}", subject.locator.path, credential.key);
        let place = subject.locator.clone().at_line(credential.line);
        let shown = format!("{} (value not shown)", credential.key);
        report.find(&subject.asset.id, message, vec![Evidence::new(place, key, shown)]);
    }
}
