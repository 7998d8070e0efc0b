//! What an ATLAS id of an earlier edition means today, and what changed between two editions.
//!
//! Ids are re-used, folded and renamed between releases, so an id travels by its meaning, never by its digits.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::Knowledge;
use crate::atlas::Atlas;
use crate::frameworks::atlas_name;
use crate::table::rows;

/// What happened to an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Supersession {
    /// Its meaning became a sub-technique of another.
    Folded,
    /// Its meaning moved to another id.
    Moved,
    /// Its meaning moved, and the id now stands for something else.
    Reused,
    /// Same id, wider meaning, new name.
    Broadened,
    /// Same id and meaning, new name.
    Renamed,
}

/// One row of the supersession table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Superseded {
    /// The id as it was.
    pub old_id: String,
    /// Its name then, with the parent's.
    pub old_name: String,
    /// Where the meaning is now.
    pub new_id: String,
    /// Its name now, with the parent's.
    pub new_name: String,
    /// First edition with the new meaning.
    pub since: String,
    /// What happened.
    pub kind: Supersession,
}

/// One row of the release history.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Change {
    /// Edition that made it, `4.9.0`.
    pub release: String,
    /// `added`, `removed` or `renamed`.
    pub change: String,
    /// The id.
    pub id: String,
    /// Name before, without the parent's; empty for additions.
    pub old_name: String,
    /// Name after, without the parent's; empty for removals.
    pub new_name: String,
}

/// The past of ATLAS ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Ids whose meaning moved or grew.
    pub superseded: Vec<Superseded>,
    /// Additions, removals and renamings, oldest first.
    pub changes: Vec<Change>,
}

/// What an id of an earlier edition means in the built-in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Migration {
    /// The same under the same name.
    Same,
    /// The same, or something wider, under a new name.
    Renamed {
        /// Name today.
        now: String,
    },
    /// The meaning is at another id.
    Moved {
        /// That id.
        id: String,
        /// Its name.
        name: String,
        /// Whether the old id now stands for something else.
        reused: bool,
    },
    /// There was no such id in that edition yet.
    NotYet {
        /// Edition that added it.
        since: String,
    },
    /// The id is in no known edition.
    Unknown,
}

/// Editions compare as lists of numbers: `v4.8.0` < `5.6.0` < `2026.09`.
pub(crate) fn edition_key(edition: &str) -> Vec<u32> {
    let digits = edition.trim_start_matches('v').split('.');
    digits.map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}

/// Whether edition `one` came before `other`.
pub fn is_older(one: &str, other: &str) -> bool {
    edition_key(one) < edition_key(other)
}

impl History {
    /// Names that `id` had before the one it has today, oldest first, without the parent's.
    pub fn former_names<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        let named = |change: &&Change| !change.old_name.is_empty();
        let changes = self.changes.iter().filter(move |change| change.id == id);
        changes.filter(named).map(|change| change.old_name.as_str())
    }

    /// Ids that were known under this id and moved on.
    pub fn superseded<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Superseded> {
        self.superseded.iter().filter(move |row| row.old_id == id)
    }

    /// Whether any edition had this id.
    pub fn knew(&self, id: &str) -> bool {
        self.changes.iter().any(|change| change.id == id) || self.superseded(id).next().is_some()
    }

    pub(crate) fn builtin() -> Self {
        Self {
            superseded: rows("id-supersession", include_str!("../data/atlas/id-supersession.csv")),
            changes: rows("id-history", include_str!("../data/atlas/id-history.csv")),
        }
    }
}

impl Knowledge {
    /// What `id`, as used at edition `from`, means in the built-in edition.
    ///
    /// Editions before 3.0.0 are treated as 3.0.0, where the history begins.
    pub fn migrate(&self, id: &str, from: &str) -> Migration {
        let from = edition_key(from);
        let later = |edition: &str| edition_key(edition) > from;
        let moved = self.history.superseded(id).find(|row| later(&row.since));
        if let Some(row) = moved.filter(|row| row.new_id != row.old_id) {
            let reused = row.kind == Supersession::Reused;
            return Migration::Moved { id: row.new_id.clone(), name: row.new_name.clone(), reused };
        }
        let mut changes = self.history.changes.iter().filter(|change| change.id == id);
        if let Some(added) = changes.clone().find(|change| change.change == "added" && later(&change.release))
        {
            return Migration::NotYet { since: added.release.trim_start_matches('v').to_owned() };
        }
        let Some(now) = atlas_name(self, id) else {
            return Migration::Unknown;
        };
        if changes.any(|change| change.change == "renamed" && later(&change.release)) {
            return Migration::Renamed { now };
        }
        Migration::Same
    }
}

/// An id with its full name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The id.
    pub id: String,
    /// Its name, with the parent's.
    pub name: String,
}

/// What changed between two editions. All lists are sorted by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AtlasDiff {
    /// Edition compared from.
    pub from: String,
    /// Edition compared to.
    pub to: String,
    /// New meanings under new ids.
    pub added: Vec<Named>,
    /// Ids and meanings that are gone.
    pub removed: Vec<Named>,
    /// Same id, new name: before and after.
    pub renamed: Vec<(Named, Named)>,
    /// Ids that are gone and whose meaning lives on at another id.
    pub folded: Vec<(Named, Named)>,
    /// Ids that now stand for something else: the old meaning, and where it lives now.
    pub reused: Vec<(Named, Named)>,
}

impl AtlasDiff {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.renamed.is_empty()
            && self.folded.is_empty()
            && self.reused.is_empty()
    }
}

/// Compares two editions: tactics, techniques, mitigations and case studies.
pub fn diff(old: &Atlas, new: &Atlas) -> AtlasDiff {
    let history = &Knowledge::builtin().history;
    let (before, after) = (names(old), names(new));
    let by_name: BTreeMap<String, &String> =
        after.iter().map(|(id, name)| (crate::lint::plain(name), id)).collect();
    let mut result = AtlasDiff { from: old.edition.clone(), to: new.edition.clone(), ..AtlasDiff::default() };
    let mut explained: BTreeSet<&str> = BTreeSet::new();
    let named = |id: &str, name: &str| Named { id: id.to_owned(), name: name.to_owned() };
    let leaves = (leaf_names(old), leaf_names(new));
    for (id, name) in &before {
        let now = after.get(id);
        // A sub-technique is not renamed because its parent is.
        if now.is_some() && leaves.0.get(id.as_str()) == leaves.1.get(id.as_str()) {
            continue;
        }
        let was = named(id, name);
        let known = history.superseded(id).find(|row| {
            row.new_id != *id && after.contains_key(&row.new_id) && !before.contains_key(&row.new_id)
        });
        let elsewhere = known
            .map(|row| &row.new_id)
            .or_else(|| by_name.get(&crate::lint::plain(name)).copied())
            .filter(|place| *place != id && !before.contains_key(*place));
        match (elsewhere, now) {
            (Some(place), Some(_)) => {
                explained.insert(place);
                result.reused.push((was, named(place, after.get(place).map_or("", String::as_str))));
            }
            (Some(place), None) => {
                explained.insert(place);
                result.folded.push((was, named(place, after.get(place).map_or("", String::as_str))));
            }
            (None, Some(now)) => result.renamed.push((was, named(id, now))),
            (None, None) => result.removed.push(was),
        }
    }
    for (id, name) in &after {
        if !before.contains_key(id) && !explained.contains(id.as_str()) {
            result.added.push(named(id, name));
        }
    }
    result
}

fn names(atlas: &Atlas) -> BTreeMap<String, String> {
    let techniques = atlas.techniques.iter().map(|fact| (fact.id.clone(), atlas.full_name(fact)));
    let mitigations = atlas.mitigations.iter().map(|fact| (fact.id.clone(), fact.name.clone()));
    let tactics = atlas.tactics.iter().map(|fact| (fact.id.clone(), fact.name.clone()));
    let studies = atlas.case_studies.iter().map(|fact| (fact.id.clone(), fact.name.clone()));
    techniques.chain(mitigations).chain(tactics).chain(studies).collect()
}

fn leaf_names(atlas: &Atlas) -> BTreeMap<&str, &str> {
    let techniques = atlas.techniques.iter().map(|fact| (&*fact.id, &*fact.name));
    let mitigations = atlas.mitigations.iter().map(|fact| (&*fact.id, &*fact.name));
    let tactics = atlas.tactics.iter().map(|fact| (&*fact.id, &*fact.name));
    let studies = atlas.case_studies.iter().map(|fact| (&*fact.id, &*fact.name));
    techniques.chain(mitigations).chain(tactics).chain(studies).collect()
}
