//! When to look again, and what nobody has looked at since something changed.

use crate::{TechniqueId, Timestamp};

/// When reviews are due.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schedule {
    /// Every declared system, by name.
    pub systems: Vec<SystemDue>,
    /// Techniques of this ATLAS edition that the review before did not know, sorted.
    pub new_techniques: Vec<TechniqueId>,
}

/// When a system is due.
#[derive(Debug, Clone, PartialEq)]
pub struct SystemDue {
    /// Name in `vauban.toml`.
    pub system: String,
    /// Days between reviews.
    pub every_days: u32,
    /// The review before this one; absent when there is none on record.
    pub last: Option<Timestamp>,
    /// When the next one is due.
    pub next: Timestamp,
    /// Days by which this review came late; 0 when it did not.
    pub late_days: u32,
    /// What would bring it forward, in words.
    pub sooner: Vec<String>,
}
