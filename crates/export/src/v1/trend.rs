//! How a subject stood at earlier reviews.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Document, Rung};
use crate::summary::Summary;
use crate::v1::Severity;

/// Points kept: ten years of quarterly reviews.
const KEPT: usize = 40;

/// What one review came to, in the few numbers that are worth following.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrendPoint {
    /// Id of the review.
    pub review: String,
    /// When it was taken, RFC 3339 in UTC.
    pub taken_at: String,
    /// Expected loss a year; absent without a simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_loss: Option<f64>,
    /// Mean loss of the worst twentieth of years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tail_mean_95: Option<f64>,
    /// Whether the risk appetite was exceeded; absent when none was declared, or no loss that could exceed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appetite_exceeded: Option<bool>,
    /// Findings that nobody had accepted, critical and high ones.
    pub open_severe: usize,
    /// Findings that nobody had accepted.
    pub open: usize,
    /// Share of applicable scores that an exercise proved, 0 to 1; absent without scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exercised: Option<f64>,
    /// Share of applicable scores that are blind, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blind: Option<f64>,
}

impl TrendPoint {
    /// What `document` comes to.
    pub fn of(document: &Document) -> Self {
        let summary = Summary::of(document);
        let rungs: Vec<Rung> = document
            .coverage()
            .iter()
            .flat_map(|one| one.scores())
            .map(|(_, score)| score.rung)
            .filter(|rung| *rung != Rung::NotApplicable)
            .collect();
        let share = |wanted: Rung| {
            let count = rungs.iter().filter(|rung| **rung == wanted).count();
            (!rungs.is_empty()).then(|| count as f64 / rungs.len() as f64)
        };
        let risk = document.risk.as_ref().filter(|risk| risk.is_known());
        Self {
            review: document.review.id.clone(),
            taken_at: document.review.taken_at.clone(),
            expected_loss: risk.map(|risk| risk.total.mean),
            tail_mean_95: risk.map(|risk| risk.total.tail_mean_95),
            appetite_exceeded: risk
                .filter(|risk| !risk.appetite.is_empty())
                .map(|risk| !risk.exceeded.is_empty()),
            open_severe: summary.open(Severity::Critical) + summary.open(Severity::High),
            open: summary.all_open(),
            exercised: share(Rung::Exercised),
            blind: share(Rung::Blind),
        }
    }
}

impl Document {
    /// The same document with the reviews before it: those that `earlier` knew of, and `earlier` itself.
    #[must_use]
    pub fn after(mut self, earlier: &Self) -> Self {
        let mut trend = earlier.review.trend.clone();
        trend.push(TrendPoint::of(earlier));
        let surplus = trend.len().saturating_sub(KEPT);
        trend.drain(..surplus);
        self.review.trend = trend;
        self
    }
}
