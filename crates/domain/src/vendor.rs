//! Third parties: what hangs on them, what they say, and what their fall would cost.

use crate::{AssetId, Rung, Timestamp};

/// How a vendor stands.
#[derive(Debug, Clone, PartialEq)]
pub struct VendorAssessment {
    /// Name in `vauban.toml`.
    pub vendor: String,
    /// What it supplies.
    pub supplies: String,
    /// Assets that hang on it.
    pub assets: Vec<AssetId>,
    /// Systems that hang on it, sorted.
    pub systems: Vec<String>,
    /// Questions to ask, with the answers there are.
    pub questions: Vec<VendorQuestion>,
    /// When it was last assessed.
    pub assessed: Option<Timestamp>,
    /// When it has to be assessed next.
    pub due: Timestamp,
    /// Assets that harm reaches when the vendor falls.
    pub reached: u32,
    /// Expected loss given that it has fallen, in the review's currency; 0 when none is declared.
    pub expected_loss: f64,
    /// What to settle before buying or renewing, worst first.
    pub conditions: Vec<String>,
}

/// A question about one control that hangs on a vendor.
#[derive(Debug, Clone, PartialEq)]
pub struct VendorQuestion {
    /// Stable id: vendor and control.
    pub id: String,
    /// Control it is about.
    pub control: String,
    /// The question.
    pub text: String,
    /// Answer as given: `yes`, `no`, `partly`, `not-applicable`; empty while there is none.
    pub answer: String,
    /// What the vendor shows for it.
    pub evidence: String,
    /// When it answered.
    pub answered: Option<Timestamp>,
    /// What the answer is worth today, age taken off.
    pub rung: Rung,
}
