//! Risk in the terms of FAIR: frequency times magnitude, as a distribution.

use crate::{Interval, Timestamp};

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
    /// 95 % interval of `annual_loss` that comes from the number of simulated years alone.
    pub simulation_error: Interval,
    /// 90 % interval of the expected annual loss that comes from inputs that are not known well; `None` without draws.
    pub expected_range: Option<Interval>,
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
    /// 95 % interval of the mean that comes from the number of simulated years alone.
    pub mean_interval: Interval,
    /// Loss exceeded in one year of twenty.
    pub value_at_risk_95: f64,
    /// Mean loss of the worst twentieth of years (CVaR 95, expected shortfall).
    pub tail_mean_95: f64,
    /// Losses exceeded in one year of 2, 4, 10, 20, 100 and 200, in rising loss.
    pub quantiles: Vec<LossPoint>,
    /// 90 % interval of the mean that comes from inputs that are not known well; `None` without draws.
    pub expected_range: Option<Interval>,
    /// Simulated years.
    pub trials: u64,
    /// Seed of the simulation.
    pub seed: u64,
}

/// A point of the risk appetite against the simulated years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AppetiteVerdict {
    /// Loss in a year.
    pub loss: f64,
    /// Probability of losing more that the organisation accepts, 0 to 1.
    pub accepted: f64,
    /// Share of simulated years that lose more.
    pub probability: f64,
    /// 90 % interval of that probability that comes from inputs that are not known well; `None` without draws.
    pub range: Option<Interval>,
    /// Share of the draws of all inputs under which the point holds, 0 to 1; `None` without draws.
    pub confidence: Option<f64>,
    /// Whether `probability` is at most `accepted`.
    pub held: bool,
}

/// Kinds of inputs that drive a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriverKind {
    /// How effective a control in force is.
    Control,
    /// How fast evidence ages.
    Evidence,
    /// How often an attack is tried.
    Frequency,
    /// What one loss event costs.
    Magnitude,
}

impl DriverKind {
    /// The lower-case word used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Evidence => "evidence",
            Self::Frequency => "frequency",
            Self::Magnitude => "magnitude",
        }
    }
}

/// An input, and what the expected annual loss would be at its ends with every other input as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// What kind of input.
    pub kind: DriverKind,
    /// The input in words.
    pub input: String,
    /// Its low end.
    pub low: f64,
    /// What the review counts with.
    pub base: f64,
    /// Its high end.
    pub high: f64,
    /// What the three count, `attempts a year`.
    pub unit: String,
    /// Expected annual loss at the low end.
    pub loss_at_low: f64,
    /// Expected annual loss at the high end.
    pub loss_at_high: f64,
    /// Where the ends come from, marked `declared` or `assumed`.
    pub basis: String,
}

impl Driver {
    /// Distance between the results at the two ends.
    pub fn swing(&self) -> f64 {
        (self.loss_at_high - self.loss_at_low).abs()
    }
}

/// Expected loss that waiting costs, with 90 % intervals that come from inputs that are not known well.
#[derive(Debug, Clone, Copy, PartialEq)]
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

/// What a control gives back in its first year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReturnOnControl {
    /// Mean of the loss it removes less its cost.
    pub net_benefit: f64,
    /// 90 % interval of the loss it removes less its cost over simulated years: luck and uncertain inputs.
    pub range: Interval,
    /// Share of simulated years in which it removes more than it costs, 0 to 1.
    pub probability: f64,
    /// 90 % interval of the *expected* loss it removes less its cost: uncertain inputs without luck.
    pub expected_range: Interval,
    /// Share of the draws of all inputs under which the expected loss it removes is more than its cost, 0 to 1.
    pub expected_probability: f64,
    /// Draws of all inputs.
    pub draws: u32,
    /// Simulated years, all draws together.
    pub years: u64,
}

/// That an impact on a system happens within a period, as one review saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// System of `vauban.toml`.
    pub system: String,
    /// Kind of impact.
    pub impact: String,
    /// Probability of at least one event within the period, 0 to 1.
    pub probability: f64,
    /// When the forecast was made; the period begins then.
    pub from: Timestamp,
    /// End of the period.
    pub until: Timestamp,
}

/// One row of a calibration table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationRow {
    /// Forecasts from this probability.
    pub low: f64,
    /// Up to this one.
    pub high: f64,
    /// How many forecasts lay there.
    pub count: u32,
    /// Their mean.
    pub forecast: f64,
    /// Share of them that came true.
    pub observed: f64,
    /// 95 % Wilson interval of that share.
    pub range: Interval,
}

/// How past forecasts fared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ForecastScore {
    /// Forecasts that came due, whose record is kept, one for each stretch of time.
    pub count: u32,
    /// How many of them came true.
    pub happened: u32,
    /// Mean squared difference between forecast and outcome, 0 (best) to 1; `None` when none came due.
    pub brier: Option<f64>,
    /// The same for somebody who always forecasts the share that came true, known only afterwards.
    pub base_rate_brier: Option<f64>,
    /// One less the ratio of the two: above 0 is better than the base rate; `None` when that was never wrong.
    pub skill: Option<f64>,
    /// Forecasts by tenths of probability, without empty rows.
    pub calibration: Vec<CalibrationRow>,
    /// Forecasts whose period is not over.
    pub pending: u32,
    /// Forecasts that do not count, and why, in words.
    pub unscored: Vec<String>,
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
    /// Every point of the appetite with its verdict, in the order of `appetite`.
    pub verdicts: Vec<AppetiteVerdict>,
    /// Inputs that drive the expected annual loss, largest swing first.
    pub drivers: Vec<Driver>,
    /// What waiting with the whole plan costs; `None` without a plan or without draws.
    pub cost_of_delay: Option<CostOfDelay>,
    /// Draws of all inputs behind the intervals that come from them.
    pub draws: u32,
    /// What this review forecasts until the next is due, by system and impact.
    pub forecasts: Vec<Forecast>,
    /// How the forecasts of stored reviews fared; `None` without stored reviews.
    pub forecast_score: Option<ForecastScore>,
    /// What the numbers stand on, assumptions marked as such.
    pub assumptions: Vec<String>,
}

impl Risk {
    /// Whether anything is known of the money at risk: where nobody has put a price on anything, the amounts are nought, and
    /// nought is not what is at risk.
    pub const fn is_known(&self) -> bool {
        !self.scenarios.is_empty()
    }
}
