//! The ladder: how well a technique is covered on an asset, and what proves it.

use std::fmt;

use crate::{AssetId, Locator, TechniqueId, Timestamp};

/// The four things a defence can do about a technique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// Keeps it from happening.
    Prevent,
    /// Notices it.
    Detect,
    /// Acts on it.
    Respond,
    /// Has been tried against it.
    Tested,
}

impl Aspect {
    /// All four, in reading order.
    pub const ALL: [Self; 4] = [Self::Prevent, Self::Detect, Self::Respond, Self::Tested];

    /// The lower-case word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prevent => "prevent",
            Self::Detect => "detect",
            Self::Respond => "respond",
            Self::Tested => "tested",
        }
    }
}

/// A rung of the ladder, lowest first; `NotApplicable` stands outside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// Cannot happen to this asset.
    NotApplicable,
    /// Nobody looked, or the look failed.
    Blind,
    /// A person says so.
    Claimed,
    /// Seen in a configuration, log, policy or file.
    Configured,
    /// A real attack was held off or raised the alarm.
    Exercised,
}

impl Rung {
    /// The hyphenated word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Blind => "blind",
            Self::Claimed => "claimed",
            Self::Configured => "configured",
            Self::Exercised => "exercised",
        }
    }

    /// One rung down: what old evidence is still worth. `Blind` and `NotApplicable` stay.
    #[must_use]
    pub const fn one_down(self) -> Self {
        match self {
            Self::Exercised => Self::Configured,
            Self::Configured => Self::Claimed,
            Self::Claimed | Self::Blind => Self::Blind,
            Self::NotApplicable => Self::NotApplicable,
        }
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One piece of support for a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// The rung it supports when fresh.
    pub rung: Rung,
    /// What it is: a claim, a control seen, a measurement id, a detection that fired.
    pub what: String,
    /// Where it is.
    pub locator: Option<Locator>,
    /// When it was true.
    pub as_of: Timestamp,
    /// The asset that it is about, when that is another one which speaks for this: the model behind an endpoint, the
    /// endpoint in front of a model, or `system:NAME` for what is said of a whole system.
    pub inherited_from: Option<String>,
}

/// How well one aspect is covered.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The rung that holds today.
    pub rung: Rung,
    /// Why, in a short phrase.
    pub reason: String,
    /// The rung before age took its toll, if it did.
    pub decayed_from: Option<Rung>,
    /// What it stands on, strongest first.
    pub proofs: Vec<Proof>,
}

/// The four scores of one technique on one asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// ATLAS technique.
    pub technique: TechniqueId,
    /// The asset.
    pub asset: AssetId,
    /// Keeps it from happening.
    pub prevent: Score,
    /// Notices it.
    pub detect: Score,
    /// Acts on it.
    pub respond: Score,
    /// Has been tried.
    pub tested: Score,
}

impl Coverage {
    /// The score of one aspect.
    pub const fn score(&self, aspect: Aspect) -> &Score {
        match aspect {
            Aspect::Prevent => &self.prevent,
            Aspect::Detect => &self.detect,
            Aspect::Respond => &self.respond,
            Aspect::Tested => &self.tested,
        }
    }
}
