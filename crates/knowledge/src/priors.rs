//! How often techniques are tried: weak priors, for want of data. All of them are assumptions.

use crate::atlas::Maturity;

/// From where an asset can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exposure {
    /// Nobody but its own system.
    Isolated,
    /// People and systems inside the organisation.
    Internal,
    /// Named partners or customers.
    Partner,
    /// Anyone.
    Public,
}

impl Exposure {
    /// All, narrowest first.
    pub const ALL: [Self; 4] = [Self::Isolated, Self::Internal, Self::Partner, Self::Public];

    /// The lower-case word used in `vauban.toml` and asset attributes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Internal => "internal",
            Self::Partner => "partner",
            Self::Public => "public",
        }
    }

    /// Reads what [`Exposure::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|exposure| exposure.as_str() == word)
    }
}

/// Attempts per year, as a three-point estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptPrior {
    /// How far the technique has been seen.
    pub maturity: Maturity,
    /// From where the asset can be reached.
    pub exposure: Exposure,
    /// Attempts per year, low.
    pub low: f64,
    /// Attempts per year, most likely.
    pub mode: f64,
    /// Attempts per year, high.
    pub high: f64,
    /// Where the number comes from, marked as an assumption.
    pub basis: String,
}

/// The table of priors.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Priors {
    /// One row per maturity and exposure.
    pub attempts: Vec<AttemptPrior>,
}

impl Priors {
    /// The row for a technique of this maturity on an asset with this exposure.
    pub fn attempts(&self, maturity: Maturity, exposure: Exposure) -> Option<&AttemptPrior> {
        self.attempts.iter().find(|row| row.maturity == maturity && row.exposure == exposure)
    }

    pub(crate) fn builtin() -> Self {
        Self::default()
    }
}
