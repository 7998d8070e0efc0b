//! Something reached from outside that leads, past an open weakness and wide rights, to sensitive data.
//!
//! A step goes from an asset to one that it uses, reads, writes, serves, loads, runs on, acts as or sends to: who holds the
//! first has access to the second. The walk keeps in mind which conditions it has met, so that the shortest way that
//! meets all of them is found, not only the shortest way.

use std::collections::VecDeque;

use rayon::prelude::*;
use vauban_domain::{RelationKind, Severity, ToxicCombination};
use vauban_knowledge::priors::Exposure;

use super::scene::Scene;
use super::{Proof, combination, part};

/// Steps of a way, at most.
const STEPS: usize = 6;
/// Combinations that begin at one asset, at most: the nearest data first.
const PER_ENTRY: usize = 3;
/// Bits of the conditions that a walk has met.
const WEAK: usize = 1;
const WIDE: usize = 2;

/// Whether who holds the source of such a relation has access to its target.
const fn gives_access(kind: RelationKind) -> bool {
    match kind {
        RelationKind::ActsAs
        | RelationKind::Loads
        | RelationKind::Produces
        | RelationKind::Reads
        | RelationKind::RunsOn
        | RelationKind::SendsTo
        | RelationKind::Serves
        | RelationKind::Uses
        | RelationKind::Writes => true,
        RelationKind::DependsOn
        | RelationKind::DerivedFrom
        | RelationKind::EvaluatedOn
        | RelationKind::TrainedOn => false,
    }
}

/// Conditions at each asset.
struct Conditions<'a> {
    weak: Vec<Vec<(Severity, Proof<'a>)>>,
    wide: Vec<Vec<Proof<'a>>>,
    data: Vec<Vec<Proof<'a>>>,
}

pub(super) fn combinations(scene: &Scene<'_, '_>) -> Vec<ToxicCombination> {
    let count = scene.graph.assets.len();
    let mut weak: Vec<_> = (0..count).map(|position| scene.weaknesses(position)).collect();
    let rights: Vec<_> = (0..count).map(|position| scene.rights(position)).collect();
    let mut wide = rights.clone();
    // Libraries that an asset is built on are part of it, and so are the rights that it acts with.
    for position in 0..count {
        for (relation, target) in &scene.from[position] {
            if relation.kind == RelationKind::DependsOn {
                let below = scene.weaknesses(*target);
                weak[position].extend(below);
            }
            if matches!(relation.kind, RelationKind::ActsAs | RelationKind::RunsOn) {
                wide[position].extend(rights[*target].iter().cloned());
            }
        }
    }
    let conditions =
        Conditions { weak, wide, data: (0..count).map(|position| scene.data(position)).collect() };
    let none = conditions.weak.iter().all(Vec::is_empty)
        || conditions.wide.iter().all(Vec::is_empty)
        || conditions.data.iter().all(Vec::is_empty);
    if none {
        return Vec::new();
    }
    let entries: Vec<(usize, Exposure, String)> = (0..count)
        .filter(|position| scene.asset(*position).component != "external_service")
        .filter(|position| scene.asset(*position).kind != vauban_domain::AssetKind::Package)
        .map(|position| {
            let (exposure, words) = scene.exposure(position);
            (position, exposure, words)
        })
        .filter(|(_, exposure, _)| *exposure >= Exposure::Partner)
        .collect();
    entries
        .par_iter()
        .flat_map_iter(|(entry, exposure, words)| from(scene, &conditions, *entry, *exposure, words))
        .collect()
}

/// Combinations that begin at one exposed asset.
fn from(
    scene: &Scene<'_, '_>,
    conditions: &Conditions<'_>,
    entry: usize,
    exposure: Exposure,
    words: &str,
) -> Vec<ToxicCombination> {
    let met = |position: usize| {
        let weak = if conditions.weak[position].is_empty() { 0 } else { WEAK };
        let wide = if conditions.wide[position].is_empty() { 0 } else { WIDE };
        weak | wide
    };
    // The state before, by asset and conditions met; the walk is in rounds, so the first to arrive came the shortest way.
    let mut before: Vec<Option<(usize, usize)>> = vec![None; 4 * scene.graph.assets.len()];
    let start = 4 * entry + met(entry);
    before[start] = Some((start, 0));
    let mut queue = VecDeque::from([start]);
    let mut found = Vec::new();
    let mut ends = Vec::new();
    while let Some(state) = queue.pop_front() {
        let (position, mask) = (state / 4, state % 4);
        let Some((_, length)) = before[state] else { continue };
        if mask == (WEAK | WIDE) && !conditions.data[position].is_empty() && !ends.contains(&position) {
            ends.push(position);
            found.extend(told(scene, conditions, &way(&before, state), exposure, words));
            if found.len() >= PER_ENTRY {
                break;
            }
        }
        if length >= STEPS {
            continue;
        }
        for (relation, next) in &scene.from[position] {
            let outside = scene.asset(*next).component == "external_service";
            if outside || !gives_access(relation.kind) {
                continue;
            }
            let next = 4 * next + (mask | met(*next));
            if before[next].is_none() {
                before[next] = Some((state, length + 1));
                queue.push_back(next);
            }
        }
    }
    found
}

/// Assets of a way, from its entry, each once in a row.
fn way(before: &[Option<(usize, usize)>], end: usize) -> Vec<usize> {
    let mut way = vec![end / 4];
    let mut state = end;
    while let Some((previous, length)) = before[state] {
        if length == 0 {
            break;
        }
        way.push(previous / 4);
        state = previous;
    }
    way.reverse();
    way
}

fn told(
    scene: &Scene<'_, '_>,
    conditions: &Conditions<'_>,
    way: &[usize],
    exposure: Exposure,
    words: &str,
) -> Option<ToxicCombination> {
    let (entry, end) = (scene.asset(*way.first()?), scene.asset(*way.last()?));
    let mut weak: Vec<&(Severity, Proof<'_>)> =
        way.iter().flat_map(|position| &conditions.weak[*position]).collect();
    weak.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    let worst = weak.first()?.0;
    // The worst weaknesses stand for the condition.
    let weak = weak.into_iter().filter(|(severity, _)| *severity == worst).map(|(_, proof)| proof.clone());
    let wide = way.iter().flat_map(|position| conditions.wide[*position].clone());
    let exposed = Proof { asset: entry, words: words.to_owned(), finding: None };
    let parts = vec![
        part("exposure", vec![exposed])?,
        part("weakness", weak.collect())?,
        part("privilege", wide.collect())?,
        part("sensitive-data", conditions.data[*way.last()?].clone())?,
    ];
    // Anyone at all, or code that runs at once: critical. Otherwise as bad as a weakness that can be used directly.
    let severity = if exposure == Exposure::Public { Severity::Critical } else { worst };
    let mut route: Vec<&str> = way.iter().map(|position| scene.asset(*position).id.as_str()).collect();
    route.dedup();
    let title = format!(
        "{} is {} and leads past an open weakness and wide rights to sensitive data at {}: {}",
        entry.id,
        crate::graph::exposure::phrase(exposure),
        end.id,
        route.join(" -> ")
    );
    Some(combination(scene, "exposed-path", &[entry, end], title, severity, parts))
}
