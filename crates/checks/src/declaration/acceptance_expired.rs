//! Acceptances whose time is over.

use vauban_domain::{Evidence, rule};

use super::scope::home;
use crate::{Check, Estate, Look, Report};

rule! {
    /// An acceptance is over.
    pub const RULE: "acceptance-expired" {
        family: Declaration,
        severity: Low,
        title: "acceptance has expired",
        why: "the owner agreed to live with the finding until a day that has passed; it counts again",
        remedy: "repair it, or decide again with a new date",
        techniques: [],
        mitigations: [],
        weaknesses: [],
        owasp: [],
        threats: [],
        source: "https://csrc.nist.gov/pubs/sp/800/39/final",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    let inventory = estate.inventory;
    for acceptance in &inventory.declaration.acceptances {
        let asset = home(inventory, &acceptance.locator);
        report.looked_at(&asset);
        // The last day counts in full.
        if inventory.now.days_since(acceptance.until) > 0 {
            let evidence = Evidence::new(
                acceptance.locator.clone(),
                acceptance.fingerprint.clone(),
                acceptance.reason.clone(),
            );
            let message =
                format!("the acceptance of {} ended on {}", acceptance.fingerprint, acceptance.until.day());
            report.find(&asset, message, vec![evidence]);
        }
    }
}
