//! How requirements of frameworks stand.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::RequirementStatus;

/// A framework and how its requirements stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementAssessment {
    /// Id with edition, `A.6.2.4@2023`.
    pub id: String,
    /// Its name in the framework, or our label for it.
    pub name: String,
    /// The system it is about; absent for the organisation as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// How it stands.
    pub status: RequirementStatus,
    /// Why, in words: what is missing, or why it does not apply.
    pub reason: String,
    /// From when it applies, RFC 3339 in UTC, if it has a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_from: Option<String>,
    /// What it stands on.
    #[serde(default)]
    pub evidence: Vec<RequirementEvidence>,
}

/// One thing that speaks for or against a requirement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementEvidence {
    /// `finding`, `outcome`, `measurement`, `coverage`, `control`, `asset`, `declaration` or `statement`.
    pub kind: String,
    /// Id of the thing: fingerprint, rule, measurement, control ...
    pub id: String,
    /// What it shows, in words.
    pub what: String,
    /// Whether it speaks for the requirement.
    pub supports: bool,
    /// Id of the asset it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// When it was true, RFC 3339 in UTC.
    pub as_of: String,
}

impl From<&domain::FrameworkAssessment> for FrameworkAssessment {
    fn from(assessment: &domain::FrameworkAssessment) -> Self {
        Self {
            framework: assessment.framework.clone(),
            edition: assessment.edition.clone(),
            name: assessment.name.clone(),
            requirements: assessment.requirements.iter().map(RequirementAssessment::from).collect(),
        }
    }
}

impl From<&domain::RequirementAssessment> for RequirementAssessment {
    fn from(requirement: &domain::RequirementAssessment) -> Self {
        Self {
            id: requirement.id.clone(),
            name: requirement.name.clone(),
            system: requirement.system.clone(),
            status: requirement.status.into(),
            reason: requirement.reason.clone(),
            applies_from: requirement.applies_from.map(|at| at.to_string()),
            evidence: requirement.evidence.iter().map(RequirementEvidence::from).collect(),
        }
    }
}

impl From<&domain::RequirementEvidence> for RequirementEvidence {
    fn from(evidence: &domain::RequirementEvidence) -> Self {
        Self {
            kind: evidence.kind.clone(),
            id: evidence.id.clone(),
            what: evidence.what.clone(),
            supports: evidence.supports,
            asset: evidence.asset.as_ref().map(ToString::to_string),
            as_of: evidence.as_of.to_string(),
        }
    }
}
