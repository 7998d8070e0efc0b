//! Threat instances that appeared, vanished, or became more or less likely.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::v1::{Threat, Threats};

/// A likelihood that moves by less than one percentage point counts as the same: forecasts say no more than that.
pub const LEAST_CHANGE: f64 = 0.01;

/// A threat instance in one or both reviews.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ThreatChange {
    /// Id of the instance.
    pub id: String,
    /// Its name in MAESTRO.
    pub name: String,
    /// Id of the asset it is at.
    pub asset: String,
    /// Probability within a year in the earlier review; `None` when it was not there.
    pub before: Option<f64>,
    /// Probability within a year in the later review; `None` when it is gone.
    pub after: Option<f64>,
}

/// Threats of two reviews; lists are sorted by the size of the change, then id.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ThreatsDiff {
    /// In the later one only.
    pub appeared: Vec<ThreatChange>,
    /// In the earlier one only.
    pub vanished: Vec<ThreatChange>,
    /// More likely by at least [`LEAST_CHANGE`].
    pub more_likely: Vec<ThreatChange>,
    /// Less likely by at least [`LEAST_CHANGE`].
    pub less_likely: Vec<ThreatChange>,
}

impl ThreatsDiff {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

pub(super) fn threats(old: &Threats, new: &Threats) -> ThreatsDiff {
    let by_id = |part: &Threats| -> BTreeMap<String, Threat> {
        part.instances.iter().map(|threat| (threat.id.clone(), threat.clone())).collect()
    };
    let (was, is) = (by_id(old), by_id(new));
    let change = |threat: &Threat, before: Option<f64>, after: Option<f64>| ThreatChange {
        id: threat.id.clone(),
        name: threat.name.clone(),
        asset: threat.asset.clone(),
        before,
        after,
    };
    let mut diff = ThreatsDiff::default();
    for (id, threat) in &is {
        match was.get(id) {
            None => diff.appeared.push(change(threat, None, Some(threat.likelihood))),
            Some(before) => {
                let moved = threat.likelihood - before.likelihood;
                let both = change(threat, Some(before.likelihood), Some(threat.likelihood));
                if moved >= LEAST_CHANGE {
                    diff.more_likely.push(both);
                } else if moved <= -LEAST_CHANGE {
                    diff.less_likely.push(both);
                }
            }
        }
    }
    let gone = was.iter().filter(|(id, _)| !is.contains_key(*id));
    diff.vanished = gone.map(|(_, threat)| change(threat, Some(threat.likelihood), None)).collect();
    for list in [&mut diff.appeared, &mut diff.vanished, &mut diff.more_likely, &mut diff.less_likely] {
        let size = |one: &ThreatChange| (one.after.unwrap_or(0.0) - one.before.unwrap_or(0.0)).abs();
        list.sort_by(|one, other| size(other).total_cmp(&size(one)).then_with(|| one.id.cmp(&other.id)));
    }
    diff
}
