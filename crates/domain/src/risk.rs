//! Risk in the terms of FAIR: frequency times magnitude, as a distribution.

use crate::Interval;

/// A loss event that can happen to one system.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Stable id: system and kind of impact.
    pub id: String,
    /// System of `vauban.toml`.
    pub system: String,
    /// What happens, in business words.
    pub title: String,
    /// Threat instances that lead here, by id.
    pub threats: Vec<String>,
    /// Expected loss events per year.
    pub frequency: f64,
    /// Fifth percentile of the loss per event.
    pub loss_low: f64,
    /// Ninety-fifth percentile of the loss per event.
    pub loss_high: f64,
    /// Annualised loss expectancy from the simulation.
    pub annual_loss: f64,
    /// Interval of the annual loss across simulated years (5 % to 95 %).
    pub annual_range: Interval,
    /// Inputs in words, each marked `declared`, `measured` or `assumed`.
    pub basis: Vec<String>,
}

/// A point of a loss exceedance curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossPoint {
    /// Loss in a year.
    pub loss: f64,
    /// Probability that a year's loss is higher.
    pub probability: f64,
}

/// Distribution of a year's loss.
#[derive(Debug, Clone, PartialEq)]
pub struct LossCurve {
    /// Points in rising loss.
    pub points: Vec<LossPoint>,
    /// Mean annual loss.
    pub mean: f64,
    /// Standard error interval of the mean at 95 %.
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

/// Money at risk.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// ISO 4217 code.
    pub currency: String,
    /// Loss events, largest annual loss first.
    pub scenarios: Vec<Scenario>,
    /// All scenarios together.
    pub total: LossCurve,
    /// The same with every step of the plan taken.
    pub after_plan: Option<LossCurve>,
    /// What the organisation accepts: at most this probability of losing more than that.
    pub appetite: Vec<LossPoint>,
    /// Points of the appetite that the curve exceeds.
    pub exceeded: Vec<LossPoint>,
    /// What the numbers stand on, assumptions marked as such.
    pub assumptions: Vec<String>,
}
