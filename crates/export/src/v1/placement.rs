//! Where controls do most: the answers to three questions, each with how near to the best it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

/// Answers about where to place controls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// The cheapest controls that stand on every way from attackers to crown jewels; absent when there is no such way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Cut>,
    /// The cheapest controls that touch every threat; absent when there is no threat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<Cover>,
    /// What each budget buys; absent when no loss is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetPlan>,
    /// Controls that fall together.
    pub shared_failures: Vec<SharedFailure>,
}

/// A control at an asset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlacedControl {
    /// Control id of the knowledge base.
    pub control: String,
    /// Its name.
    pub name: String,
    /// Assets it is placed on.
    pub assets: Vec<String>,
    /// First-year cost in the review's currency; the middle of its range.
    pub cost: f64,
    /// Who has to put it in place: the control's owner, else the system's; empty when nobody is named.
    pub owner: String,
    /// Vendor that runs it; empty for nobody.
    pub vendor: String,
}

/// The cheapest cut between attackers and crown jewels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cut {
    /// Where attackers come in.
    pub entries: Vec<String>,
    /// What is to be kept from them.
    pub jewels: Vec<String>,
    /// The controls.
    pub controls: Vec<PlacedControl>,
    /// Cost of them all.
    pub cost: f64,
    /// No cut is cheaper than this; equal to `cost` when the answer is exact.
    pub lower_bound: f64,
    /// Ways that no control of the library stands on, as asset ids in order.
    pub open_ways: Vec<Vec<String>>,
    /// Inputs in words, assumptions marked as such.
    pub basis: Vec<String>,
}

/// The cheapest set of controls that touches every threat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cover {
    /// The controls.
    pub controls: Vec<PlacedControl>,
    /// Threat instances that they touch.
    pub threats: u32,
    /// Threat instances that a control in place touches already.
    pub held: u32,
    /// Threat instances that no control of the library touches, by id.
    pub untouched: Vec<String>,
    /// Cost of the controls.
    pub cost: f64,
    /// No cover is cheaper than this; equal to `cost` when the answer is exact.
    pub lower_bound: f64,
    /// Inputs in words, assumptions marked as such.
    pub basis: Vec<String>,
}

/// What a budget buys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetPlan {
    /// Amount to spend in the first year: the declared one, else the cost of everything that pays.
    pub budget: f64,
    /// Whether the owner declared it.
    pub declared: bool,
    /// The controls to buy.
    pub controls: Vec<PlacedControl>,
    /// Expected yearly loss that they remove.
    pub removed: f64,
    /// No choice within the budget removes more than this.
    pub upper_bound: f64,
    /// Best choice for rising budgets.
    pub curve: Vec<BudgetPoint>,
    /// Inputs in words, assumptions marked as such.
    pub basis: Vec<String>,
}

/// A point of the marginal curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetPoint {
    /// Money spent in the first year.
    pub spent: f64,
    /// Expected yearly loss removed.
    pub removed: f64,
    /// Expected yearly loss left.
    pub left: f64,
}

/// Controls that one failure takes away together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SharedFailure {
    /// The vendor, platform or identity that they share.
    pub shared: String,
    /// The controls.
    pub controls: Vec<String>,
    /// Threat instances whose controls of today all depend on it, by id.
    pub threats: Vec<String>,
    /// The same with the controls of the cover in place as well.
    pub threats_after: Vec<String>,
    /// Expected yearly loss with all of them gone, less that of today; absent when no loss is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_loss: Option<f64>,
}

impl From<&domain::Placement> for Placement {
    fn from(placement: &domain::Placement) -> Self {
        Self {
            cut: placement.cut.as_ref().map(Cut::from),
            cover: placement.cover.as_ref().map(Cover::from),
            budget: placement.budget.as_ref().map(BudgetPlan::from),
            shared_failures: placement.shared_failures.iter().map(SharedFailure::from).collect(),
        }
    }
}

impl From<&domain::PlacedControl> for PlacedControl {
    fn from(placed: &domain::PlacedControl) -> Self {
        Self {
            control: placed.control.clone(),
            name: placed.name.clone(),
            assets: placed.assets.iter().map(ToString::to_string).collect(),
            cost: placed.cost,
            owner: placed.owner.clone(),
            vendor: placed.vendor.clone(),
        }
    }
}

impl From<&domain::Cut> for Cut {
    fn from(cut: &domain::Cut) -> Self {
        Self {
            entries: cut.entries.iter().map(ToString::to_string).collect(),
            jewels: cut.jewels.iter().map(ToString::to_string).collect(),
            controls: cut.controls.iter().map(PlacedControl::from).collect(),
            cost: cut.cost,
            lower_bound: cut.lower_bound,
            open_ways: cut
                .open_ways
                .iter()
                .map(|way| way.iter().map(ToString::to_string).collect())
                .collect(),
            basis: cut.basis.clone(),
        }
    }
}

impl From<&domain::Cover> for Cover {
    fn from(cover: &domain::Cover) -> Self {
        Self {
            controls: cover.controls.iter().map(PlacedControl::from).collect(),
            threats: cover.threats,
            held: cover.held,
            untouched: cover.untouched.clone(),
            cost: cover.cost,
            lower_bound: cover.lower_bound,
            basis: cover.basis.clone(),
        }
    }
}

impl From<&domain::BudgetPlan> for BudgetPlan {
    fn from(plan: &domain::BudgetPlan) -> Self {
        Self {
            budget: plan.budget,
            declared: plan.declared,
            controls: plan.controls.iter().map(PlacedControl::from).collect(),
            removed: plan.removed,
            upper_bound: plan.upper_bound,
            curve: plan.curve.iter().map(BudgetPoint::from).collect(),
            basis: plan.basis.clone(),
        }
    }
}

impl From<&domain::BudgetPoint> for BudgetPoint {
    fn from(point: &domain::BudgetPoint) -> Self {
        Self { spent: point.spent, removed: point.removed, left: point.left }
    }
}

impl From<&domain::SharedFailure> for SharedFailure {
    fn from(failure: &domain::SharedFailure) -> Self {
        Self {
            shared: failure.shared.clone(),
            controls: failure.controls.clone(),
            threats: failure.threats.clone(),
            threats_after: failure.threats_after.clone(),
            added_loss: failure.added_loss,
        }
    }
}
