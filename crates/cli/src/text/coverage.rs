//! Coverage: per technique and asset, blind spots first.

use std::collections::BTreeMap;

use vauban_export::v1::{Coverage, Document, Rung, Score};

use super::{absent, section, section_in, table};

/// `vauban gap`.
pub(crate) fn coverage(document: &Document) -> String {
    if document.coverage.is_none() {
        return absent("coverage");
    }
    let mut text = String::new();
    section(&mut text, "coverage per technique and asset, blind spots first");
    let mut rows: Vec<_> = document.coverage().iter().filter(|coverage| applies(coverage)).collect();
    rows.sort_by_key(|coverage| (height(coverage), coverage.technique.clone(), coverage.asset.clone()));
    text.push_str(&table(
        ["technique", "asset", "prevent", "detect", "respond", "tested"],
        rows.into_iter().map(|coverage| {
            let [prevent, detect, respond, tested] = coverage.scores().map(|(_, score)| rung(score));
            [coverage.technique.clone(), coverage.asset.clone(), prevent, detect, respond, tested]
        }),
    ));
    text.push_str(&summary(document));
    text
}

fn rung(score: &Score) -> String {
    match score.decayed_from {
        Some(before) => format!("{} (was {})", score.rung.as_str(), before.as_str()),
        None => score.rung.as_str().to_owned(),
    }
}

fn applies(coverage: &Coverage) -> bool {
    coverage.scores().iter().any(|(_, score)| score.rung != Rung::NotApplicable)
}

/// Sum of the rungs' heights: the lower, the blinder.
fn height(coverage: &Coverage) -> usize {
    let place = |score: &Score| Rung::ALL.iter().position(|rung| *rung == score.rung).unwrap_or(0);
    coverage.scores().iter().map(|(_, score)| place(score)).sum()
}

/// How many scores stand on which rung, per aspect.
pub(super) fn summary(document: &Document) -> String {
    if document.coverage().is_empty() {
        return String::new();
    }
    let mut counts: BTreeMap<(usize, Rung), usize> = BTreeMap::new();
    for coverage in document.coverage().iter().filter(|coverage| applies(coverage)) {
        for (aspect, (_, score)) in coverage.scores().into_iter().enumerate() {
            *counts.entry((aspect, score.rung)).or_default() += 1;
        }
    }
    let mut text = String::from("\n");
    let pairs = document.coverage().iter().filter(|coverage| applies(coverage)).count();
    section_in(&mut text, &format!("coverage of {pairs} pairs of technique and asset"));
    let rungs = [Rung::Blind, Rung::Claimed, Rung::Configured, Rung::Exercised];
    text.push_str(&table(
        ["", "blind", "claimed", "configured", "exercised"],
        ["prevent", "detect", "respond", "tested"].into_iter().enumerate().map(|(aspect, name)| {
            let [blind, claimed, configured, exercised] =
                rungs.map(|rung| counts.get(&(aspect, rung)).copied().unwrap_or(0).to_string());
            [name.to_owned(), blind, claimed, configured, exercised]
        }),
    ));
    text
}
