//! Third parties and what hangs on them.

use vauban_domain::{Cascades, VendorAssessment};
use vauban_knowledge::Knowledge;

use crate::Facts;

/// Every declared vendor, largest expected loss first.
pub fn vendors(facts: &Facts<'_>, knowledge: &Knowledge, cascades: &Cascades) -> Vec<VendorAssessment> {
    let _ = (facts, knowledge, cascades);
    Vec::new()
}
