//! ATLAS techniques at assets: every technique of the edition at every asset it can happen to.

use vauban_domain::{TechniqueInstance, Threat};
use vauban_knowledge::Knowledge;

use crate::Facts;

/// All technique instances, by asset and then technique; `threats` are what they bring about.
pub fn techniques(facts: &Facts<'_>, knowledge: &Knowledge, threats: &[Threat]) -> Vec<TechniqueInstance> {
    let _ = (facts, knowledge, threats);
    Vec::new()
}
