//! Claims that nobody has renewed.

use vauban_domain::{Evidence, rule};

use super::scope::home;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A claim is older than twice the half-life of evidence.
    pub const RULE: "claim-stale" {
        family: Declaration,
        severity: Low,
        title: "claim is stale",
        why: "a control that was in place then may be gone now; coverage that stands on an old word is not coverage",
        remedy: "look, then write the new date; or remove the claim",
        techniques: [],
        mitigations: [],
        weaknesses: [],
        owasp: [],
        threats: [],
        source: "https://csrc.nist.gov/pubs/sp/800/137/final",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    let inventory = estate.inventory;
    let most = 2 * i64::from(inventory.declaration.cadence.half_life_days);
    for claim in &inventory.declaration.claims {
        let asset = home(inventory, &claim.locator);
        report.looked_at(&asset);
        let days = inventory.now.days_since(claim.date);
        if days > most {
            let key = format!("{}/{}", claim.control, claim.applies_to.join(","));
            let mut evidence = Evidence::new(claim.locator.clone(), key, claim.statement.clone());
            evidence.observed_at = Some(claim.date);
            let message = format!("the claim `{}` was last said to be true {days} days ago", claim.control);
            report.find(&asset, message, vec![evidence]);
        }
    }
}
