//! Money at risk.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::Interval;

/// Money at risk, as a distribution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Loss events, largest annual loss first.
    pub scenarios: Vec<Scenario>,
    /// All scenarios together.
    pub total: LossCurve,
    /// The same with every step of the plan taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_plan: Option<LossCurve>,
    /// What the organisation accepts: at most this probability of losing more than that.
    #[serde(default)]
    pub appetite: Vec<LossPoint>,
    /// Points of the appetite that the curve exceeds.
    #[serde(default)]
    pub exceeded: Vec<LossPoint>,
    /// What the numbers stand on, assumptions marked as such.
    #[serde(default)]
    pub assumptions: Vec<String>,
}

/// A loss event that can happen to one system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scenario {
    /// Stable id: system and kind of impact.
    pub id: String,
    /// System of the declaration.
    pub system: String,
    /// What happens, in business words.
    pub title: String,
    /// Ids of the threat instances that lead here.
    pub threats: Vec<String>,
    /// Expected loss events per year.
    pub frequency: f64,
    /// Fifth percentile of the loss per event.
    pub loss_low: f64,
    /// Ninety-fifth percentile of the loss per event.
    pub loss_high: f64,
    /// Annualised loss expectancy from the simulation.
    pub annual_loss: f64,
    /// Range of the annual loss across simulated years.
    pub annual_range: Interval,
    /// Inputs in words, each marked declared, measured or assumed.
    #[serde(default)]
    pub basis: Vec<String>,
}

/// A point of a loss exceedance curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LossPoint {
    /// Loss in a year.
    pub loss: f64,
    /// Probability that a year's loss is higher.
    pub probability: f64,
}

/// Distribution of a year's loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LossCurve {
    /// Points in rising loss.
    pub points: Vec<LossPoint>,
    /// Mean annual loss.
    pub mean: f64,
    /// Interval of the mean.
    pub mean_interval: Interval,
    /// Loss exceeded in one year of twenty.
    pub value_at_risk_95: f64,
    /// Mean loss of the worst twentieth of years.
    pub tail_mean_95: f64,
    /// Simulated years.
    pub trials: u64,
    /// Seed of the simulation.
    pub seed: u64,
}

impl From<&domain::Risk> for Risk {
    fn from(risk: &domain::Risk) -> Self {
        let points = |points: &[domain::LossPoint]| points.iter().map(LossPoint::from).collect();
        Self {
            currency: risk.currency.clone(),
            scenarios: risk.scenarios.iter().map(Scenario::from).collect(),
            total: (&risk.total).into(),
            after_plan: risk.after_plan.as_ref().map(LossCurve::from),
            appetite: points(&risk.appetite),
            exceeded: points(&risk.exceeded),
            assumptions: risk.assumptions.clone(),
        }
    }
}

impl From<&domain::Scenario> for Scenario {
    fn from(scenario: &domain::Scenario) -> Self {
        Self {
            id: scenario.id.clone(),
            system: scenario.system.clone(),
            title: scenario.title.clone(),
            threats: scenario.threats.clone(),
            frequency: scenario.frequency,
            loss_low: scenario.loss_low,
            loss_high: scenario.loss_high,
            annual_loss: scenario.annual_loss,
            annual_range: scenario.annual_range.into(),
            basis: scenario.basis.clone(),
        }
    }
}

impl From<&domain::LossPoint> for LossPoint {
    fn from(point: &domain::LossPoint) -> Self {
        Self { loss: point.loss, probability: point.probability }
    }
}

impl From<&domain::LossCurve> for LossCurve {
    fn from(curve: &domain::LossCurve) -> Self {
        Self {
            points: curve.points.iter().map(LossPoint::from).collect(),
            mean: curve.mean,
            mean_interval: curve.mean_interval.into(),
            value_at_risk_95: curve.value_at_risk_95,
            tail_mean_95: curve.tail_mean_95,
            trials: curve.trials,
            seed: curve.seed,
        }
    }
}
