//! Which controls, in which order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::{CostOfDelay, Interval};

/// Controls in the order to take them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Most risk removed per cost first.
    pub steps: Vec<PlanStep>,
    /// Ids of rules with findings that no control of the knowledge base silences.
    #[serde(default)]
    pub unaddressed: Vec<String>,
}

/// One control to put in place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanStep {
    /// One-based rank.
    pub rank: u32,
    /// Control id of the knowledge base.
    pub control: String,
    /// Its name.
    pub name: String,
    /// Ids of the assets it acts on.
    pub assets: Vec<String>,
    /// First-year cost, in `risk.currency`.
    pub cost: f64,
    /// Expected yearly loss it removes, given the steps before it.
    pub risk_removed: f64,
    /// Expected yearly loss left after it.
    pub risk_left: f64,
    /// ATLAS mitigations it puts into effect.
    pub mitigations: Vec<String>,
    /// Playbook to follow.
    pub playbook: String,
    /// Ids of the threat instances it touches.
    #[serde(default)]
    pub threats: Vec<String>,
    /// Ids of the rules that must fall silent when it works.
    #[serde(default)]
    pub silences: Vec<String>,
    /// Fingerprints of the findings that it closes.
    #[serde(default)]
    pub findings: Vec<String>,
    /// What it gives back in its first year; absent when no loss is declared or nothing was simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_on_control: Option<ReturnOnControl>,
    /// What waiting with this step costs, given the steps before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_of_delay: Option<CostOfDelay>,
    /// Inputs in words, assumptions marked as such.
    #[serde(default)]
    pub basis: Vec<String>,
}

/// What a control gives back in its first year.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnOnControl {
    /// Mean of the loss it removes less its cost.
    pub net_benefit: f64,
    /// 90 % interval of the loss it removes less its cost over simulated years: luck and uncertain inputs.
    pub range: Interval,
    /// Share of simulated years in which it removes more than it costs.
    pub probability: f64,
    /// 90 % interval of the expected loss it removes less its cost: uncertain inputs without luck.
    pub expected_range: Interval,
    /// Share of the draws of all inputs under which the expected loss it removes is more than its cost.
    pub expected_probability: f64,
    /// Draws of all inputs.
    pub draws: u32,
    /// Simulated years, all draws together.
    pub years: u64,
}

impl From<&domain::ReturnOnControl> for ReturnOnControl {
    fn from(value: &domain::ReturnOnControl) -> Self {
        Self {
            net_benefit: value.net_benefit,
            range: value.range.into(),
            probability: value.probability,
            expected_range: value.expected_range.into(),
            expected_probability: value.expected_probability,
            draws: value.draws,
            years: value.years,
        }
    }
}

impl From<&domain::Plan> for Plan {
    fn from(plan: &domain::Plan) -> Self {
        Self { steps: plan.steps.iter().map(PlanStep::from).collect(), unaddressed: plan.unaddressed.clone() }
    }
}

impl From<&domain::PlanStep> for PlanStep {
    fn from(step: &domain::PlanStep) -> Self {
        Self {
            rank: step.rank,
            control: step.control.clone(),
            name: step.name.clone(),
            assets: step.assets.iter().map(ToString::to_string).collect(),
            cost: step.cost,
            risk_removed: step.risk_removed,
            risk_left: step.risk_left,
            mitigations: step.mitigations.clone(),
            playbook: step.playbook.clone(),
            threats: step.threats.clone(),
            silences: step.silences.clone(),
            findings: step.findings.iter().map(ToString::to_string).collect(),
            return_on_control: step.return_on_control.as_ref().map(ReturnOnControl::from),
            cost_of_delay: step.cost_of_delay.as_ref().map(CostOfDelay::from),
            basis: step.basis.clone(),
        }
    }
}
