//! Acceptances of nothing.

use vauban_domain::{Evidence, Finding, Outcome, Verdict, rule};

use super::scope::home;
use crate::{Check, Inventory, Look, Looks};

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

/// Acceptances that still hold and whose fingerprint no finding has; needs the findings of all other rules. Those that
/// have run out are `acceptance-expired`.
pub(super) fn unused(inventory: &Inventory<'_>, findings: &[Finding]) -> Looks {
    let mut looks = Looks::default();
    for accepted in &inventory.declaration.acceptances {
        let asset = home(inventory, &accepted.locator);
        let found = findings.iter().any(|finding| finding.fingerprint.as_str() == accepted.fingerprint);
        if found || accepted.until < inventory.now {
            looks.outcomes.push(Outcome { rule: RULE.id.clone(), asset, verdict: Verdict::Clean });
            continue;
        }
        let evidence =
            Evidence::new(accepted.locator.clone(), accepted.fingerprint.clone(), accepted.reason.clone());
        let message = format!("nothing was found with the fingerprint {}", accepted.fingerprint);
        looks.found(Finding::new(&RULE, &asset, message, vec![evidence]));
    }
    looks
}
