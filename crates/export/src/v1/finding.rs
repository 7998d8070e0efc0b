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
    /// What each engine says about it; absent where only this one looked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<EngineVerdict>,
}

/// What one engine, or the author of a statement, says about the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EngineVerdict {
    /// The engine in lower case, `vauban` for this one; the author of a statement.
    pub engine: String,
    /// Its own name for what it found.
    pub rule: String,
    /// How bad it says it is; absent if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// What it says, in its words.
    pub said: String,
    /// ATLAS techniques with edition that its rule stands for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub techniques: Vec<String>,
    /// Attempts that it made and judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trials: Option<u64>,
    /// Attempts that got through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<u64>,
    /// Whether it says, with a reason, that nothing needs to be done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answers: bool,
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
            verdicts: finding.verdicts.iter().map(EngineVerdict::from).collect(),
        }
    }

    /// Whether somebody said, with a reason, that nothing needs to be done about it.
    pub fn is_answered(&self) -> bool {
        self.verdicts.iter().any(|verdict| verdict.answers)
    }

    /// Whether the owner lives with it.
    pub fn is_accepted(&self) -> bool {
        self.status == Some(Status::Accepted)
    }
}

impl EngineVerdict {
    /// In one line: who says what, with severity and counts.
    pub fn sentence(&self) -> String {
        let mut text = format!("{} {}", self.engine, self.rule);
        if let Some(severity) = self.severity {
            text = format!("{text} ({severity})");
        }
        if let (Some(trials), Some(failures)) = (self.trials, self.failures) {
            let rate = failures.saturating_mul(100).checked_div(trials).unwrap_or(0);
            text = format!("{text}: {failures} of {trials} attempts got through ({rate} %)");
        } else if !self.said.is_empty() {
            text = format!("{text}: {}", self.said);
        }
        text
    }
}

impl From<&domain::EngineVerdict> for EngineVerdict {
    fn from(verdict: &domain::EngineVerdict) -> Self {
        Self {
            engine: verdict.engine.clone(),
            rule: verdict.rule.clone(),
            severity: verdict.severity.map(Severity::from),
            said: verdict.said.clone(),
            techniques: verdict.techniques.clone(),
            trials: verdict.trials.map(|trials| trials.made),
            failures: verdict.trials.map(|trials| trials.failed),
            answers: verdict.answers,
        }
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
