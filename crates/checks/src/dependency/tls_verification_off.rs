//! `dependency-tls-verification-off`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use super::place::{is_local, without_credentials};
use crate::{Check, Look, Report, Subject};

rule! {
    /// An installer takes any certificate.
    pub(super) const RULE: "dependency-tls-verification-off" {
        family: Dependency,
        severity: High,
        title: "an installer does not verify the certificate of an index",
        why: "encryption without a verified other end lets anyone on the way answer with other code",
        remedy: "remove the setting and give the installer the certificate authority instead (cert, cafile, SSL_CERT_FILE)",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-295", "CWE-494"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Packages(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let unverified = match subject.facts {
        Facts::Requirements(file) => &file.trusted_hosts,
        Facts::Manifest(manifest) => &manifest.unverified,
        Facts::Installer(installer) => &installer.unverified,
        _ => return,
    };
    for (what, line) in unverified {
        let name = what.rsplit_once(':').map_or(what.as_str(), |(name, _)| name);
        if is_local(name) || is_local(what) {
            continue;
        }
        let shown = without_credentials(what);
        let message = format!("certificates are not verified (`{shown}`)");
        let key = format!("{}:{shown}", subject.locator.path);
        let place = subject.locator.clone().at_line(*line);
        report.find(&subject.asset.id, message, vec![Evidence::new(place, key, shown)]);
    }
}
