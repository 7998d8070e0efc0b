//! Money at risk.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::Interval;
use super::forecast::{Forecast, ForecastScore};

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
    /// Every point of the appetite with its verdict, in the order of `appetite`.
    #[serde(default)]
    pub verdicts: Vec<AppetiteVerdict>,
    /// Inputs that drive the expected annual loss, largest swing first.
    #[serde(default)]
    pub drivers: Vec<Driver>,
    /// What waiting with the whole plan costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_of_delay: Option<CostOfDelay>,
    /// Draws of all inputs behind the intervals that come from them; 0 when there are none.
    #[serde(default)]
    pub draws: u32,
    /// What this review forecasts until the next is due, by system and impact, and how earlier ones fared.
    #[serde(default)]
    pub forecasts: Forecasts,
    /// What the numbers stand on, assumptions marked as such.
    #[serde(default)]
    pub assumptions: Vec<String>,
}

/// Forecasts that can be held against what then happens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forecasts {
    /// By system and impact.
    #[serde(default)]
    pub made: Vec<Forecast>,
    /// How those of stored reviews fared; absent without stored reviews.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<ForecastScore>,
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
    /// 95 % interval of `annual_loss` that comes from the number of simulated years alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub simulation_error: Option<Interval>,
    /// 90 % interval of the expected annual loss that comes from inputs that are not known well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_range: Option<Interval>,
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
    /// 95 % interval of the mean that comes from the number of simulated years alone.
    pub mean_interval: Interval,
    /// Loss exceeded in one year of twenty.
    pub value_at_risk_95: f64,
    /// Mean loss of the worst twentieth of years (CVaR 95).
    pub tail_mean_95: f64,
    /// 90 % interval of the mean that comes from inputs that are not known well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_range: Option<Interval>,
    /// Losses exceeded in one year of 2, 4, 10, 20, 100 and 200.
    #[serde(default)]
    pub quantiles: Vec<LossPoint>,
    /// Simulated years.
    pub trials: u64,
    /// Seed of the simulation.
    pub seed: u64,
}

/// A point of the risk appetite against the simulated years.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AppetiteVerdict {
    /// Loss in a year.
    pub loss: f64,
    /// Probability of losing more that the organisation accepts.
    pub accepted: f64,
    /// Share of simulated years that lose more.
    pub probability: f64,
    /// 90 % interval of that probability that comes from inputs that are not known well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Interval>,
    /// Share of the draws of all inputs under which the point holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Whether `probability` is at most `accepted`.
    pub held: bool,
}

/// An input, and what the expected annual loss would be at its ends with every other input as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Driver {
    /// `control`, `evidence`, `frequency` or `magnitude`.
    pub kind: String,
    /// The input in words.
    pub input: String,
    /// Its low end.
    pub low: f64,
    /// What the review counts with.
    pub base: f64,
    /// Its high end.
    pub high: f64,
    /// What the three count.
    pub unit: String,
    /// Expected annual loss at the low end.
    pub loss_at_low: f64,
    /// Expected annual loss at the high end.
    pub loss_at_high: f64,
    /// Where the ends come from, marked declared or assumed.
    pub basis: String,
}

/// Expected loss that waiting costs, with 90 % intervals that come from inputs that are not known well.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostOfDelay {
    /// By a month.
    pub month: f64,
    /// Its interval.
    pub month_range: Interval,
    /// By a quarter of a year.
    pub quarter: f64,
    /// Its interval.
    pub quarter_range: Interval,
}

impl Risk {
    /// What stands in place of amounts where [`Self::is_known`] is false.
    pub const UNKNOWN: &str = "Money at risk is unknown: no loss is declared that a threat found here leads to; declare `[system.losses.KIND]` in vauban.toml.";

    /// As [`domain::Risk::is_known`].
    pub const fn is_known(&self) -> bool {
        !self.scenarios.is_empty()
    }
}

impl From<&domain::CostOfDelay> for CostOfDelay {
    fn from(delay: &domain::CostOfDelay) -> Self {
        Self {
            month: delay.month,
            month_range: delay.month_range.into(),
            quarter: delay.quarter,
            quarter_range: delay.quarter_range.into(),
        }
    }
}

impl From<&domain::AppetiteVerdict> for AppetiteVerdict {
    fn from(verdict: &domain::AppetiteVerdict) -> Self {
        Self {
            loss: verdict.loss,
            accepted: verdict.accepted,
            probability: verdict.probability,
            range: verdict.range.map(Interval::from),
            confidence: verdict.confidence,
            held: verdict.held,
        }
    }
}

impl From<&domain::Driver> for Driver {
    fn from(driver: &domain::Driver) -> Self {
        Self {
            kind: driver.kind.as_str().to_owned(),
            input: driver.input.clone(),
            low: driver.low,
            base: driver.base,
            high: driver.high,
            unit: driver.unit.clone(),
            loss_at_low: driver.loss_at_low,
            loss_at_high: driver.loss_at_high,
            basis: driver.basis.clone(),
        }
    }
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
            verdicts: risk.verdicts.iter().map(AppetiteVerdict::from).collect(),
            drivers: risk.drivers.iter().map(Driver::from).collect(),
            cost_of_delay: risk.cost_of_delay.as_ref().map(CostOfDelay::from),
            draws: risk.draws,
            forecasts: Forecasts {
                made: risk.forecasts.iter().map(Forecast::from).collect(),
                score: risk.forecast_score.as_ref().map(ForecastScore::from),
            },
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
            simulation_error: Some(scenario.simulation_error.into()),
            expected_range: scenario.expected_range.map(Interval::from),
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
            expected_range: curve.expected_range.map(Interval::from),
            quantiles: curve.quantiles.iter().map(LossPoint::from).collect(),
            trials: curve.trials,
            seed: curve.seed,
        }
    }
}
