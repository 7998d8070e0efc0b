//! `store-remote-without-tls`.

use vauban_domain::{Evidence, rule};
use vauban_formats::{Facts, dvc};

use crate::{Check, Look, Report, Subject};

rule! {
    /// Data and models are fetched over a connection that anybody on the way can change.
    pub(super) const RULE: "store-remote-without-tls" {
        family: Provenance,
        severity: Medium,
        title: "a store of models and data is reached without TLS, or without looking at its certificate",
        why: "whoever is on the way can read what is pushed and replace what is pulled; digests help only those whose metadata came by another way",
        remedy: "use the store's address with https, and trust its certificate authority instead of switching the check off",
        techniques: ["AML.T0010.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-319", "CWE-295"],
        owasp: ["LLM03:2025"],
        threats: ["L2.4@2025-02"],
        source: "https://dvc.org/doc/command-reference/remote/modify",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Any(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let Facts::Text(text) = subject.facts else { return };
    let path = subject.locator.path.as_str();
    if !(path.ends_with(".dvc/config") || path.ends_with(".dvc/config.local")) {
        return;
    }
    for remote in dvc::config::remotes(&text.text) {
        let plain = remote.url.strip_prefix("http://").or(remote.url.strip_prefix("webdav://"));
        let host = plain.map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
        let local = host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[" | ""));
        let what = match host {
            Some(_) if !local => "is reached without TLS",
            _ if remote.unchecked => "is reached without looking at its certificate",
            _ => continue,
        };
        let message = format!("the remote `{}` {what}", remote.name);
        let place = subject.locator.clone().at_line(remote.line.max(1));
        // An address may hold a password.
        let shown = remote.url.rsplit_once('@').map_or(remote.url.as_str(), |(_, place)| place);
        report.find(&subject.asset.id, message, vec![Evidence::new(place, remote.name.clone(), shown)]);
    }
}
