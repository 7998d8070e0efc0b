//! Third parties that came, went, answered, or have other conditions.

use std::collections::{BTreeMap, BTreeSet};
use vauban_domain::day;

use serde::Serialize;

use crate::v1::VendorAssessment;

/// What is different about one third party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct VendorChange {
    /// Its name.
    pub vendor: String,
    /// What is different, each in a few words; never empty.
    pub changes: Vec<String>,
}

pub(super) fn vendors(old: &[VendorAssessment], new: &[VendorAssessment]) -> Vec<VendorChange> {
    let by_name = |list: &[VendorAssessment]| -> BTreeMap<String, VendorAssessment> {
        list.iter().map(|one| (one.vendor.clone(), one.clone())).collect()
    };
    let (was, is) = (by_name(old), by_name(new));
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    names
        .into_iter()
        .filter_map(|name| {
            let changes = match (was.get(name), is.get(name)) {
                (None, Some(_)) => vec!["new".to_owned()],
                (Some(_), None) => vec!["gone".to_owned()],
                (Some(before), Some(after)) => changes(before, after),
                (None, None) => Vec::new(),
            };
            (!changes.is_empty()).then(|| VendorChange { vendor: name.clone(), changes })
        })
        .collect()
}

fn changes(before: &VendorAssessment, after: &VendorAssessment) -> Vec<String> {
    let mut changes = Vec::new();
    let answers = |one: &VendorAssessment| -> BTreeMap<String, (String, crate::v1::Rung)> {
        one.questions
            .iter()
            .map(|question| (question.id.clone(), (question.answer.clone(), question.rung)))
            .collect()
    };
    let (was, is) = (answers(before), answers(after));
    for (id, (answer, rung)) in &is {
        let word = |answer: &str| if answer.is_empty() { "no answer".to_owned() } else { answer.to_owned() };
        match was.get(id) {
            None => changes.push(format!("question {id} is new: {}", word(answer))),
            Some((old, _)) if old != answer => {
                changes.push(format!("question {id}: {} before, {} now", word(old), word(answer)));
            }
            Some((_, old)) if old != rung => {
                changes.push(format!("question {id}: known as {old} before, as {rung} now"));
            }
            Some(_) => {}
        }
    }
    changes.extend(was.keys().filter(|id| !is.contains_key(*id)).map(|id| format!("question {id} is gone")));
    let day = |time: &str| day(time).to_owned();
    if before.assessed != after.assessed {
        let assessed = after.assessed.as_deref().map_or("nobody knows when".to_owned(), day);
        changes.push(format!("assessed {assessed}, due {}", day(&after.due)));
    }
    if before.reached != after.reached {
        changes.push(format!("its fall reaches {} assets, {} before", after.reached, before.reached));
    }
    let (old, new): (BTreeSet<_>, BTreeSet<_>) =
        (before.conditions.iter().collect(), after.conditions.iter().collect());
    changes.extend(new.difference(&old).map(|condition| format!("to settle: {condition}")));
    changes.extend(old.difference(&new).map(|condition| format!("settled: {condition}")));
    changes
}
