//! Agentic factors: what makes harm at an asset worse because something there decides by itself.
//!
//! `F1` non-determinism and `F2` autonomy come with agents, `F3` (no fixed trust boundary) with tools, `F4` (identity that
//! travels) with acting as another or delegated rights, `F5` (many agents) with company in the same system.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, FlowFacts, IdentityBasis, RelationKind, Text};

use crate::Facts;
use crate::facts::Named;

/// What the factors of any asset are read from.
pub(crate) struct Factors<'a> {
    /// Agents by system.
    agents: BTreeMap<&'a str, usize>,
    /// Assets that act with another's rights or hand rights on.
    acting: BTreeSet<&'a AssetId>,
}

impl<'a> Factors<'a> {
    pub(crate) fn new(facts: &Facts<'a>) -> Self {
        let mut agents = BTreeMap::new();
        for asset in facts.inventory.assets.iter().filter(|asset| asset.kind == AssetKind::Agent) {
            // Assets of no system belong to no group of agents.
            if let Some(system) = asset.system.as_deref() {
                *agents.entry(system).or_default() += 1;
            }
        }
        let delegated = |flow: &FlowFacts| flow.identity == Some(IdentityBasis::Delegated);
        let mut acting = BTreeSet::new();
        for relation in facts.inventory.relations {
            if relation.kind == RelationKind::ActsAs || delegated(&FlowFacts::of(&relation.attributes)) {
                acting.extend([&relation.from, &relation.to]);
            }
        }
        let flows: Vec<_> = facts
            .declaration
            .flows
            .iter()
            .filter(|flow| delegated(&FlowFacts::of(&flow.attributes)))
            .collect();
        if !flows.is_empty() {
            let named = Named::new(facts.inventory.assets);
            for end in flows.iter().flat_map(|flow| [&flow.from, &flow.to]) {
                acting.extend(
                    named.meant(end).into_iter().map(|position| &facts.inventory.assets[position].id),
                );
            }
        }
        Self { agents, acting }
    }

    /// The factors that hold at an asset, sorted.
    pub(crate) fn of(&self, asset: &Asset) -> Vec<Text> {
        let mut factors: Vec<Text> = Vec::new();
        if matches!(asset.component.as_str(), "agent" | "agent_framework") {
            factors.extend([Text::from("F1"), Text::from("F2")]);
        }
        if matches!(asset.component.as_str(), "tool" | "mcp_server") {
            factors.push("F3".into());
        }
        if self.acting.contains(&asset.id) {
            factors.push("F4".into());
        }
        let company = asset.system.as_deref().and_then(|system| self.agents.get(system));
        if company.is_some_and(|count| *count > 1) {
            factors.push("F5".into());
        }
        factors
    }
}
