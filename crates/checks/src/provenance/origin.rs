//! Anything that says where an asset comes from.

use vauban_domain::{Asset, AssetKind, RelationKind};
use vauban_formats::{Facts, text::Text};

use super::records::{beside, dvc_outputs, folder, is_note, join, name};
use crate::{Estate, File};

/// Files of the estate that are an asset, by its locators.
pub(super) fn files_of<'a>(estate: &Estate<'a>, asset: &'a Asset) -> Vec<&'a File> {
    let mut files: Vec<&File> = asset
        .locators
        .iter()
        .filter_map(|locator| estate.inventory.file(&locator.path))
        // Code and configuration that merely mention the asset are not the asset.
        .filter(|file| file.home == asset.id)
        .collect();
    files.dedup_by_key(|file| &file.path);
    files
}

/// Whether anything says where the asset comes from: an attribute, lineage, DVC, MLmodel, a card or a note.
pub(super) fn is_known(estate: &Estate<'_>, asset: &Asset, files: &[&File]) -> bool {
    asset.attribute("source").is_some()
        || has_lineage(estate, asset)
        || files.iter().any(|file| {
            is_tracked(estate, file) || is_registered(estate, asset, file) || is_described(estate, file)
        })
}

/// A relation that says what the asset was made from or by.
fn has_lineage(estate: &Estate<'_>, asset: &Asset) -> bool {
    estate.inventory.relations.iter().any(|relation| match relation.kind {
        RelationKind::DerivedFrom | RelationKind::TrainedOn => relation.from == asset.id,
        RelationKind::Produces => relation.to == asset.id,
        _ => false,
    })
}

fn is_tracked(estate: &Estate<'_>, file: &File) -> bool {
    dvc_outputs(estate).any(|(_, _, path)| file.path == path || file.path.starts_with(&format!("{path}/")))
}

/// An `MLmodel` beside it, or in a folder above it that it names.
fn is_registered(estate: &Estate<'_>, asset: &Asset, file: &File) -> bool {
    asset.kind == AssetKind::Model
        && estate.inventory.files.iter().any(|other| {
            let Facts::MlModel(model) = &other.parsed.facts else { return false };
            let root = folder(&other.path);
            let names = model.files();
            let named = names.iter().any(|name| {
                let path = join(root, name);
                file.path == path || file.path.starts_with(&format!("{path}/"))
            });
            named || (names.is_empty() && folder(&file.path) == root)
        })
}

/// A card, note or checksum list in the same folder or the one above that names the file.
fn is_described(estate: &Estate<'_>, file: &File) -> bool {
    let here = folder(&file.path);
    [here, folder(here)].into_iter().any(|place| {
        beside(estate, place).any(|other| {
            let Facts::Text(text) = &other.parsed.facts else { return false };
            let card = is_card(name(&other.path)) || is_note(name(&other.path));
            card && (names(text, name(&file.path)) || (place == here && has_front_matter(&text.text)))
        })
    })
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
fn names(text: &Text, name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let telling = stem.len() >= 5 && stem.contains(['-', '_']);
    mentions(text, name) || (telling && mentions(text, stem))
}

/// Whether the text has these characters as a word.
fn mentions(text: &Text, name: &str) -> bool {
    text.text.match_indices(name).any(|(at, _)| {
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_-.".contains(c));
        let after = text.text[at + name.len()..].chars().next();
        // A full stop may end the sentence.
        !part(text.text[..at].chars().next_back()) && (after == Some('.') || !part(after))
    })
}
