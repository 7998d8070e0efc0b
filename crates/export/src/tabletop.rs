//! The steps of a drill, from the same facts as the incident-response book: whom to call, what to cut along the path, what
//! to keep, whom to tell until when, how to come back.

use std::collections::BTreeSet;

use vauban_knowledge::Knowledge;

use crate::response_book::{held, paths};
use crate::v1::{Asset, Document};

/// Assets named in a step.
const NAMED: usize = 10;

/// What a drill plays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tabletop {
    /// Id of the attack path; empty when none ends in the system.
    pub path: String,
    /// ATLAS techniques of the path, sorted.
    pub techniques: Vec<String>,
    /// Ids of the assets of the path, in its order.
    pub assets: Vec<String>,
    /// What is to be done, in order.
    pub steps: Vec<TabletopStep>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabletopStep {
    /// `call`, `contain`, `keep`, `recover` or `tell`.
    pub phase: &'static str,
    /// Who should do it.
    pub who: String,
    /// What.
    pub what: String,
    /// Hours within which it must be done, if there is a limit.
    pub hours: Option<u32>,
}

/// The drill of a path, or of the first path that ends in the system; of the whole system when there is none.
///
/// # Errors
/// When the document has no such system or path.
pub fn tabletop(document: &Document, system: &str, path: Option<&str>) -> Result<Tabletop, String> {
    let systems = &document.review.declaration.systems;
    let Some(declared) = systems.iter().find(|known| known.name == system) else {
        let known: Vec<&str> = systems.iter().map(|system| system.name.as_str()).collect();
        return Err(format!("no system is called `{system}`; the review has {}", known.join(", ")));
    };
    let chosen = match path {
        None => paths(document, system).next(),
        Some(id) => {
            let mut all = document.threats.iter().flat_map(|threats| &threats.paths);
            let known = all.find(|path| path.id == id && path.system.as_deref() == Some(system));
            Some(known.ok_or_else(|| {
                let known: Vec<&str> = paths(document, system).map(|path| path.id.as_str()).collect();
                format!("no path `{id}` ends in `{system}`; the review has {}", known.join(", "))
            })?)
        }
    };
    let mut ids: Vec<String> = Vec::new();
    let mut techniques = BTreeSet::new();
    for step in chosen.iter().flat_map(|path| &path.steps) {
        if !ids.contains(&step.asset) {
            ids.push(step.asset.clone());
        }
        techniques.extend(step.technique.clone());
    }
    let assets: Vec<&Asset> = if ids.is_empty() {
        document.assets().iter().filter(|asset| asset.system.as_deref() == Some(system)).collect()
    } else {
        ids.iter().filter_map(|id| document.asset(id)).collect()
    };
    let owner = if declared.owner.is_empty() { "system owner" } else { &declared.owner };
    let step =
        |phase, who: &str, what: String| TabletopStep { phase, who: who.to_owned(), what, hours: None };
    let mut steps =
        vec![step("call", "whoever notices", format!("call {owner} and note when and how it showed"))];
    let held = held(&assets);
    for one in &held {
        let names: Vec<&str> = one.assets.iter().take(NAMED).map(|asset| asset.id.as_str()).collect();
        let more = one.assets.len().saturating_sub(names.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let measure = one.measure;
        steps.push(step("keep", &measure.owner, measure.evidence.clone()));
        let what = format!("{}: {}, at {}{more}", measure.layer, measure.action, names.join(", "));
        steps.push(step("contain", &measure.owner, what));
    }
    let duties = Knowledge::builtin().duties_of(&declared.role, &declared.risk_class, &declared.data);
    for duty in duties {
        steps.push(TabletopStep {
            hours: duty.hours,
            ..step(
                "tell",
                owner,
                format!("decide on {} and tell: {} ({})", duty.reference(), duty.to, duty.on),
            )
        });
    }
    steps.extend(held.iter().map(|one| step("recover", &one.measure.owner, one.measure.recovery.clone())));
    Ok(Tabletop {
        path: chosen.map(|path| path.id.clone()).unwrap_or_default(),
        techniques: techniques.into_iter().collect(),
        assets: ids,
        steps,
    })
}
