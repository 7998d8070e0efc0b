//! Money at risk before and after.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::v1::{LossCurve, Risk};

/// An amount in both reviews, in their currency; `None` where nobody had declared a loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Amount {
    /// In the earlier review.
    pub before: Option<f64>,
    /// In the later review.
    pub after: Option<f64>,
}

/// A loss event whose expected annual loss is another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScenarioChange {
    /// Id: system and kind of impact.
    pub id: String,
    /// What happens.
    pub title: String,
    /// Expected annual loss before; `None` when it was not there.
    pub before: Option<f64>,
    /// Expected annual loss after; `None` when it is gone.
    pub after: Option<f64>,
}

/// Money at risk in two reviews.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskDiff {
    /// ISO 4217 code of every amount.
    pub currency: String,
    /// Mean annual loss.
    pub annual_loss: Amount,
    /// Interval of the mean before: low, high; `None` as the mean.
    pub annual_loss_interval_before: Option<[f64; 2]>,
    /// Interval of the mean after.
    pub annual_loss_interval_after: Option<[f64; 2]>,
    /// Whether the intervals of both means overlap, so that the difference may be the simulation's alone.
    pub within_error: bool,
    /// Loss exceeded in one year of twenty.
    pub value_at_risk_95: Amount,
    /// Mean loss of the worst twentieth of years.
    pub tail_mean_95: Amount,
    /// Points of the appetite that are exceeded.
    pub exceeded: [usize; 2],
    /// Loss events that came, went or cost otherwise, largest change first.
    pub scenarios: Vec<ScenarioChange>,
}

impl RiskDiff {
    pub(super) fn is_empty(&self) -> bool {
        let still = |amount: &Amount| amount.before == amount.after;
        [&self.annual_loss, &self.value_at_risk_95, &self.tail_mean_95].into_iter().all(still)
            && self.exceeded[0] == self.exceeded[1]
            && self.scenarios.is_empty()
    }

    /// Whether the expected loss is higher by more than the error of the simulation; a loss that was unknown is not lower.
    pub fn is_worse(&self) -> bool {
        let Amount { before: Some(before), after: Some(after) } = self.annual_loss else { return false };
        after > before && !self.within_error
    }
}

pub(super) fn risk(old: &Risk, new: &Risk) -> RiskDiff {
    let known = |risk: &Risk, of: fn(&LossCurve) -> f64| risk.is_known().then(|| of(&risk.total));
    let amount = |of: fn(&LossCurve) -> f64| Amount { before: known(old, of), after: known(new, of) };
    let interval = |risk: &Risk| {
        risk.is_known().then_some([risk.total.mean_interval.low, risk.total.mean_interval.high])
    };
    let (before, after) = (interval(old), interval(new));
    let losses = |risk: &Risk| -> BTreeMap<String, (String, f64)> {
        risk.scenarios.iter().map(|one| (one.id.clone(), (one.title.clone(), one.annual_loss))).collect()
    };
    let (was, is) = (losses(old), losses(new));
    let ids: std::collections::BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    let mut scenarios: Vec<ScenarioChange> = ids
        .into_iter()
        .filter_map(|id| {
            let (before, after) = (was.get(id), is.get(id));
            let loss = |side: Option<&(String, f64)>| side.map(|(_, loss)| *loss);
            (loss(before) != loss(after)).then(|| ScenarioChange {
                id: id.clone(),
                title: after.or(before).map(|(title, _)| title.clone()).unwrap_or_default(),
                before: loss(before),
                after: loss(after),
            })
        })
        .collect();
    let size = |one: &ScenarioChange| (one.after.unwrap_or(0.0) - one.before.unwrap_or(0.0)).abs();
    scenarios.sort_by(|one, other| size(other).total_cmp(&size(one)).then_with(|| one.id.cmp(&other.id)));
    RiskDiff {
        currency: new.currency.clone(),
        annual_loss: amount(|curve| curve.mean),
        annual_loss_interval_before: before,
        annual_loss_interval_after: after,
        within_error: matches!((before, after), (Some(was), Some(is)) if was[0] <= is[1] && is[0] <= was[1]),
        value_at_risk_95: amount(|curve| curve.value_at_risk_95),
        tail_mean_95: amount(|curve| curve.tail_mean_95),
        exceeded: [old.exceeded.len(), new.exceeded.len()],
        scenarios,
    }
}
