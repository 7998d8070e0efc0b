//! What to do about each gap: who, until when, how, and what shows that it is done.

use crate::{AssetId, Fingerprint, Severity, TechniqueId, Timestamp};

/// What an action closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// Techniques that can happen where nobody prevents and nobody detects them.
    BlindSpot,
    /// Findings that are open.
    Findings,
}

impl ActionKind {
    /// The hyphenated word used in outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BlindSpot => "blind-spot",
            Self::Findings => "findings",
        }
    }
}

/// One piece of work that closes a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Stable id, from what it closes and where.
    pub id: String,
    /// What it closes.
    pub kind: ActionKind,
    /// What to do, in a line.
    pub title: String,
    /// Why, in words.
    pub why: String,
    /// Severity of the worst thing it closes.
    pub severity: Severity,
    /// Name of the system, if one is declared.
    pub system: Option<String>,
    /// Assets it is about.
    pub assets: Vec<AssetId>,
    /// ATLAS techniques whose gap it closes.
    pub techniques: Vec<TechniqueId>,
    /// Control to put in place, by id; empty when no control of the library helps.
    pub control: String,
    /// Detection that watches for it, by id; empty for none.
    pub detection: String,
    /// Log that the detection needs, in words; empty when there is no detection.
    pub log: String,
    /// Playbook to follow, by id.
    pub playbook: String,
    /// What to do first, by layer, when it has already happened.
    pub containment: Vec<String>,
    /// Who has to do it; empty when nobody is named.
    pub owner: String,
    /// Until when.
    pub due: Timestamp,
    /// Rules that must fall silent when it is done.
    pub silences: Vec<String>,
    /// What must be seen before it counts as done, a line each.
    pub done_when: Vec<String>,
    /// Findings it closes.
    pub findings: Vec<Fingerprint>,
}
