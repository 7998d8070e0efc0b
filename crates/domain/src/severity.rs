//! How bad a finding is.

use std::fmt;
use std::str::FromStr;

/// Severity of a finding, lowest first so that `>=` reads as "at least".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing to repair.
    Info,
    /// Weakens the posture only together with something else.
    Low,
    /// A weakness an attacker can use with some preparation.
    Medium,
    /// A weakness an attacker can use directly.
    High,
    /// Code runs, data leaves or control is lost as soon as the asset is used.
    Critical,
}

impl Severity {
    /// All severities, lowest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The qualitative scale of CVSS 3.1 and 4.0 for a score from 0 to 10, which GitHub's code scanning uses, too, and which is
    /// taken for CVSS 2 as well (<https://www.first.org/cvss/v4-0/specification-document>, section 6).
    pub fn of_score(score: f64) -> Self {
        match score {
            score if score >= 9.0 => Self::Critical,
            score if score >= 7.0 => Self::High,
            score if score >= 4.0 => Self::Medium,
            score if score > 0.0 => Self::Low,
            _ => Self::Info,
        }
    }

    /// The lower-case word used in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word)
            .ok_or_else(|| format!("unknown severity `{word}`; use one of info, low, medium, high, critical"))
    }
}
