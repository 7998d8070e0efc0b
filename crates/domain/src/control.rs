//! The plan: which controls, in which order.

use crate::{AssetId, CostOfDelay, Fingerprint, ReturnOnControl};

/// One control to put in place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanStep {
    /// One-based rank.
    pub rank: u32,
    /// Control id of the knowledge base.
    pub control: String,
    /// Its name.
    pub name: String,
    /// Assets it acts on.
    pub assets: Vec<AssetId>,
    /// First-year cost in the review's currency.
    pub cost: f64,
    /// Expected yearly loss it removes, given the steps before it.
    pub risk_removed: f64,
    /// Expected yearly loss left after it.
    pub risk_left: f64,
    /// ATLAS mitigations it puts into effect.
    pub mitigations: Vec<String>,
    /// Playbook to follow.
    pub playbook: String,
    /// Threat instances it touches, by id.
    pub threats: Vec<String>,
    /// Rules that must fall silent when it works.
    pub silences: Vec<String>,
    /// Findings that it closes.
    pub findings: Vec<Fingerprint>,
    /// What it gives back in its first year; `None` when no loss is declared or nothing was drawn.
    pub return_on_control: Option<ReturnOnControl>,
    /// What waiting with this step costs, given the steps before it; `None` as above.
    pub cost_of_delay: Option<CostOfDelay>,
    /// Inputs in words, assumptions marked as such.
    pub basis: Vec<String>,
}

/// Controls in the order to take them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Most risk removed per cost first.
    pub steps: Vec<PlanStep>,
    /// Rules with findings that no control of the knowledge base silences.
    pub unaddressed: Vec<String>,
}
