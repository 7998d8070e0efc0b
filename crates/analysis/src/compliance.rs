//! How requirements of frameworks stand, judged from the evidence of a review.

use vauban_domain::{Coverage, FrameworkAssessment};
use vauban_knowledge::Knowledge;

use crate::Facts;

/// Frameworks that apply, each requirement with its status, reason and evidence.
pub fn compliance(
    _facts: &Facts<'_>,
    _knowledge: &Knowledge,
    _coverage: &[Coverage],
) -> Vec<FrameworkAssessment> {
    Vec::new()
}
