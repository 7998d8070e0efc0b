//! When to look again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vauban_domain as domain;

/// When reviews are due.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Schedule {
    /// Every declared system, by name.
    #[serde(default)]
    pub systems: Vec<SystemDue>,
    /// Techniques of this ATLAS edition that the review before did not know, sorted: not reviewed yet.
    #[serde(default)]
    pub new_techniques: Vec<String>,
}

/// When a system is due.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SystemDue {
    /// Name in `vauban.toml`.
    pub system: String,
    /// Days between reviews.
    pub every_days: u32,
    /// The review before this one, RFC 3339 in UTC; absent when there is none on record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// When the next one is due, RFC 3339 in UTC.
    pub next: String,
    /// Days by which this review came late.
    pub late_days: u32,
    /// What would bring the next one forward, in words.
    #[serde(default)]
    pub sooner: Vec<String>,
}

impl From<&domain::Schedule> for Schedule {
    fn from(schedule: &domain::Schedule) -> Self {
        Self {
            systems: schedule.systems.iter().map(SystemDue::from).collect(),
            new_techniques: schedule.new_techniques.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<&domain::SystemDue> for SystemDue {
    fn from(due: &domain::SystemDue) -> Self {
        Self {
            system: due.system.clone(),
            every_days: due.every_days,
            last: due.last.map(|at| at.to_string()),
            next: due.next.to_string(),
            late_days: due.late_days,
            sooner: due.sooner.clone(),
        }
    }
}
