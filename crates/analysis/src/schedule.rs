//! When to look again.

use vauban_domain::{Schedule, TechniqueId, Timestamp};

use crate::Facts;

/// What is remembered of the review before this one.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// When it was taken.
    pub taken_at: Timestamp,
    /// ATLAS edition it knew.
    pub atlas_edition: String,
    /// Techniques it scored, sorted.
    pub techniques: Vec<TechniqueId>,
}

/// When every system is due, and what is new since the review before.
pub fn schedule(facts: &Facts<'_>, earlier: Option<&Earlier>) -> Schedule {
    let _ = (facts, earlier);
    Schedule::default()
}
