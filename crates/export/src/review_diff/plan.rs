//! Controls that entered the plan, and what became of those that left it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::v1::{Coverage, Plan, PlanStep, Rung};

/// A control of one of the two plans.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PlanChange {
    /// Control id of the knowledge base.
    pub control: String,
    /// Its name.
    pub name: String,
    /// What speaks for it: the proof that it is in place, or the assets it is for.
    pub why: String,
}

/// Steps of two plans; lists are sorted by control.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PlanDiff {
    /// In the later plan only.
    pub new: Vec<PlanChange>,
    /// In the earlier plan only, and the later review has proof of it: seen or exercised, not claimed alone.
    pub done: Vec<PlanChange>,
    /// In the earlier plan only, without such proof: no longer worth it, claimed, or nothing to put it on.
    pub dropped: Vec<PlanChange>,
}

impl PlanDiff {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

pub(super) fn plan(old: &Plan, new: &Plan, coverage: Option<&[Coverage]>) -> PlanDiff {
    let by_control = |plan: &Plan| -> BTreeMap<String, PlanStep> {
        plan.steps.iter().map(|step| (step.control.clone(), step.clone())).collect()
    };
    let (was, is) = (by_control(old), by_control(new));
    let change = |step: &PlanStep, why: String| PlanChange {
        control: step.control.clone(),
        name: step.name.clone(),
        why,
    };
    let mut diff = PlanDiff::default();
    for step in is.values().filter(|step| !was.contains_key(&step.control)) {
        diff.new.push(change(step, format!("for {}", step.assets.join(", "))));
    }
    for step in was.values().filter(|step| !is.contains_key(&step.control)) {
        match proof(step, coverage.unwrap_or_default()) {
            Some((rung, what)) if rung >= Rung::Configured => diff.done.push(change(step, what)),
            Some((_, what)) => diff.dropped.push(change(step, format!("nothing but words: {what}"))),
            None => diff.dropped.push(change(step, "no proof that it is in place".to_owned())),
        }
    }
    diff
}

/// The strongest proof that the control of `step` is in place at one of its assets.
fn proof(step: &PlanStep, coverage: &[Coverage]) -> Option<(Rung, String)> {
    let beginning = format!("{}: ", step.control);
    let mut proofs: Vec<(Rung, &str)> = coverage
        .iter()
        .filter(|row| step.assets.contains(&row.asset))
        .flat_map(|row| row.scores())
        .flat_map(|(_, score)| &score.proofs)
        .filter(|proof| proof.what.starts_with(&beginning))
        .map(|proof| (proof.rung, proof.what.as_str()))
        .collect();
    proofs.sort_unstable_by(|one, other| (other.0, one.1).cmp(&(one.0, other.1)));
    proofs.first().map(|(rung, what)| (*rung, (*what).to_owned()))
}
