//! What to do about each gap.

use vauban_domain::{Action, Coverage, Plan};
use vauban_knowledge::Knowledge;

use crate::Facts;

/// One action per gap, most urgent first.
pub fn actions(facts: &Facts<'_>, knowledge: &Knowledge, coverage: &[Coverage], plan: &Plan) -> Vec<Action> {
    let _ = (facts, knowledge, coverage, plan);
    Vec::new()
}
