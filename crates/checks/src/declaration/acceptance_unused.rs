//! Acceptances of nothing.

use vauban_domain::{Evidence, Finding, rule};

use super::scope::home;
use crate::{Check, Inventory, Look};

rule! {
    /// An acceptance fits no finding.
    pub const RULE: "acceptance-unused" {
        family: Declaration,
        severity: Info,
        title: "acceptance fits no finding",
        why: "what was accepted is repaired or has changed; an acceptance left behind would hide it if it came back",
        remedy: "remove the acceptance",
        techniques: [],
        mitigations: [],
        weaknesses: [],
        owasp: [],
        threats: [],
        source: "https://csrc.nist.gov/pubs/sp/800/39/final",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(|_, _| {}) };

/// Acceptances whose fingerprint no finding has; needs the findings of all other rules.
pub(super) fn unused(inventory: &Inventory<'_>, findings: &[Finding]) -> Vec<Finding> {
    inventory
        .declaration
        .acceptances
        .iter()
        .filter(|accepted| {
            !findings.iter().any(|finding| finding.fingerprint.as_str() == accepted.fingerprint)
        })
        .map(|accepted| {
            let evidence = Evidence::new(
                accepted.locator.clone(),
                accepted.fingerprint.clone(),
                accepted.reason.clone(),
            );
            let message = format!("nothing was found with the fingerprint {}", accepted.fingerprint);
            Finding::new(&RULE, &home(inventory, &accepted.locator), message, vec![evidence])
        })
        .collect()
}
