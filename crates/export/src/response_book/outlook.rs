//! What can happen to a system, how it would show, and what would not show at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use vauban_domain::words::{amount, percent};

use crate::markdown::escape;
use crate::v1::{Asset, AttackPath, Coverage, Document, Rung, System};

/// Paths that are told, and steps of each.
const PATHS: usize = 3;
const STEPS: usize = 12;
/// Assets and techniques named in a list.
const NAMED: usize = 10;

pub(super) fn write(text: &mut String, document: &Document, system: &System, assets: &[&Asset]) {
    impacts(text, document, system);
    ways(text, document, system);
    signs(text, document, assets);
}

/// Paths that end in a loss of the system, in the order of the review.
pub(crate) fn paths<'a>(document: &'a Document, system: &'a str) -> impl Iterator<Item = &'a AttackPath> {
    let paths = document.threats.iter().flat_map(|threats| &threats.paths);
    paths.filter(move |path| path.system.as_deref() == Some(system))
}

fn impacts(text: &mut String, document: &Document, system: &System) {
    text.push_str("### What can happen\n\n");
    let Some(cascades) = &document.cascades else {
        text.push_str("Not known: the document has no cascades.\n\n");
        return;
    };
    let impacts: Vec<_> = cascades.impacts.iter().filter(|impact| impact.system == system.name).collect();
    if impacts.is_empty() {
        text.push_str("No impact was worked out: no loss is declared for it, or no threat reaches it.\n\n");
        return;
    }
    text.push_str("| impact | chance within a year | expected a year | declared loss per event |\n");
    text.push_str("| --- | --: | --: | --- |\n");
    let currency = &document.review.declaration.currency;
    for impact in impacts {
        let loss = system.losses.get(&impact.impact).map_or_else(
            || "not declared".to_owned(),
            |range| format!("{} to {}", amount(range.low, currency), amount(range.high, currency)),
        );
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} | {} |",
            escape(&impact.impact),
            percent(impact.probability),
            impact.frequency,
            escape(&loss)
        );
    }
    text.push('\n');
}

fn ways(text: &mut String, document: &Document, system: &System) {
    for (at, path) in paths(document, &system.name).take(PATHS).enumerate() {
        let _ = writeln!(
            text,
            "Path {} ({}), chance within a year {}: {}\n",
            at + 1,
            escape(&path.id),
            percent(path.probability),
            escape(&path.narrative)
        );
        for (number, step) in path.steps.iter().take(STEPS).enumerate() {
            let stopped = if step.stopped_by.is_empty() {
                "no control of the library stops it".to_owned()
            } else {
                format!("stopped by {}", step.stopped_by.join(", "))
            };
            let technique = step.technique.as_deref().unwrap_or("no technique known");
            let _ = writeln!(
                text,
                "{}. {} at {}: {}; {}",
                number + 1,
                escape(&step.layer),
                escape(&step.asset),
                escape(technique),
                escape(&stopped)
            );
        }
        if path.steps.len() > STEPS {
            let _ = writeln!(text, "\nThe path has {} more steps.", path.steps.len() - STEPS);
        }
        text.push('\n');
    }
}

/// Detections that have their log here, and techniques that nothing prevents and nothing would show.
fn signs(text: &mut String, document: &Document, assets: &[&Asset]) {
    text.push_str("### How it shows\n\n");
    if document.coverage.is_none() {
        text.push_str("Not known: the document has no coverage.\n\n");
        return;
    }
    let own: BTreeSet<&str> = assets.iter().map(|asset| asset.id.as_str()).collect();
    let rows: Vec<&Coverage> =
        document.coverage().iter().filter(|row| own.contains(row.asset.as_str())).collect();
    let mut seen: BTreeMap<&str, (Rung, BTreeSet<&str>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.detect.rung >= Rung::Configured) {
        let entry = seen.entry(&row.detect.reason).or_insert_with(|| (row.detect.rung, BTreeSet::new()));
        entry.1.insert(&row.technique);
    }
    if seen.is_empty() {
        text.push_str("Nothing that was seen running would show an attack.\n\n");
    }
    for (reason, (rung, techniques)) in seen.iter().take(NAMED) {
        let _ = writeln!(
            text,
            "- {rung}: {} ({})",
            escape(reason),
            escape(&some(&techniques.iter().copied().collect::<Vec<_>>()))
        );
    }
    if seen.len() > NAMED {
        let _ = writeln!(text, "- and {} more", seen.len() - NAMED);
    }
    let blind = |row: &&&Coverage| row.prevent.rung == Rung::Blind && row.detect.rung == Rung::Blind;
    let mut spots: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows.iter().filter(blind) {
        spots.entry(&row.asset).or_default().push(&row.technique);
    }
    let all: usize = spots.values().map(Vec::len).sum();
    let _ = writeln!(text, "\nBlind spots, where nothing prevents and nothing would show it: {all}.\n");
    let mut spots: Vec<(&str, Vec<&str>)> = spots.into_iter().collect();
    spots.sort_by(|one, other| (other.1.len(), one.0).cmp(&(one.1.len(), other.0)));
    for (asset, techniques) in spots.iter().take(NAMED) {
        let _ = writeln!(text, "- {}: {}", escape(asset), escape(&some(techniques)));
    }
    if spots.len() > NAMED {
        let _ = writeln!(text, "- and {} more assets", spots.len() - NAMED);
    }
    text.push('\n');
}

/// The first of a list, and how many there are besides.
fn some(words: &[&str]) -> String {
    let more = words.len().saturating_sub(NAMED);
    let first = words.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { first } else { format!("{first} and {more} more") }
}
