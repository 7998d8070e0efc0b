//! Findings, and what became of every look.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::{Locator, Severity, Status, Verdict};

/// A rule that applies to an asset, with its evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Sixteen hexadecimal digits, stable across re-runs.
    pub fingerprint: String,
    /// Id of the rule, found in `review.rules`.
    pub rule: String,
    /// Id of the asset.
    pub asset: String,
    /// How bad it is here.
    pub severity: Severity,
    /// What is wrong here, in one line.
    pub message: String,
    /// Where it stands against earlier reviews; absent when none are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Why and until when it is accepted; present only with the status `accepted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<Acceptance>,
    /// What supports it, never empty.
    pub evidence: Vec<Evidence>,
}

/// A decision to live with a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acceptance {
    /// Why.
    pub reason: String,
    /// Until when, RFC 3339 in UTC.
    pub until: String,
}

/// Something seen that supports a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Where it was seen.
    pub locator: Locator,
    /// What makes this evidence itself across re-runs.
    pub key: String,
    /// Short excerpt for people, secrets masked.
    pub excerpt: String,
    /// When the fact was true, RFC 3339 in UTC, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_at: Option<String>,
}

impl Finding {
    /// The finding with its status from `history`.
    pub(super) fn of(finding: &domain::Finding, history: &domain::History) -> Self {
        let status = history.get(&finding.fingerprint);
        Self {
            fingerprint: finding.fingerprint.to_string(),
            rule: finding.rule.to_string(),
            asset: finding.asset.to_string(),
            severity: finding.severity.into(),
            message: finding.message.clone(),
            status: status.map(Status::from),
            acceptance: match status {
                Some(domain::Status::Accepted { reason, until }) => {
                    Some(Acceptance { reason: reason.clone(), until: until.to_string() })
                }
                _ => None,
            },
            evidence: finding.evidence.iter().map(Evidence::from).collect(),
        }
    }

    /// Whether the owner lives with it.
    pub fn is_accepted(&self) -> bool {
        self.status == Some(Status::Accepted)
    }
}

impl From<&domain::Status> for Status {
    fn from(status: &domain::Status) -> Self {
        match status {
            domain::Status::New => Self::New,
            domain::Status::Open => Self::Open,
            domain::Status::Fixed => Self::Fixed,
            domain::Status::Unchecked => Self::Unchecked,
            domain::Status::Reopened => Self::Reopened,
            domain::Status::Accepted { .. } => Self::Accepted,
        }
    }
}

impl From<&domain::Evidence> for Evidence {
    fn from(evidence: &domain::Evidence) -> Self {
        Self {
            locator: (&evidence.locator).into(),
            key: evidence.key.clone(),
            excerpt: evidence.excerpt.clone(),
            observed_at: evidence.observed_at.map(|at| at.to_string()),
        }
    }
}

/// The end of one look: a rule at an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Id of the rule that looked.
    pub rule: String,
    /// Id of the asset it looked at.
    pub asset: String,
    /// How it ended.
    pub verdict: Verdict,
    /// Number of findings; present only with the verdict `found`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<u64>,
    /// Why it does not apply, was skipped or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl From<&domain::Outcome> for Outcome {
    fn from(outcome: &domain::Outcome) -> Self {
        let (verdict, findings, reason) = match &outcome.verdict {
            domain::Verdict::Found(count) => (Verdict::Found, Some(*count as u64), None),
            domain::Verdict::Clean => (Verdict::Clean, None, None),
            domain::Verdict::NotApplicable(why) => (Verdict::NotApplicable, None, Some(why.clone())),
            domain::Verdict::Skipped(why) => (Verdict::Skipped, None, Some(why.clone())),
            domain::Verdict::Failed(why) => (Verdict::Failed, None, Some(why.clone())),
        };
        Self { rule: outcome.rule.to_string(), asset: outcome.asset.to_string(), verdict, findings, reason }
    }
}
