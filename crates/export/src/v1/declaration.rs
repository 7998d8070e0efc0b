//! What the owner declared, as far as a reader of results needs it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::{Locator, LossPoint};

/// Summary of `vauban.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Declaration {
    /// Name of the organisation; empty when nothing is declared.
    pub organisation: String,
    /// ISO 4217 code of every amount; empty when nothing is declared.
    pub currency: String,
    /// Systems that the business knows by name.
    #[serde(default)]
    pub systems: Vec<System>,
    /// Controls that people say are in place.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// Data flows, with trust boundaries.
    #[serde(default)]
    pub flows: Vec<Flow>,
    /// Third parties.
    #[serde(default)]
    pub vendors: Vec<Vendor>,
    /// Accepted chances of loss, in rising loss.
    #[serde(default)]
    pub appetite: Vec<LossPoint>,
    /// Days between reviews.
    pub every_days: u32,
    /// Days after which evidence drops a rung.
    pub half_life_days: u32,
    /// Who signs off, and in which role.
    #[serde(default)]
    pub reviewers: Vec<Reviewer>,
}

/// A system that the business knows by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct System {
    /// Name.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// How much hangs on it: low, medium, high or critical.
    pub criticality: String,
    /// What it does.
    pub purpose: String,
    /// Who can reach it.
    pub exposure: String,
    /// Classes of data it handles.
    #[serde(default)]
    pub data: Vec<String>,
    /// What the organisation is to it under the EU AI Act; empty when it is not declared.
    #[serde(default)]
    pub role: String,
    /// Its class under the EU AI Act; empty when it is not declared.
    #[serde(default)]
    pub risk_class: String,
    /// Where it is used.
    #[serde(default)]
    pub regions: Vec<String>,
    /// When it was put on the market or into service, RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_service: Option<String>,
    /// Path patterns or asset ids of what belongs to it.
    #[serde(default)]
    pub assets: Vec<String>,
    /// Loss per event by kind of impact.
    #[serde(default)]
    pub losses: BTreeMap<String, LossRange>,
    /// Where it is declared.
    pub locator: Locator,
}

/// A calibrated range of loss per event.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LossRange {
    /// Fifth percentile; with a most likely loss, the least an event can cost.
    pub low: f64,
    /// Most likely loss, where the owner names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely: Option<f64>,
    /// Ninety-fifth percentile; with a most likely loss, the most an event can cost.
    pub high: f64,
}

/// A control that someone says is in place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Control id of the knowledge base.
    pub control: String,
    /// Systems or asset patterns it is claimed for.
    pub applies_to: Vec<String>,
    /// Who says so.
    pub owner: String,
    /// When it was said, RFC 3339 in UTC.
    pub date: String,
    /// In whose words.
    pub statement: String,
    /// Settings that an exercise can put to the test.
    #[serde(default)]
    pub settings: BTreeMap<String, f64>,
    /// Where it is declared.
    pub locator: Locator,
}

/// Data or instructions that go from one asset to another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Flow {
    /// Asset id or pattern it comes from, or `outside`.
    pub from: String,
    /// Asset id or pattern it goes to.
    pub to: String,
    /// Classes of data.
    #[serde(default)]
    pub data: Vec<String>,
    /// Trust boundary it crosses; empty for none.
    pub boundary: String,
    /// Further facts: `protocol`, `authentication`, `identity`, `instructions`, `data_direction` ...
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Where it is declared.
    pub locator: Locator,
}

/// A third party.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vendor {
    /// Name.
    pub name: String,
    /// What it supplies.
    pub supplies: String,
    /// Asset ids or patterns that hang on it.
    #[serde(default)]
    pub assets: Vec<String>,
    /// When it was last assessed, RFC 3339 in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessed: Option<String>,
    /// Whom to ask there; empty when nobody is named.
    #[serde(default)]
    pub contact: String,
    /// Where it is declared.
    pub locator: Locator,
}

/// A person who signs off reviews.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reviewer {
    /// Name.
    pub name: String,
    /// `security`, `data-science` or `owner`.
    pub role: String,
    /// Systems they answer for; empty for all.
    #[serde(default)]
    pub systems: Vec<String>,
}

impl From<&domain::Declaration> for Declaration {
    fn from(declaration: &domain::Declaration) -> Self {
        Self {
            organisation: declaration.organisation.clone(),
            currency: declaration.currency.clone(),
            systems: declaration.systems.iter().map(System::from).collect(),
            claims: declaration.claims.iter().map(Claim::from).collect(),
            flows: declaration.flows.iter().map(Flow::from).collect(),
            vendors: declaration.vendors.iter().map(Vendor::from).collect(),
            appetite: declaration
                .appetite
                .iter()
                .map(|point| LossPoint { loss: point.loss, probability: point.probability })
                .collect(),
            every_days: declaration.cadence.every_days,
            half_life_days: declaration.cadence.half_life_days,
            reviewers: declaration
                .reviewers
                .iter()
                .map(|reviewer| Reviewer {
                    name: reviewer.name.clone(),
                    role: reviewer.role.clone(),
                    systems: reviewer.systems.clone(),
                })
                .collect(),
        }
    }
}

impl From<&domain::System> for System {
    fn from(system: &domain::System) -> Self {
        Self {
            name: system.name.clone(),
            owner: system.owner.clone(),
            criticality: system.criticality.clone(),
            purpose: system.purpose.clone(),
            exposure: system.exposure.clone(),
            data: system.data.clone(),
            role: system.role.clone(),
            risk_class: system.risk_class.clone(),
            regions: system.regions.clone(),
            in_service: system.in_service.map(|at| at.to_string()),
            assets: system.assets.clone(),
            losses: system
                .losses
                .iter()
                .map(|(impact, range)| {
                    (impact.clone(), LossRange { low: range.low, likely: range.likely, high: range.high })
                })
                .collect(),
            locator: (&system.locator).into(),
        }
    }
}

impl From<&domain::Claim> for Claim {
    fn from(claim: &domain::Claim) -> Self {
        Self {
            control: claim.control.clone(),
            applies_to: claim.applies_to.clone(),
            owner: claim.owner.clone(),
            date: claim.date.to_string(),
            statement: claim.statement.clone(),
            settings: claim.settings.clone(),
            locator: (&claim.locator).into(),
        }
    }
}

impl From<&domain::DataFlow> for Flow {
    fn from(flow: &domain::DataFlow) -> Self {
        Self {
            from: flow.from.clone(),
            to: flow.to.clone(),
            data: flow.data.clone(),
            boundary: flow.boundary.clone(),
            attributes: flow.attributes.clone(),
            locator: (&flow.locator).into(),
        }
    }
}

impl From<&domain::Vendor> for Vendor {
    fn from(vendor: &domain::Vendor) -> Self {
        Self {
            name: vendor.name.clone(),
            supplies: vendor.supplies.clone(),
            assets: vendor.assets.clone(),
            assessed: vendor.assessed.map(|at| at.to_string()),
            contact: vendor.contact.clone(),
            locator: (&vendor.locator).into(),
        }
    }
}
