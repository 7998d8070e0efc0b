//! Edges between assets.

use std::collections::BTreeMap;
use std::fmt;

use crate::{AssetId, Confidence, Locator};

/// What `from` has to do with `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// `from` acts with the rights of `to`.
    ActsAs,
    /// `from` needs package `to`.
    DependsOn,
    /// `from` was made out of `to` (tuned, converted, copied).
    DerivedFrom,
    /// `from` was evaluated on data `to`.
    EvaluatedOn,
    /// `from` loads model or data `to`.
    Loads,
    /// `from` produces `to`.
    Produces,
    /// `from` reads `to`.
    Reads,
    /// `from` runs on infrastructure `to`.
    RunsOn,
    /// Data flows from `from` to `to`.
    SendsTo,
    /// `from` answers with model `to`.
    Serves,
    /// `from` was trained on data `to`.
    TrainedOn,
    /// `from` uses tool, prompt or agent `to`.
    Uses,
    /// `from` writes `to`.
    Writes,
}

impl RelationKind {
    /// All kinds, in alphabetical order.
    pub const ALL: [Self; 13] = [
        Self::ActsAs,
        Self::DependsOn,
        Self::DerivedFrom,
        Self::EvaluatedOn,
        Self::Loads,
        Self::Produces,
        Self::Reads,
        Self::RunsOn,
        Self::SendsTo,
        Self::Serves,
        Self::TrainedOn,
        Self::Uses,
        Self::Writes,
    ];

    /// The hyphenated word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ActsAs => "acts-as",
            Self::DependsOn => "depends-on",
            Self::DerivedFrom => "derived-from",
            Self::EvaluatedOn => "evaluated-on",
            Self::Loads => "loads",
            Self::Produces => "produces",
            Self::Reads => "reads",
            Self::RunsOn => "runs-on",
            Self::SendsTo => "sends-to",
            Self::Serves => "serves",
            Self::TrainedOn => "trained-on",
            Self::Uses => "uses",
            Self::Writes => "writes",
        }
    }

    /// Reads what [`RelationKind::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether harm at `to` reaches `from` (a dependency) rather than the other way round (a flow).
    pub const fn harm_flows_backwards(self) -> bool {
        !matches!(self, Self::SendsTo | Self::Produces | Self::Writes)
    }
}

impl fmt::Display for RelationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An edge of the asset graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Where the edge starts.
    pub from: AssetId,
    /// Where it ends.
    pub to: AssetId,
    /// What it means.
    pub kind: RelationKind,
    /// How it is known.
    pub confidence: Confidence,
    /// Where it was seen.
    pub locator: Locator,
    /// Facts about it: `boundary`, `protocol`, `authentication`, `data` ...
    pub attributes: BTreeMap<String, String>,
}

impl Relation {
    /// An edge with no attributes.
    pub fn new(
        from: AssetId,
        kind: RelationKind,
        to: AssetId,
        confidence: Confidence,
        locator: Locator,
    ) -> Self {
        Self { from, to, kind, confidence, locator, attributes: BTreeMap::new() }
    }
}
