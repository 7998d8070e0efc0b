//! How often techniques are tried: weak priors, for want of data. All of them are assumptions.

use serde::Deserialize;

use crate::atlas::Maturity;
use crate::table::rows;

/// From where an asset can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
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
        let attempts = rows::<Row>("priors", include_str!("../data/priors.csv")).into_iter().map(|row| {
            let maturity = row.maturity.as_str();
            let exposure = row.exposure.as_str();
            AttemptPrior {
                maturity: row.maturity,
                exposure: row.exposure,
                low: row.low,
                mode: row.mode,
                high: row.high,
                basis: format!(
                    "assumption: a technique that is {maturity} in ATLAS against an asset with {exposure} \
                     exposure is tried {} to {} times a year, most likely {}",
                    row.low, row.high, row.mode
                ),
            }
        });
        Self { attempts: attempts.collect() }
    }
}

#[derive(Deserialize)]
struct Row {
    maturity: Maturity,
    exposure: Exposure,
    low: f64,
    mode: f64,
    high: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_maturity_and_exposure_has_an_ordered_prior_that_grows_with_exposure() {
        let priors = Priors::builtin();
        for maturity in [Maturity::Feasible, Maturity::Demonstrated, Maturity::Realized] {
            let row = |exposure| priors.attempts(maturity, exposure).expect("a row for each pair");
            for exposure in Exposure::ALL {
                let prior = row(exposure);
                assert!(0.0 < prior.low && prior.low < prior.mode && prior.mode < prior.high);
                assert!(prior.basis.starts_with("assumption"));
            }
            for pair in Exposure::ALL.windows(2) {
                assert!(row(pair[0]).mode < row(pair[1]).mode);
            }
        }
    }
}
