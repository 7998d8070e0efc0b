//! How harm is kept from passing an asset: what to freeze, cut, revoke or isolate, by kind of asset.
//!
//! The table is our own judgement. A playbook says what to do about an incident; this says what that means at one asset.

use serde::Deserialize;
use vauban_domain::{AssetKind, Layer};

use crate::Knowledge;
use crate::table::rows;

/// One measure at assets of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Kind of asset.
    pub kind: AssetKind,
    /// MAESTRO component kind; empty for every other of the kind.
    pub component: String,
    /// Layer in which it acts.
    pub layer: Layer,
    /// Stable id, `freeze-model-version`.
    pub id: String,
    /// Who usually can do it.
    pub owner: String,
    /// What it is in the words of CACAO 2.0, `restrict-access`.
    pub activity: String,
    /// What to do.
    pub action: String,
    /// What to keep before it is lost.
    pub evidence: String,
    /// How to come back.
    pub recovery: String,
}

impl Knowledge {
    /// What to do at an asset, in order: the measures for its component kind, or those for the rest of its kind.
    pub fn measures(&self, kind: AssetKind, component: &str) -> Vec<&Measure> {
        let of = |component: &str| -> Vec<&Measure> {
            self.measures.iter().filter(|one| one.kind == kind && one.component == component).collect()
        };
        let own = if component.is_empty() { Vec::new() } else { of(component) };
        if own.is_empty() { of("") } else { own }
    }
}

pub(crate) fn builtin() -> Vec<Measure> {
    rows::<Row>("containment", include_str!("../data/containment.csv"))
        .into_iter()
        .map(|row| Measure {
            kind: AssetKind::parse(&row.kind).expect("the compiled-in table is tested"),
            layer: Layer::from_id(&row.layer).expect("the compiled-in table is tested"),
            component: row.component,
            id: row.id,
            owner: row.owner,
            activity: row.activity,
            action: row.action,
            evidence: row.evidence,
            recovery: row.recovery,
        })
        .collect()
}

#[derive(Deserialize)]
struct Row {
    kind: String,
    component: String,
    layer: String,
    id: String,
    owner: String,
    activity: String,
    action: String,
    evidence: String,
    recovery: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_asset_can_be_contained_and_every_component_exists() {
        let knowledge = Knowledge::builtin();
        for kind in AssetKind::ALL {
            assert!(!knowledge.measures(kind, "").is_empty(), "{kind}");
        }
        for measure in &knowledge.measures {
            let known = knowledge.maestro.layer_of(&measure.component).is_some();
            assert!(known || measure.component.is_empty(), "{}", measure.component);
            for text in [&measure.owner, &measure.activity, &measure.action, &measure.evidence] {
                assert!(!text.is_empty(), "{}", measure.id);
            }
        }
        assert!(knowledge.measures.is_sorted_by_key(|one| (one.kind.as_str(), one.component.as_str())));
    }

    #[test]
    fn a_component_of_its_own_goes_before_its_kind() {
        let ids = |kind, component| -> Vec<&str> {
            Knowledge::builtin().measures(kind, component).iter().map(|one| one.id.as_str()).collect()
        };
        assert_eq!(ids(AssetKind::Tool, "mcp_server"), ["cut-tool-server"]);
        assert_eq!(ids(AssetKind::Tool, "tool"), ["cut-tool"]);
        assert_eq!(ids(AssetKind::Endpoint, "inference_endpoint"), ["limit-callers", "take-endpoint-off"]);
    }
}
