//! Patterns that name nothing.

use vauban_domain::{Evidence, rule};

use super::scope::{home, named};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A pattern of the declaration matches no asset.
    pub const RULE: "declared-nothing-matches" {
        family: Declaration,
        severity: Low,
        title: "declaration names an asset that is not there",
        why: "a system, claim or flow that names nothing protects and explains nothing: most often a file was moved or mistyped",
        remedy: "correct the pattern, or remove it",
        techniques: [],
        mitigations: [],
        weaknesses: [],
        owasp: [],
        threats: [],
        source: "https://csrc.nist.gov/pubs/sp/800/37/r2/final",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    let inventory = estate.inventory;
    let declaration = inventory.declaration;
    let mut patterns: Vec<(String, &str, &vauban_domain::Locator)> = Vec::new();
    for system in &declaration.systems {
        let of = format!("system `{}`", system.name);
        patterns.extend(system.assets.iter().map(|pattern| (of.clone(), pattern.as_str(), &system.locator)));
    }
    for claim in &declaration.claims {
        let of = format!("claim `{}`", claim.control);
        patterns
            .extend(claim.applies_to.iter().map(|pattern| (of.clone(), pattern.as_str(), &claim.locator)));
    }
    for vendor in &declaration.vendors {
        let of = format!("vendor `{}`", vendor.name);
        patterns.extend(vendor.assets.iter().map(|pattern| (of.clone(), pattern.as_str(), &vendor.locator)));
    }
    for flow in &declaration.flows {
        let ends = [&flow.from, &flow.to].into_iter().filter(|end| *end != "outside");
        patterns.extend(ends.map(|end| ("flow".to_owned(), end.as_str(), &flow.locator)));
    }
    for (of, pattern, locator) in patterns {
        let asset = home(inventory, locator);
        report.looked_at(&asset);
        if named(inventory, pattern).is_empty() {
            // The place is where the entry begins; the pattern itself may stand some lines below.
            let place = vauban_domain::Locator::file(&locator.path).at_key(of.clone());
            let evidence = Evidence::new(place, format!("{of}/{pattern}"), pattern);
            report.find(
                &asset,
                format!("`{pattern}` of {of} matches nothing that was found"),
                vec![evidence],
            );
        }
    }
}
