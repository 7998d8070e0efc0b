//! Runs the checks over files, in parallel, and over the estate.

use rayon::prelude::*;
use vauban_checks::{Inventory, Looks, check_estate, check_file, merge};
use vauban_domain::{AssetId, AssetKind, Declaration, Finding, Outcome, Timestamp};
use vauban_knowledge::Knowledge;

use crate::Progress;
use crate::discover::{Discovered, assets_by_file, find};

/// Findings, worst first, and one outcome for every rule and asset.
pub(crate) fn check(
    discovered: &Discovered,
    declaration: &Declaration,
    subject: &str,
    now: Timestamp,
    knowledge: &Knowledge,
    progress: &dyn Progress,
) -> (Vec<Finding>, Vec<Outcome>) {
    progress.begin("check", discovered.files.len() as u64);
    let by_file = assets_by_file(&discovered.assets);
    let looks: Vec<Looks> = discovered
        .files
        .par_iter()
        .filter_map(|file| {
            let home = find(&discovered.assets, &file.home)?;
            let here = by_file.get(file.path.as_str()).map_or(&[][..], Vec::as_slice);
            let looks = check_file(file, home, here, knowledge);
            progress.advance(1);
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
        now,
    };
    let whole = AssetId::new(AssetKind::Pipeline, subject);
    all.extend(check_estate(&inventory, &whole, knowledge));
    merge(all)
}
