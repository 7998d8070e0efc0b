//! Anything that says where an asset comes from.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, RelationKind};
use vauban_formats::{Facts, text::Text};

use super::records::{dvc_outputs, folder, is_note, join, name};
use crate::{Estate, File};

/// Files of the estate that are an asset, by its locators.
pub(super) fn files_of<'a>(estate: &Estate<'a>, asset: &'a Asset) -> Vec<&'a File> {
    let mut files: Vec<&File> = asset
        .locators
        .iter()
        .filter_map(|locator| estate.inventory.file(&locator.path))
        // Code and configuration that merely mention the asset are not the asset.
        .filter(|file| file.home == asset.id)
        .filter(|file| !matches!(file.parsed.facts, Facts::Cloud(_) | Facts::Terraform(_)))
        .collect();
    files.dedup_by_key(|file| &file.path);
    files
}

/// Everything in the estate that says where assets come from, gathered once.
pub(super) struct Origins<'a> {
    /// Assets with a relation that says what they were made from or by.
    lineage: BTreeSet<&'a AssetId>,
    /// Files and folders that DVC tracks.
    tracked: BTreeSet<String>,
    /// Files and folders that an `MLmodel` names.
    registered: BTreeSet<String>,
    /// Folders with an `MLmodel` that names nothing: everything beside it is meant.
    registered_folders: BTreeSet<&'a str>,
    /// Cards, notes and checksum lists by folder.
    cards: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Origins<'a> {
    pub(super) fn of(estate: &Estate<'a>) -> Self {
        let lineage = estate.inventory.relations.iter().filter_map(|relation| match relation.kind {
            RelationKind::DerivedFrom | RelationKind::TrainedOn => Some(&relation.from),
            RelationKind::Produces => Some(&relation.to),
            _ => None,
        });
        let mut origins = Self {
            lineage: lineage.collect(),
            tracked: dvc_outputs(estate).map(|(_, _, path)| path).collect(),
            registered: BTreeSet::new(),
            registered_folders: BTreeSet::new(),
            cards: BTreeMap::new(),
        };
        for file in estate.inventory.files {
            let here = folder(&file.path);
            match &file.parsed.facts {
                Facts::MlModel(model) => {
                    let names = model.files();
                    if names.is_empty() {
                        origins.registered_folders.insert(here);
                    }
                    origins.registered.extend(names.iter().map(|name| join(here, name)));
                }
                Facts::Text(text) if is_card(name(&file.path)) || is_note(name(&file.path)) => {
                    origins.cards.entry(here).or_default().push(head(text));
                }
                _ => {}
            }
        }
        origins
    }

    /// Whether anything says where the asset comes from: an attribute, lineage, DVC, MLmodel, a card or a note.
    pub(super) fn knows(&self, asset: &Asset, files: &[&File]) -> bool {
        asset.attribute("source").is_some()
            || self.lineage.contains(&asset.id)
            || files.iter().any(|file| {
                is_in(&self.tracked, &file.path)
                    || asset.kind == AssetKind::Model && self.is_registered(file)
                    || self.is_described(file)
            })
    }

    /// An `MLmodel` beside it, or in a folder above it that it names.
    fn is_registered(&self, file: &File) -> bool {
        is_in(&self.registered, &file.path) || self.registered_folders.contains(folder(&file.path))
    }

    /// A card, note or checksum list in the same folder or the one above that names the file.
    fn is_described(&self, file: &File) -> bool {
        let here = folder(&file.path);
        [here, folder(here)].into_iter().any(|place| {
            self.cards
                .get(place)
                .into_iter()
                .flatten()
                .any(|text| names(text, name(&file.path)) || (place == here && has_front_matter(text)))
        })
    }
}

/// Whether the path or a folder above it is one of `places`.
fn is_in(places: &BTreeSet<String>, path: &str) -> bool {
    let above = path.match_indices('/').map(|(at, _)| path.get(..at).unwrap_or_default());
    !places.is_empty() && (places.contains(path) || above.into_iter().any(|folder| places.contains(folder)))
}

/// Bytes of a card that are searched for names: every file beside it asks.
const CARD: usize = 256 << 10;

/// The beginning of a card.
fn head(text: &Text) -> &str {
    let end = (0..=CARD.min(text.text.len())).rev().find(|at| text.text.is_char_boundary(*at));
    text.text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// Names of model and data cards.
fn is_card(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "readme.md"
        || name.contains("model_card")
        || name.contains("modelcard")
        || name.contains("datacard")
        || name.contains("dataset_card")
}

/// The metadata block with which cards on model hubs begin.
fn has_front_matter(text: &str) -> bool {
    let mut lines = text.lines();
    lines.next().is_some_and(|line| line.trim_end() == "---")
        && lines.take_while(|line| line.trim_end() != "---").any(|line| {
            ["license:", "licence:", "base_model:", "datasets:", "pipeline_tag:", "library_name:", "tags:"]
                .iter()
                .any(|key| line.starts_with(key))
        })
}

/// Whether the text has the file's name as a word, or that name without its ending: one card describes the formats
/// that a model is kept in.
fn names(text: &str, name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let telling = stem.len() >= 5 && stem.contains(['-', '_']);
    mentions(text, name) || (telling && mentions(text, stem))
}

/// Whether the text has these characters as a word.
fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_-.".contains(c));
        let after = text[at + name.len()..].chars().next();
        // A full stop may end the sentence.
        !part(text[..at].chars().next_back()) && (after == Some('.') || !part(after))
    })
}
