//! What became of a finding since the reviews before.

use std::collections::BTreeMap;

use crate::{Fingerprint, Timestamp};

/// Where a finding stands against the earlier reviews of the same subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Never seen before this review.
    New,
    /// In the review before and still there.
    Open,
    /// In the review before, looked for again, and gone.
    Fixed,
    /// In the review before, but nobody looked this time: not fixed.
    Unchecked,
    /// Had been fixed and is back.
    Reopened,
    /// The owner lives with it.
    Accepted {
        /// Why.
        reason: String,
        /// Until when.
        until: Timestamp,
    },
}

impl Status {
    /// The lower-case word used in outputs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Open => "open",
            Self::Fixed => "fixed",
            Self::Unchecked => "unchecked",
            Self::Reopened => "reopened",
            Self::Accepted { .. } => "accepted",
        }
    }
}

/// Status by fingerprint: of every finding of this review, and of those that are gone.
pub type History = BTreeMap<Fingerprint, Status>;
