//! The matrix of tactics and techniques, four marks to a technique.

use std::collections::BTreeMap;

use maud::{Markup, html};
use vauban_knowledge::{
    Knowledge,
    atlas::{Atlas, Technique},
};

use super::{blind, columns, date, text};
use crate::{
    navigator::weakest,
    v1::{Coverage, Document, Rung, Score},
};

/// Letter of each aspect, in the order of [`Coverage::scores`].
pub(super) const LETTERS: [(&str, &str); 4] =
    [("prevent", "P"), ("detect", "D"), ("respond", "R"), ("tested", "T")];

/// Scores shown with their evidence, the best proven first; a large estate has tens of thousands.
const SHOWN: usize = 500;

/// The sign of a rung, which reads without colour.
pub(super) const fn sign(rung: Rung) -> &'static str {
    match rung {
        Rung::NotApplicable => "\u{2013}",
        Rung::Blind => "?",
        Rung::Claimed => "\u{25cb}",
        Rung::Configured => "\u{25d0}",
        Rung::Exercised => "\u{25cf}",
    }
}

/// The tactics of a technique; a sub-technique stands where its parent stands when it names no tactic of its own.
pub(super) fn tactics_of<'a>(technique: &'a Technique, atlas: &'a Atlas) -> &'a [String] {
    match technique.parent.as_deref().and_then(|parent| atlas.technique(parent)) {
        Some(parent) if technique.tactics.is_empty() => &parent.tactics,
        _ => &technique.tactics,
    }
}

pub(super) fn section(document: &Document) -> Option<Markup> {
    let matrix = matrix(document)?;
    let coverage = document.coverage();
    Some(html! { (matrix) (blind::spots(coverage)) (proven(coverage)) })
}

/// The matrix alone.
pub(super) fn matrix(document: &Document) -> Option<Markup> {
    let coverage = document.coverage.as_deref()?;
    let atlas = &Knowledge::builtin().atlas;
    let mut rows: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for one in coverage {
        rows.entry(&one.technique).or_default().push(one);
    }
    let unplaced: Vec<&str> = rows
        .keys()
        .copied()
        .filter(|id| atlas.technique(id).is_none_or(|technique| tactics_of(technique, atlas).is_empty()))
        .collect();
    Some(html! {
        p {
            "Each technique has four marks: " strong { "P" } "revent, " strong { "D" } "etect, "
            strong { "R" } "espond, " strong { "T" } "ested. A mark shows the lowest rung over all assets "
            "it applies to: a chain is judged by its weakest link. "
            (rows.len()) " techniques were judged on " (coverage.len()) " places; those not in the matrix were not judged."
        }
        ul.legend {
            @for rung in [Rung::Exercised, Rung::Configured, Rung::Claimed, Rung::Blind, Rung::NotApplicable] {
                li { span class={ "mark " (rung) } { (sign(rung)) } " " (rung) ": " (meaning(rung)) }
            }
        }
        div.matrix tabindex="0" role="group" aria-label="ATLAS matrix" {
            @for tactic in &atlas.tactics {
                @let here: Vec<&Technique> = atlas.techniques.iter()
                    .filter(|technique| rows.contains_key(technique.id.as_str()) && tactics_of(technique, atlas).contains(&tactic.id))
                    .collect();
                @if !here.is_empty() {
                    div.tactic {
                        h3 { (tactic.name) }
                        ul { @for technique in here { (cell(&technique.id, &technique.name, &rows[technique.id.as_str()])) } }
                    }
                }
            }
            @if !unplaced.is_empty() {
                div.tactic {
                    h3 { "Other editions" }
                    ul { @for id in unplaced { (cell(id, "", &rows[id])) } }
                }
            }
        }
    })
}

pub(super) const fn meaning(rung: Rung) -> &'static str {
    match rung {
        Rung::NotApplicable => "cannot happen here",
        Rung::Blind => "nobody looked, or the look failed",
        Rung::Claimed => "a person says so",
        Rung::Configured => "seen in a file, log or policy",
        Rung::Exercised => "a real attack was run",
    }
}

fn cell(id: &str, name: &str, rows: &[&Coverage]) -> Markup {
    html! {
        li.sub[id.matches('.').count() > 1] {
            span.id { (text(id)) }
            (name)
            span.marks {
                @for ((aspect, rung, row), (_, letter)) in weakest(rows).into_iter().zip(LETTERS) {
                    span class={ "mark " (rung) } role="img"
                        aria-label={ (aspect) ": " (rung) }
                        title={ (aspect) ": " (rung) " at " (text(&row.asset)) } { (letter) (sign(rung)) }
                }
            }
        }
    }
}

/// Scores that stand on something, with what they stand on.
fn proven(coverage: &[Coverage]) -> Markup {
    let scores = || coverage.iter().flat_map(|one| one.scores().map(|(aspect, score)| (one, aspect, score)));
    let mut proven: Vec<(&Coverage, &str, &Score)> =
        scores().filter(|(_, _, score)| score.rung > Rung::Blind || !score.proofs.is_empty()).collect();
    proven.sort_by_key(|(_, _, score)| std::cmp::Reverse(score.rung));
    html! {
        h3 { "What the marks stand on" }
        @if proven.is_empty() {
            p { "No score stands on evidence: nothing is claimed, configured or exercised." }
        } @else {
            div.scroll {
                table.sortable {
                    thead { (columns(&["technique", "asset", "aspect", "rung", "why", "evidence"])) }
                    tbody {
                        @for (one, aspect, score) in proven.iter().take(SHOWN) {
                            tr {
                                td { (text(&one.technique)) }
                                td { (text(&one.asset)) }
                                td { (aspect) }
                                td {
                                    (sign(score.rung)) " " (score.rung)
                                    (blind::note(score))
                                }
                                td { (text(&score.reason)) }
                                td {
                                    @for proof in &score.proofs {
                                        (text(&proof.what)) ", " (date(&proof.as_of))
                                        @if let Some(locator) = &proof.locator { " " code { (text(&locator.to_string())) } }
                                        br;
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if proven.len() > SHOWN {
                p.note { (proven.len() - SHOWN) " scores on lower rungs are in the JSON document." }
            }
        }
    }
}
