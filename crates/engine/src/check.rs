//! Runs the checks over files, in parallel, and over the estate.

use std::collections::BTreeMap;

use rayon::prelude::*;
use vauban_checks::{Inventory, Looks, check_estate, check_file, merge};
use vauban_domain::{AssetId, AssetKind, Declaration, Finding, Outcome, Rule};
use vauban_knowledge::Knowledge;

use crate::discover::{Discovered, assets_by_file, find};
use crate::files::{Remembered, parse_again};
use crate::{Cache, Progress, Request};

/// Findings, worst first, and one outcome for every rule and asset.
pub(crate) fn check(
    discovered: &mut Discovered,
    declaration: &Declaration,
    request: &Request,
    cache: Option<&dyn Cache>,
    knowledge: &Knowledge,
    progress: &dyn Progress,
) -> (Vec<Finding>, Vec<Outcome>) {
    progress.begin("check", discovered.files.len() as u64);
    let recalled = recall(discovered, request);
    let by_file = assets_by_file(&discovered.assets);
    let looks: Vec<Looks> = discovered
        .files
        .par_iter()
        .filter_map(|file| {
            progress.advance(1);
            if let Some(looks) = recalled.get(&file.path) {
                return Some(Looks { findings: looks.findings.clone(), outcomes: looks.outcomes.clone() });
            }
            let home = find(&discovered.assets, &file.home)?;
            let here = by_file.get(file.path.as_str()).map_or(&[][..], Vec::as_slice);
            let looks = check_file(file, home, here, knowledge);
            if let (Some(cache), Some(Remembered::Draft(draft))) =
                (cache, discovered.remembered.get(&file.path))
            {
                draft.as_ref().clone().end(cache, home, here, &file.path, &looks);
            }
            Some(looks)
        })
        .collect();
    let mut all = Looks::default();
    for looks in looks {
        all.extend(looks);
    }
    let inventory = Inventory {
        assets: &discovered.assets,
        relations: &discovered.relations,
        declaration,
        files: &discovered.files,
        now: request.now,
    };
    let whole = AssetId::new(AssetKind::Pipeline, &request.subject);
    all.extend(check_estate(&inventory, &whole, knowledge));
    merge(all)
}

/// What records say about files that were not parsed. A file whose record does not do is parsed after all.
fn recall(discovered: &mut Discovered, request: &Request) -> BTreeMap<String, Looks> {
    let mut recalled = BTreeMap::new();
    let mut again = Vec::new();
    if !discovered.remembered.values().any(|what| matches!(what, Remembered::Record(..))) {
        return recalled;
    }
    let rules: Vec<Rule> = vauban_checks::all().map(|check| check.rule.clone()).collect();
    let by_file = assets_by_file(&discovered.assets);
    for (index, file) in discovered.files.iter().enumerate() {
        let Some(Remembered::Record(record, path)) = discovered.remembered.get(&file.path) else { continue };
        let here = by_file.get(file.path.as_str()).map_or(&[][..], Vec::as_slice);
        let looks = find(&discovered.assets, &file.home)
            .and_then(|home| record.looks(home, here, &file.path, &rules));
        match looks {
            Some(looks) => {
                recalled.insert(file.path.clone(), looks);
            }
            None => again.push((index, path.clone())),
        }
    }
    for (index, path) in again {
        let Some(file) = discovered.files.get_mut(index) else { continue };
        if let Ok(parsed) = parse_again(&file.path, &path, request) {
            file.parsed = parsed;
        }
    }
    recalled
}
