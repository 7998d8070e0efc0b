//! Requirements of frameworks, held against the evidence.

use vauban_domain::{Coverage, FrameworkAssessment};
use vauban_knowledge::Knowledge;

use crate::Facts;

/// How every requirement of every framework in question stands, by framework.
pub fn compliance(
    facts: &Facts<'_>,
    knowledge: &Knowledge,
    coverage: &[Coverage],
) -> Vec<FrameworkAssessment> {
    let _ = (facts, knowledge, coverage);
    Vec::new()
}
