//! What became of every look, so that "unknown" is never shown as clean.

use crate::{AssetId, RuleId};

/// How a look ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The rule has findings: this many.
    Found(usize),
    /// Looked at and nothing found.
    Clean,
    /// Cannot apply to this asset, and why.
    NotApplicable(String),
    /// Was not looked at, and why.
    Skipped(String),
    /// The look itself failed, and how.
    Failed(String),
}

impl Verdict {
    /// The hyphenated word used in outputs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Found(_) => "found",
            Self::Clean => "clean",
            Self::NotApplicable(_) => "not-applicable",
            Self::Skipped(_) => "skipped",
            Self::Failed(_) => "failed",
        }
    }

    /// Whether somebody really looked.
    pub const fn is_known(&self) -> bool {
        matches!(self, Self::Found(_) | Self::Clean)
    }
}

/// The end of one look: a rule at an asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The rule that looked.
    pub rule: RuleId,
    /// What it looked at.
    pub asset: AssetId,
    /// How it ended.
    pub verdict: Verdict,
}
