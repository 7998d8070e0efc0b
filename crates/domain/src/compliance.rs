//! Requirements of frameworks, and what the evidence says about each of them.

use crate::{AssetId, Timestamp};

/// Whether a requirement is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequirementStatus {
    /// Evidence shows that it is not.
    NotSatisfied,
    /// Part of what it asks for is shown.
    Partly,
    /// Nobody has looked, or the look failed.
    Unknown,
    /// Evidence shows that it is.
    Satisfied,
    /// It does not apply, for a reason.
    NotApplicable,
}

impl RequirementStatus {
    /// All of them, worst first.
    pub const ALL: [Self; 5] =
        [Self::NotSatisfied, Self::Partly, Self::Unknown, Self::Satisfied, Self::NotApplicable];

    /// The hyphenated word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSatisfied => "not-satisfied",
            Self::Partly => "partly",
            Self::Unknown => "unknown",
            Self::Satisfied => "satisfied",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// Reads what [`RequirementStatus::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A framework and how its requirements stand.
#[derive(Debug, Clone, PartialEq)]
pub struct FrameworkAssessment {
    /// Slug, `eu-ai-act`.
    pub framework: String,
    /// Edition, `2024/1689`; empty where it has none.
    pub edition: String,
    /// Name for people.
    pub name: String,
    /// Requirements, in the framework's order.
    pub requirements: Vec<RequirementAssessment>,
}

/// How one requirement stands for one system, or for the organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct RequirementAssessment {
    /// Id with edition, `A.6.2.4@2023`.
    pub id: String,
    /// Its name in the framework, or our label for it.
    pub name: String,
    /// The system it is about; `None` for the organisation as a whole.
    pub system: Option<String>,
    /// How it stands.
    pub status: RequirementStatus,
    /// Why, in words: what is missing, or why it does not apply.
    pub reason: String,
    /// From when it applies, if it has a date.
    pub applies_from: Option<Timestamp>,
    /// What it stands on.
    pub evidence: Vec<RequirementEvidence>,
}

/// One thing that speaks for or against a requirement.
#[derive(Debug, Clone, PartialEq)]
pub struct RequirementEvidence {
    /// `finding`, `outcome`, `measurement`, `coverage`, `control`, `asset`, `declaration` or `statement`.
    pub kind: String,
    /// Id of the thing: fingerprint, rule, measurement, control ...
    pub id: String,
    /// What it shows, in words.
    pub what: String,
    /// Whether it speaks for the requirement.
    pub supports: bool,
    /// The asset it is about, if it is about one.
    pub asset: Option<AssetId>,
    /// When it was true.
    pub as_of: Timestamp,
}
