//! From files to an estate: assets, relations, and which file belongs to what.

use std::collections::BTreeMap;

use vauban_connect::inventory::{Collector, Estate, declared};
use vauban_domain::{Asset, AssetId, Declaration, Limit, Relation};

use crate::files::{Passed, ReadFile, Remembered};
use crate::threat_model::{self, Model};

/// Everything discovered, sorted.
#[derive(Debug)]
pub(crate) struct Discovered {
    /// By id.
    pub(crate) assets: Vec<Asset>,
    /// By from, kind, to.
    pub(crate) relations: Vec<Relation>,
    /// By path.
    pub(crate) files: Vec<vauban_checks::File>,
    /// How many of the files some parser knew.
    pub(crate) understood: usize,
    /// Records of files that were not parsed, and drafts of records of those that were, by path.
    pub(crate) remembered: BTreeMap<String, Remembered>,
    /// What of the declared threat models could not be taken over.
    pub(crate) limits: Vec<Limit>,
}

/// Merges what each file adds with what the owner declared; what the declared threat models say is added to the declaration.
///
/// Files in `passed` add nothing but their presence.
pub(crate) fn discover(
    files: Vec<ReadFile>,
    passed: &Passed,
    declaration: &mut Declaration,
    models: &[Model],
    subject: &str,
) -> Discovered {
    let understood = files.iter().filter(|file| file.understood).count() + passed.understood;
    let mut remembered = BTreeMap::new();
    let mut collectors: Vec<Collector> = Vec::with_capacity(files.len());
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        collectors.push(file.collector);
        if let Some(what) = file.remembered {
            remembered.insert(file.path.clone(), what);
        }
        kept.push((file.path, file.size, file.digest, file.parsed));
    }
    let mut estate = Estate::merge(collectors, &passed.paths, subject);
    let limits = threat_model::join(models, &estate.assets, declaration);
    declared::apply(declaration, &mut estate);
    let Estate { assets, relations, homes, tree } = estate;
    let mut files: Vec<_> = kept
        .into_iter()
        .filter_map(|(path, size, digest, parsed)| {
            let home = homes.get(&path).or(tree.as_ref())?.clone();
            Some(vauban_checks::File { path, size, digest, parsed, home })
        })
        .collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Discovered { assets, relations, files, understood, remembered, limits }
}

/// Assets by the files they were seen in.
pub(crate) fn assets_by_file(assets: &[Asset]) -> BTreeMap<&str, Vec<&Asset>> {
    let mut by_file: BTreeMap<&str, Vec<&Asset>> = BTreeMap::new();
    for asset in assets {
        for locator in &asset.locators {
            let here = by_file.entry(&locator.path).or_default();
            if !here.iter().any(|known| known.id == asset.id) {
                here.push(asset);
            }
        }
    }
    by_file
}

/// The asset with this id in a list sorted by id.
pub(crate) fn find<'a>(assets: &'a [Asset], id: &AssetId) -> Option<&'a Asset> {
    assets.binary_search_by(|asset| asset.id.cmp(id)).ok().and_then(|at| assets.get(at))
}
