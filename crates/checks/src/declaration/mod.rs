//! What `vauban.toml` says against what is there.

pub mod acceptance_expired;
pub mod acceptance_unused;
pub mod claim_contradicted;
pub mod claim_stale;
pub mod declared_nothing_matches;
pub mod exposure_contradicted;
pub mod flow_contradicted;
mod scope;
pub mod threat_model_component_not_found;
pub mod threat_model_incomplete;
pub mod vendor_unassessed;

use vauban_domain::Finding;
use vauban_knowledge::Knowledge;

use crate::{Check, Inventory, Looks};

/// The checks of this family, by rule.
pub const CHECKS: &[Check] = &[
    acceptance_expired::CHECK,
    acceptance_unused::CHECK,
    claim_contradicted::CHECK,
    claim_stale::CHECK,
    declared_nothing_matches::CHECK,
    exposure_contradicted::CHECK,
    flow_contradicted::CHECK,
    threat_model_component_not_found::CHECK,
    threat_model_incomplete::CHECK,
    vendor_unassessed::CHECK,
];

/// What the findings of all other rules say about the declaration: claims and flows that they contradict, and acceptances
/// that fit none of them. Called after every other rule; the looks are in the order in which they are to be merged.
pub fn contradictions(inventory: &Inventory<'_>, findings: &[Finding], knowledge: &Knowledge) -> Looks {
    let mut looks = claim_contradicted::contradicted(inventory, findings, knowledge);
    looks.extend(flow_contradicted::contradicted(inventory, findings));
    looks.extend(acceptance_unused::unused(inventory, findings));
    looks
}
