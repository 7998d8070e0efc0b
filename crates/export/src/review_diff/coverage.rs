//! Scores that went up or down, and why.

use std::collections::{BTreeMap, BTreeSet};
use vauban_domain::day;

use serde::Serialize;

use super::bare;
use crate::v1::{Coverage, Proof, Rung, Score};

/// One aspect of a technique on an asset that stands on another rung.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ScoreChange {
    /// ATLAS technique, without edition.
    pub technique: String,
    /// Id of the asset.
    pub asset: String,
    /// `prevent`, `detect`, `respond` or `tested`.
    pub aspect: &'static str,
    /// The rung in the earlier review.
    pub before: Rung,
    /// The rung in the later review.
    pub after: Rung,
    /// `new-evidence`, `decay`, `lost-evidence`, `broken` or `refreshed`.
    pub cause: &'static str,
    /// The cause in words.
    pub why: String,
}

/// A pair of technique and asset that is there, or applies, in one of the two only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PairChange {
    /// ATLAS technique, without edition.
    pub technique: String,
    /// Id of the asset.
    pub asset: String,
    /// Why, as the review says it.
    pub why: String,
}

/// Scores of two reviews; lists are sorted by technique, asset, aspect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CoverageDiff {
    /// On a higher rung now.
    pub up: Vec<ScoreChange>,
    /// On a lower rung now.
    pub down: Vec<ScoreChange>,
    /// Did not apply and does now, or is scored for the first time.
    pub applies: Vec<PairChange>,
    /// Applied and does not any more, or is not scored any more.
    pub applies_no_more: Vec<PairChange>,
}

impl CoverageDiff {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

pub(super) fn coverage(old: &[Coverage], new: &[Coverage]) -> CoverageDiff {
    let by_pair = |rows: &'_ [Coverage]| -> BTreeMap<(String, String), Coverage> {
        rows.iter().map(|row| ((bare(&row.technique).to_owned(), row.asset.clone()), row.clone())).collect()
    };
    let (was, is) = (by_pair(old), by_pair(new));
    let pairs: BTreeSet<&(String, String)> = was.keys().chain(is.keys()).collect();
    let mut diff = CoverageDiff::default();
    for pair in pairs {
        let (technique, asset) = pair;
        let change = |why: &str| PairChange {
            technique: technique.clone(),
            asset: asset.clone(),
            why: why.to_owned(),
        };
        let before = was.get(pair).filter(|row| applies(row));
        let after = is.get(pair).filter(|row| applies(row));
        match (before, after) {
            (Some(before), Some(after)) => {
                for ((aspect, before), (_, after)) in before.scores().into_iter().zip(after.scores()) {
                    if before.rung == after.rung {
                        continue;
                    }
                    let (cause, why) = cause(before, after);
                    let up = after.rung > before.rung;
                    let list = if up { &mut diff.up } else { &mut diff.down };
                    list.push(ScoreChange {
                        technique: technique.clone(),
                        asset: asset.clone(),
                        aspect,
                        before: before.rung,
                        after: after.rung,
                        cause,
                        why,
                    });
                }
            }
            (None, Some(after)) => {
                let why = match was.get(pair) {
                    Some(row) => format!("did not apply before: {}", row.prevent.reason),
                    None => format!("not scored before; now {}", rungs(after)),
                };
                diff.applies.push(change(&why));
            }
            (Some(_), None) => {
                let why = is.get(pair).map_or("not scored any more", |row| &row.prevent.reason);
                diff.applies_no_more.push(change(why));
            }
            (None, None) => {}
        }
    }
    diff
}

fn applies(row: &Coverage) -> bool {
    row.scores().iter().any(|(_, score)| score.rung != Rung::NotApplicable)
}

/// `prevent blind, detect configured`.
fn rungs(row: &Coverage) -> String {
    row.scores().map(|(aspect, score)| format!("{aspect} {}", score.rung)).join(", ")
}

/// Why a score stands on another rung.
fn cause(before: &Score, after: &Score) -> (&'static str, String) {
    let date = |proof: &Proof| day(&proof.as_of).to_owned();
    let has = |score: &Score, wanted: &Proof| score.proofs.iter().any(|proof| same(proof, wanted));
    let best = |score: &Score, other: &Score, rung: Rung| -> Option<Proof> {
        let new = score.proofs.iter().filter(|proof| !has(other, proof));
        new.filter(|proof| proof.rung >= rung).max_by_key(|proof| proof.rung).cloned()
    };
    if after.rung > before.rung {
        return match best(after, before, after.rung) {
            Some(proof) => ("new-evidence", format!("{} ({})", proof.what, date(&proof))),
            None => {
                let dated =
                    after.proofs.first().map(|proof| format!(", {}", date(proof))).unwrap_or_default();
                ("refreshed", format!("the evidence is newer: {}{dated}", after.reason))
            }
        };
    }
    // Of what held the earlier rung, something is gone, or it is all still there and too old.
    if let Some(proof) = best(before, after, before.rung) {
        let broken = after.reason.contains("broken: ");
        let cause = if broken { "broken" } else { "lost-evidence" };
        return (cause, format!("no longer there: {}; now {}", proof.what, after.reason));
    }
    match (after.decayed_from, after.proofs.iter().find(|proof| proof.rung >= before.rung)) {
        (Some(from), Some(proof)) => {
            ("decay", format!("{} of {} is {} no more by age", proof.what, date(proof), from))
        }
        _ => ("lost-evidence", after.reason.clone()),
    }
}

/// Whether two proofs are the same one: figures inside the words may move from run to run, what they are of does not.
fn same(one: &Proof, other: &Proof) -> bool {
    let plain = |proof: &Proof| -> String { proof.what.chars().filter(|c| !c.is_ascii_digit()).collect() };
    one.rung == other.rung && plain(one) == plain(other)
}
