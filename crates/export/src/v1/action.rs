//! What to do about each gap.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

use super::Severity;

/// One piece of work that closes a gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// Stable id, from the system and what closes the gap.
    pub id: String,
    /// What it closes: `blind-spot` or `findings`.
    #[serde(default = "findings")]
    pub kind: String,
    /// What to do, in a line.
    pub title: String,
    /// Why, in words.
    pub why: String,
    /// Severity of the worst thing it closes.
    pub severity: Severity,
    /// Name of the system, if one is declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Ids of the assets it is about.
    pub assets: Vec<String>,
    /// ATLAS techniques whose gap it closes.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// Control to put in place, by id; empty when no control of the library helps.
    pub control: String,
    /// Detection that watches for it, by rule id; empty for none.
    pub detection: String,
    /// Log that the detection needs, in words; empty when there is no detection.
    #[serde(default)]
    pub log: String,
    /// Playbook to follow, by id.
    pub playbook: String,
    /// What to do first, by layer, when it has already happened.
    #[serde(default)]
    pub containment: Vec<String>,
    /// Who has to do it; empty when nobody is named.
    pub owner: String,
    /// Until when, RFC 3339 in UTC.
    pub due: String,
    /// Rules that must fall silent when it is done.
    #[serde(default)]
    pub silences: Vec<String>,
    /// What must be seen before it counts as done, a line each.
    #[serde(default)]
    pub done_when: Vec<String>,
    /// Fingerprints of the findings it closes.
    #[serde(default)]
    pub findings: Vec<String>,
}

/// The kind of actions in documents that were written before there were others.
fn findings() -> String {
    domain::ActionKind::Findings.as_str().to_owned()
}

impl From<&domain::Action> for Action {
    fn from(action: &domain::Action) -> Self {
        Self {
            id: action.id.clone(),
            kind: action.kind.as_str().to_owned(),
            title: action.title.clone(),
            why: action.why.clone(),
            severity: action.severity.into(),
            system: action.system.clone(),
            assets: action.assets.iter().map(ToString::to_string).collect(),
            techniques: action.techniques.iter().map(ToString::to_string).collect(),
            control: action.control.clone(),
            detection: action.detection.clone(),
            log: action.log.clone(),
            playbook: action.playbook.clone(),
            containment: action.containment.clone(),
            owner: action.owner.clone(),
            due: action.due.to_string(),
            silences: action.silences.clone(),
            done_when: action.done_when.clone(),
            findings: action.findings.iter().map(ToString::to_string).collect(),
        }
    }
}
