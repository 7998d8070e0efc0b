//! Coverage: per technique and asset, blind spots first.

use std::collections::BTreeMap;
use std::fmt::Write;

use vauban_domain::day;
use vauban_export::v1::{Coverage, Document, Rung, Score};

use super::{absent, section, section_in, short, table};

/// Reasons why techniques do not apply that are shown.
const SHOWN_REASONS: usize = 20;

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
            [short(&coverage.technique, 40), short(&coverage.asset, 160), prevent, detect, respond, tested]
        }),
    ));
    text.push_str(&not_applicable(document));
    text.push_str(&summary(document));
    text
}

/// The rung, what it was before it aged and of which day, and whose evidence it is.
fn rung(score: &Score) -> String {
    let mut notes = Vec::new();
    if let Some(before) = score.decayed_from {
        let day = score.aged().map(|proof| format!(" of {}", day(&proof.as_of)));
        notes.push(format!("was {before}{}", day.unwrap_or_default()));
    }
    notes.extend(score.inherited_from().map(|from| format!("from {}", short(from, 60))));
    let rung = score.rung.as_str();
    if notes.is_empty() { rung.to_owned() } else { format!("{rung} ({})", notes.join(", ")) }
}

/// What cannot happen, by reason, those that spare most first.
fn not_applicable(document: &Document) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for coverage in document.coverage().iter().filter(|coverage| !applies(coverage)) {
        *reasons.entry(&coverage.prevent.reason).or_default() += 1;
    }
    let mut reasons: Vec<(&str, usize)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, pairs)| std::cmp::Reverse(*pairs));
    if reasons.is_empty() {
        return String::new();
    }
    let pairs: usize = reasons.iter().map(|(_, pairs)| pairs).sum();
    let mut text = String::from("\n");
    section_in(&mut text, &format!("{pairs} pairs that do not apply, and why"));
    for (reason, pairs) in reasons.iter().take(SHOWN_REASONS) {
        let _ = writeln!(text, "  {pairs:>5} {}", short(reason, 200));
    }
    if reasons.len() > SHOWN_REASONS {
        let _ =
            writeln!(text, "  and {} more reasons with --format coverage-csv", reasons.len() - SHOWN_REASONS);
    }
    text
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
