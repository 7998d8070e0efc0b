//! Images whose layers come from elsewhere than the registry.

use vauban_domain::{Evidence, rule};
use vauban_formats::oci::Oci;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A layer of the image is fetched from somewhere else.
    pub const RULE: "oci-foreign-layer" {
        family: Artifact,
        severity: Medium,
        title: "a layer of the image is fetched from somewhere else",
        why: "whoever pulls the image asks another server for part of it, with the credentials of the registry in older clients",
        remedy: "pull the image from a registry that holds all of its layers; do not follow the address",
        techniques: ["AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-829", "CWE-918"],
        owasp: ["LLM03:2025"],
        threats: ["L3.4@2025-02"],
        effect: NetworkAccess,
        when: Load,
        loaders: "containerd before 1.2.14 with credentials (CVE-2020-15157); Docker and ORAS where foreign layers are allowed",
        source: "OCI Image Format Specification 1.1, section \"Descriptors\"; CVE-2020-15157",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Oci(check) };

/// Hosts that serve the base layers of Windows, which may not be redistributed.
const KNOWN: &[&str] = &["https://mcr.microsoft.com/", "https://go.microsoft.com/"];

fn check(subject: &Subject<'_, Oci>, report: &mut Report) {
    for blob in &subject.facts.blobs {
        for url in blob.urls.iter().filter(|url| !KNOWN.iter().any(|known| url.starts_with(known))) {
            let message =
                format!("layer `{}` is fetched from `{}`", blob.name.escape_debug(), url.escape_debug());
            let evidence = Evidence::new(subject.locator.clone(), url.clone(), url.clone());
            report.find(&subject.asset.id, message, vec![evidence]);
        }
    }
}
