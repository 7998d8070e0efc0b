//! Forecasts, how earlier ones fared, and reading them back from stored documents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::{Interval, ReadError, SCHEMA};

/// That an impact on a system happens within a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
    /// System of the declaration.
    pub system: String,
    /// Kind of impact.
    pub impact: String,
    /// Probability of at least one event within the period.
    pub probability: f64,
    /// When the forecast was made, RFC 3339 in UTC.
    pub from: String,
    /// End of the period, RFC 3339 in UTC.
    pub until: String,
}

/// How past forecasts fared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastScore {
    /// Forecasts that came due and whose record is kept; of overlapping ones the first.
    pub count: u32,
    /// How many of them came true.
    pub happened: u32,
    /// Mean squared difference between forecast and outcome, 0 (best) to 1; absent when none came due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brier: Option<f64>,
    /// The same for somebody who always forecasts the share that came true, known only afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rate_brier: Option<f64>,
    /// One less the ratio of the two; absent when the base rate was never wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<f64>,
    /// Forecasts by tenths of probability, without empty rows.
    #[serde(default)]
    pub calibration: Vec<CalibrationRow>,
    /// Forecasts whose period is not over.
    #[serde(default)]
    pub pending: u32,
    /// Forecasts that do not count, and why.
    #[serde(default)]
    pub unscored: Vec<String>,
}

/// One row of a calibration table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CalibrationRow {
    /// Forecasts from this probability.
    pub low: f64,
    /// Up to this one.
    pub high: f64,
    /// How many there were.
    pub count: u32,
    /// Their mean.
    pub forecast: f64,
    /// Share of them that came true.
    pub observed: f64,
    /// 95 % interval of that share.
    pub range: Interval,
}

/// The part of a stored document that forecasts are read from; nothing else of it is kept in memory.
#[derive(Deserialize)]
struct Stored {
    schema: String,
    review: StoredReview,
    #[serde(default)]
    cascades: Option<StoredCascades>,
    #[serde(default)]
    risk: Option<StoredRisk>,
}

#[derive(Deserialize)]
struct StoredReview {
    taken_at: String,
}

#[derive(Deserialize)]
struct StoredCascades {
    #[serde(default)]
    impacts: Vec<super::ImpactForecast>,
}

#[derive(Deserialize)]
struct StoredRisk {
    #[serde(default)]
    forecasts: super::risk::Forecasts,
}

/// Days of the period that the impacts of a document speak of.
const YEAR: i64 = 365;

/// The forecasts that a stored document made. A document of an older version made none as such; the impacts of its
/// cascades, which speak of a year, are taken for them.
///
/// # Errors
/// [`ReadError`] when the bytes are no document, or one of another contract.
pub fn stored_forecasts(bytes: &[u8]) -> Result<Vec<domain::Forecast>, ReadError> {
    let stored: Stored = serde_json::from_slice(bytes)?;
    if stored.schema != SCHEMA {
        return Err(ReadError::Schema(stored.schema));
    }
    let made = stored.risk.map(|risk| risk.forecasts.made).unwrap_or_default();
    if let (true, Some(from), Some(cascades)) =
        (made.is_empty(), domain::Timestamp::parse(&stored.review.taken_at), stored.cascades)
    {
        let until = domain::Timestamp(from.0.saturating_add(YEAR * 86_400));
        let of_a_year = cascades.impacts.into_iter().map(|impact| domain::Forecast {
            system: impact.system,
            impact: impact.impact,
            probability: impact.probability,
            from,
            until,
        });
        return Ok(of_a_year.collect());
    }
    Ok(made
        .into_iter()
        .filter_map(|forecast| {
            Some(domain::Forecast {
                from: domain::Timestamp::parse(&forecast.from)?,
                until: domain::Timestamp::parse(&forecast.until)?,
                system: forecast.system,
                impact: forecast.impact,
                probability: forecast.probability,
            })
        })
        .collect())
}

impl From<&domain::Forecast> for Forecast {
    fn from(forecast: &domain::Forecast) -> Self {
        Self {
            system: forecast.system.clone(),
            impact: forecast.impact.clone(),
            probability: forecast.probability,
            from: forecast.from.to_string(),
            until: forecast.until.to_string(),
        }
    }
}

impl From<&domain::ForecastScore> for ForecastScore {
    fn from(score: &domain::ForecastScore) -> Self {
        Self {
            count: score.count,
            happened: score.happened,
            brier: score.brier,
            base_rate_brier: score.base_rate_brier,
            skill: score.skill,
            calibration: score
                .calibration
                .iter()
                .map(|row| CalibrationRow {
                    low: row.low,
                    high: row.high,
                    count: row.count,
                    forecast: row.forecast,
                    observed: row.observed,
                    range: row.range.into(),
                })
                .collect(),
            pending: score.pending,
            unscored: score.unscored.clone(),
        }
    }
}
