//! The seven MAESTRO layers.

use std::fmt;

/// A MAESTRO layer (Cloud Security Alliance, 2025-02), or the place of threats that span several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// L1: weights, alignment, inference.
    FoundationModels,
    /// L2: everything that holds, moves or retrieves data.
    DataOperations,
    /// L3: frameworks, tools, guardrails.
    AgentFrameworks,
    /// L4: containers, orchestrators, cloud accounts, networks.
    Deployment,
    /// L5: monitors, evaluations, logs.
    Observability,
    /// L6, a vertical one: policies, identities, security tooling.
    Security,
    /// L7: agents, applications, the business around them.
    Ecosystem,
    /// Spans several layers.
    CrossLayer,
}

impl Layer {
    /// Layers 1 to 7, then cross-layer.
    pub const ALL: [Self; 8] = [
        Self::FoundationModels,
        Self::DataOperations,
        Self::AgentFrameworks,
        Self::Deployment,
        Self::Observability,
        Self::Security,
        Self::Ecosystem,
        Self::CrossLayer,
    ];

    /// Short id as used in the knowledge base: `L1` to `L7`, `X`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::FoundationModels => "L1",
            Self::DataOperations => "L2",
            Self::AgentFrameworks => "L3",
            Self::Deployment => "L4",
            Self::Observability => "L5",
            Self::Security => "L6",
            Self::Ecosystem => "L7",
            Self::CrossLayer => "X",
        }
    }

    /// The layer's name in MAESTRO.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FoundationModels => "Foundation Models",
            Self::DataOperations => "Data Operations",
            Self::AgentFrameworks => "Agent Frameworks",
            Self::Deployment => "Deployment and Infrastructure",
            Self::Observability => "Evaluation and Observability",
            Self::Security => "Security and Compliance",
            Self::Ecosystem => "Agent Ecosystem",
            Self::CrossLayer => "Cross-Layer",
        }
    }

    /// The layer with this id (`L1` to `L7`, `X`).
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.id() == id)
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}
