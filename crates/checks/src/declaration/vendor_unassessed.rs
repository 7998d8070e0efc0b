//! Third parties that nobody has looked at.

use vauban_domain::{Evidence, rule};

use super::scope::home;
use crate::{Check, Estate, Look, Report};

rule! {
    /// A third party was not assessed within a year.
    pub const RULE: "vendor-unassessed" {
        family: Declaration,
        severity: Low,
        title: "third party is not assessed",
        why: "assets hang on somebody whose security nobody has looked at, or not for long",
        remedy: "assess the third party and write down the date",
        techniques: ["AML.T0010@2026.09"],
        mitigations: [],
        weaknesses: [],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["X.1@2025-02"],
        source: "https://csrc.nist.gov/pubs/sp/800/161/r1/upd1/final",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    let inventory = estate.inventory;
    for vendor in inventory.declaration.vendors.iter().filter(|vendor| !vendor.assets.is_empty()) {
        let own = vauban_domain::AssetId::new(
            vauban_domain::AssetKind::Infrastructure,
            &format!("vendor/{}", vendor.name),
        );
        let asset = if inventory.asset(&own).is_some() { own } else { home(inventory, &vendor.locator) };
        report.looked_at(&asset);
        let message = match vendor.assessed {
            None => format!("`{}` was never assessed", vendor.name),
            Some(date) if inventory.now.days_since(date) > 365 => {
                format!("`{}` was last assessed {} days ago", vendor.name, inventory.now.days_since(date))
            }
            Some(_) => continue,
        };
        let evidence = Evidence::new(vendor.locator.clone(), vendor.name.clone(), vendor.supplies.clone());
        report.find(&asset, message, vec![evidence]);
    }
}
