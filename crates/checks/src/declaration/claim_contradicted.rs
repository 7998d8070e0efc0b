//! Claims that findings speak against.

use vauban_domain::{Evidence, Finding, Outcome, Verdict, rule};
use vauban_knowledge::Knowledge;

use super::scope::named;
use crate::{Check, Inventory, Look, Looks};

rule! {
    /// Findings speak against a claimed control.
    pub const RULE: "claim-contradicted" {
        family: Declaration,
        severity: High,
        title: "claim is contradicted by findings",
        why: "people rely on a control that is not there, or not everywhere: the risk is judged lower than it is",
        remedy: "put the control in place where the findings are, or take the claim back",
        techniques: [],
        mitigations: [],
        weaknesses: [],
        owasp: [],
        threats: [],
        source: "https://csrc.nist.gov/pubs/sp/800/53/a/r5/final",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(|_, _| {}) };

/// Claims whose control would have kept findings away on the assets it is claimed for, one finding per claim.
///
/// Only findings of passive checks count: what an attack measured on the bare model says nothing about a control in
/// front of it; that is what exercises are for. Needs the findings of all other rules, so the engine calls it after
/// them; the check itself finds nothing.
pub(super) fn contradicted(inventory: &Inventory<'_>, findings: &[Finding], knowledge: &Knowledge) -> Looks {
    let mut looks = Looks::default();
    for claim in &inventory.declaration.claims {
        let Some(control) = knowledge.control(&claim.control) else { continue };
        let mut assets: Vec<_> =
            claim.applies_to.iter().flat_map(|pattern| named(inventory, pattern)).collect();
        if claim.applies_to.is_empty() {
            assets = inventory.assets.iter().map(|asset| &asset.id).collect();
        }
        looks.outcomes.extend(assets.iter().map(|asset| Outcome {
            rule: RULE.id.clone(),
            asset: (*asset).clone(),
            verdict: Verdict::Clean,
        }));
        let against: Vec<&Finding> = findings
            .iter()
            .filter(|finding| control.silences.iter().any(|rule| *rule == finding.rule))
            .filter(|finding| crate::all().any(|check| check.rule.id == finding.rule))
            .filter(|finding| assets.contains(&&finding.asset))
            .collect();
        let Some(first) = against.first() else { continue };
        let key = format!("{}/{}", claim.control, claim.applies_to.join(","));
        let mut evidence = vec![Evidence::new(claim.locator.clone(), key.clone(), claim.statement.clone())];
        // One key for all: the claim stays the same finding while those against it come and go.
        evidence.extend(against.iter().take(10).filter_map(|finding| {
            let seen = finding.evidence.first()?;
            Some(Evidence::new(seen.locator.clone(), key.clone(), finding.message.clone()))
        }));
        let message = format!("`{}` is claimed, and {} findings say otherwise", claim.control, against.len());
        looks.found(Finding::new(&RULE, &first.asset, message, evidence));
    }
    looks
}
