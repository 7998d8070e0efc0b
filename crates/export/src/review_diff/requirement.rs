//! Requirements of frameworks that stand otherwise.

use std::collections::BTreeMap;

use serde::Serialize;

use super::merit;
use crate::v1::{FrameworkAssessment, RequirementAssessment, RequirementStatus};

/// A requirement whose status is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequirementChange {
    /// Slug of the framework.
    pub framework: String,
    /// Id of the requirement, with edition.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The system it is about; `None` for the organisation.
    pub system: Option<String>,
    /// Its status before; `None` when it was not assessed.
    pub before: Option<RequirementStatus>,
    /// Its status after; `None` when it is not assessed any more.
    pub after: Option<RequirementStatus>,
    /// Why, as the later review says it.
    pub why: String,
}

impl RequirementChange {
    /// Whether it is met less than before; what did not or does not apply is not.
    pub fn is_worse(&self) -> bool {
        match (self.before.and_then(merit), self.after.and_then(merit)) {
            (Some(before), Some(after)) => after < before,
            _ => false,
        }
    }
}

type Key = (String, String, Option<String>);

pub(super) fn requirements(
    old: &[FrameworkAssessment],
    new: &[FrameworkAssessment],
) -> Vec<RequirementChange> {
    let (was, is) = (by_key(old), by_key(new));
    let keys: std::collections::BTreeSet<&Key> = was.keys().chain(is.keys()).collect();
    keys.into_iter()
        .filter_map(|key| {
            let (before, after) = (was.get(key), is.get(key));
            let status = |side: Option<&&RequirementAssessment>| side.map(|one| one.status);
            let (framework, id, system) = key;
            (status(before) != status(after)).then(|| RequirementChange {
                framework: framework.clone(),
                id: id.clone(),
                name: after.or(before).map(|one| one.name.clone()).unwrap_or_default(),
                system: system.clone(),
                before: status(before),
                after: status(after),
                why: after.map_or("not assessed any more", |one| &one.reason).to_owned(),
            })
        })
        .collect()
}

fn by_key(frameworks: &[FrameworkAssessment]) -> BTreeMap<Key, &RequirementAssessment> {
    frameworks
        .iter()
        .flat_map(|framework| framework.requirements.iter().map(move |one| (framework, one)))
        .map(|(framework, one)| ((framework.framework.clone(), one.id.clone(), one.system.clone()), one))
        .collect()
}
