//! What a requirement is judged over: the whole estate or one system, with everything counted that indicators ask for.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{
    Aspect, Asset, AssetId, AssetKind, Finding, Measurement, Rung, Severity, System, Timestamp, Verdict,
};

use super::Basis;
use crate::Facts;
use crate::facts::bare;
use crate::gap::{Served, aged, platforms};
use crate::held::{Controls, fits};

/// How the looks of one rule ended.
#[derive(Debug, Default)]
pub(super) struct Looks<'a> {
    /// Nothing found, or only notes.
    pub(super) clean: usize,
    /// Cannot apply.
    pub(super) impossible: usize,
    /// Skipped or failed.
    pub(super) missed: usize,
    /// Why the first one was missed.
    pub(super) why: &'a str,
    /// Findings that are open.
    pub(super) open: Vec<&'a Finding>,
    /// Findings that the owner lives with.
    pub(super) accepted: Vec<&'a Finding>,
}

/// How often an aspect of a technique stands on which rung.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rungs {
    pub(super) blind: usize,
    pub(super) claimed: usize,
    pub(super) configured: usize,
    pub(super) exercised: usize,
}

/// Where a control could be and where it is.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// Assets that it fits.
    pub(super) fits: usize,
    /// Rung and proof at assets that hold it.
    pub(super) held: Vec<(Rung, String, Timestamp)>,
}

/// The organisation or one system.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// `None` for the organisation.
    pub(super) system: Option<&'a System>,
    /// The system; all declared ones for the organisation.
    pub(super) systems: Vec<&'a System>,
    pub(super) assets: Vec<&'a Asset>,
    pub(super) kinds: BTreeSet<AssetKind>,
    pub(super) looks: BTreeMap<&'a str, Looks<'a>>,
    /// By aspect and technique without edition.
    pub(super) rungs: BTreeMap<(Aspect, &'a str), Rungs>,
    pub(super) controls: BTreeMap<&'a str, Placed>,
    pub(super) measurements: Vec<&'a Measurement>,
}

impl<'a> Scope<'a> {
    fn new(system: Option<&'a System>, systems: Vec<&'a System>) -> Self {
        Self {
            system,
            systems,
            assets: Vec::new(),
            kinds: BTreeSet::new(),
            looks: BTreeMap::new(),
            rungs: BTreeMap::new(),
            controls: BTreeMap::new(),
            measurements: Vec::new(),
        }
    }

    /// How to call it in a sentence.
    pub(super) fn name(&self) -> &'a str {
        self.system.map_or("the organisation", |system| &system.name)
    }
}

/// Assets that belong to other ATLAS platforms alone.
fn of_others<'a>(facts: &Facts<'a>, platform: &str) -> BTreeSet<&'a AssetId> {
    let served = Served::measured(facts);
    let assets = facts.inventory.assets.iter();
    assets.filter(|asset| !platforms(asset, &served).contains(platform)).map(|asset| &asset.id).collect()
}

/// The organisation first, then each declared system by name, with the assets of an ATLAS platform alone if one is given.
pub(super) fn scopes<'a>(basis: &Basis<'a>, platform: Option<&str>) -> Vec<Scope<'a>> {
    let facts = basis.facts;
    let left_out = platform.map(|platform| of_others(facts, platform)).unwrap_or_default();
    let mut systems: Vec<&System> = facts.declaration.systems.iter().collect();
    systems.sort_by(|one, other| one.name.cmp(&other.name));
    let mut scopes = vec![Scope::new(None, systems.clone())];
    scopes.extend(systems.iter().map(|system| Scope::new(Some(system), vec![system])));
    let by_name: BTreeMap<&str, usize> =
        systems.iter().enumerate().map(|(at, system)| (system.name.as_str(), at + 1)).collect();
    let homes: BTreeMap<&AssetId, Option<usize>> = facts
        .inventory
        .assets
        .iter()
        .map(|asset| (&asset.id, asset.system.as_deref().and_then(|name| by_name.get(name).copied())))
        .collect();
    let mut each = |asset: &AssetId, put: &mut dyn FnMut(&mut Scope<'a>)| {
        if left_out.contains(asset) {
            return;
        }
        let home = homes.get(asset).copied().flatten();
        for at in std::iter::once(0).chain(home) {
            if let Some(scope) = scopes.get_mut(at) {
                put(scope);
            }
        }
    };
    let accepted = crate::facts::accepted(facts);
    for finding in facts.findings {
        if finding.severity == Severity::Info || finding.is_answered() {
            continue;
        }
        let lived_with = accepted.contains(finding.fingerprint.as_str());
        each(&finding.asset, &mut |scope| {
            let looks = scope.looks.entry(finding.rule.as_ref()).or_default();
            if lived_with { looks.accepted.push(finding) } else { looks.open.push(finding) }
        });
    }
    for outcome in facts.outcomes {
        each(&outcome.asset, &mut |scope| {
            let looks = scope.looks.entry(outcome.rule.as_ref()).or_default();
            match &outcome.verdict {
                Verdict::Clean => looks.clean += 1,
                // Somebody looked; what was found counts by itself, and what is left are notes.
                Verdict::Found(_) => {
                    if looks.open.is_empty() && looks.accepted.is_empty() {
                        looks.clean += 1;
                    }
                }
                Verdict::NotApplicable(_) => looks.impossible += 1,
                Verdict::Skipped(why) | Verdict::Failed(why) => {
                    looks.missed += 1;
                    if looks.why.is_empty() {
                        looks.why = why;
                    }
                }
            }
        });
    }
    for row in basis.coverage {
        each(&row.asset, &mut |scope| {
            for aspect in Aspect::ALL {
                let rung = row.score(aspect).rung;
                if rung == Rung::NotApplicable {
                    continue;
                }
                let rungs = scope.rungs.entry((aspect, bare(&row.technique))).or_default();
                match rung {
                    Rung::Claimed => rungs.claimed += 1,
                    Rung::Configured => rungs.configured += 1,
                    Rung::Exercised => rungs.exercised += 1,
                    Rung::Blind | Rung::NotApplicable => rungs.blind += 1,
                }
            }
        });
    }
    for measurement in facts.measurements.iter().filter(|measurement| measurement.trials > 0) {
        each(&measurement.asset, &mut |scope| scope.measurements.push(measurement));
    }
    let controls = Controls::new(*facts, basis.knowledge);
    let half_life = facts.half_life_days();
    for asset in facts.inventory.assets {
        let mut best: BTreeMap<&str, (Rung, String, Timestamp)> = BTreeMap::new();
        for held in controls.held_at(asset) {
            let rung = aged(held.proof.rung, held.proof.as_of, facts.now, half_life);
            let known = best.get(held.control.id.as_str()).map(|(rung, ..)| *rung);
            if rung > Rung::Blind && known.is_none_or(|known| rung > known) {
                best.insert(&held.control.id, (rung, held.proof.what, held.proof.as_of));
            }
        }
        each(&asset.id, &mut |scope| {
            scope.assets.push(asset);
            scope.kinds.insert(asset.kind);
            for control in basis.knowledge.controls.iter().filter(|control| fits(control, asset)) {
                scope.controls.entry(&control.id).or_default().fits += 1;
            }
            for (control, held) in &best {
                // A control that held in an exercise counts where it was, whether or not the library would put it there.
                let placed = scope.controls.entry(known_id(basis, control)).or_default();
                placed.held.push(held.clone());
                placed.fits = placed.fits.max(placed.held.len());
            }
        });
    }
    scopes
}

/// The control's id as the knowledge base holds it.
fn known_id<'a>(basis: &Basis<'a>, id: &str) -> &'a str {
    basis.knowledge.control(id).map_or("", |control| &control.id)
}
