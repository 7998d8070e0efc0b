//! How third parties stand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::Rung;

/// How a vendor stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VendorAssessment {
    /// Name in `vauban.toml`.
    pub vendor: String,
    /// What it supplies.
    pub supplies: String,
    /// Ids of the assets that hang on it.
    pub assets: Vec<String>,
    /// Systems that hang on it, sorted.
    pub systems: Vec<String>,
    /// Questions to ask, with the answers there are.
    pub questions: Vec<VendorQuestion>,
    /// When it was last assessed (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessed: Option<String>,
    /// When it has to be assessed next (RFC 3339).
    pub due: String,
    /// Assets that harm reaches when the vendor falls.
    pub reached: u32,
    /// Expected loss given that it has fallen, in the review's currency; 0 when none is declared.
    pub expected_loss: f64,
    /// What to settle before buying or renewing, worst first.
    pub conditions: Vec<String>,
}

/// A question about one control that hangs on a vendor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VendorQuestion {
    /// Stable id: vendor and control.
    pub id: String,
    /// Control it is about.
    pub control: String,
    /// The question.
    pub text: String,
    /// Answer as given: `yes`, `no`, `partly`, `not-applicable`; empty while there is none.
    #[serde(default)]
    pub answer: String,
    /// What the vendor shows for it.
    #[serde(default)]
    pub evidence: String,
    /// When it answered (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<String>,
    /// What is known of the control today, age taken off.
    pub rung: Rung,
}

impl From<&domain::VendorAssessment> for VendorAssessment {
    fn from(one: &domain::VendorAssessment) -> Self {
        Self {
            vendor: one.vendor.clone(),
            supplies: one.supplies.clone(),
            assets: one.assets.iter().map(ToString::to_string).collect(),
            systems: one.systems.clone(),
            questions: one.questions.iter().map(VendorQuestion::from).collect(),
            assessed: one.assessed.map(|time| time.to_string()),
            due: one.due.to_string(),
            reached: one.reached,
            expected_loss: one.expected_loss,
            conditions: one.conditions.clone(),
        }
    }
}

impl From<&domain::VendorQuestion> for VendorQuestion {
    fn from(question: &domain::VendorQuestion) -> Self {
        Self {
            id: question.id.clone(),
            control: question.control.clone(),
            text: question.text.clone(),
            answer: question.answer.clone(),
            evidence: question.evidence.clone(),
            answered: question.answered.map(|time| time.to_string()),
            rung: question.rung.into(),
        }
    }
}
