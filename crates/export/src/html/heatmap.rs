//! The whole ATLAS matrix as one page: every technique of the edition, coloured by how well it is covered.
//!
//! A cell has a letter and a pattern beside its colour, and its four scores. Techniques that no asset was judged on are there
//! too: not judged is not covered.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use vauban_knowledge::{
    Knowledge,
    atlas::{Tactic, Technique},
};

use super::coverage::{LETTERS, meaning, sign, tactics_of};
use super::{STYLE, shown, text};
use crate::{
    exporter::{ExportError, Exporter},
    navigator::{score, weakest},
    v1::{Coverage, Document, Rung},
};

/// The matrix as one HTML file.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "heatmap",
    extension: "heatmap.html",
    media_type: "text/html",
    summary: "the ATLAS matrix with every technique coloured by its coverage, in one file",
    write,
};

const HEATMAP: &str = include_str!("heatmap.css");

/// Rungs with their letter, best first.
const RUNGS: [(Rung, &str); 5] = [
    (Rung::Exercised, "E"),
    (Rung::Configured, "C"),
    (Rung::Claimed, "S"),
    (Rung::Blind, "B"),
    (Rung::NotApplicable, "\u{2013}"),
];

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(coverage) = document.coverage.as_deref() else {
        return Err(ExportError::MissingPart { format: EXPORTER.name, part: "coverage" });
    };
    let atlas = &Knowledge::builtin().atlas;
    let mut rows: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for one in coverage {
        rows.entry(&one.technique).or_default().push(one);
    }
    let judged: Vec<Rung> = rows.values().map(|rows| overall(rows)).collect();
    let unjudged =
        atlas.techniques.iter().filter(|technique| !rows.contains_key(technique.id.as_str())).count();
    let foreign: Vec<&str> = rows.keys().copied().filter(|id| atlas.technique(id).is_none()).collect();
    let review = &document.review;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ "vauban " (review.tool_version) };
                title { "ATLAS coverage: " (shown(&review.subject)) }
                style { (PreEscaped(STYLE)) (PreEscaped(HEATMAP)) }
            }
            body {
                header {
                    h1 { "ATLAS coverage of " (text(&review.subject)) }
                    p.facts {
                        span { "review " code { (text(&review.id)) } }
                        span { "taken " (review.taken_at) }
                        span { "ATLAS " (text(&review.atlas_edition)) }
                    }
                    p {
                        "The letter and colour of a technique are its lowest score that applies, over prevent, detect, respond and "
                        "tested and over all assets. The four marks are the lowest of each."
                    }
                    ul.legend {
                        @for (rung, letter) in RUNGS {
                            li {
                                strong { (letter) } " " (rung) ": " (meaning(rung)) ", "
                                (judged.iter().filter(|judged| **judged == rung).count()) " techniques"
                            }
                        }
                        li { strong { "." } " not judged: no asset of this review, " (unjudged) " techniques" }
                    }
                }
                main {
                    h2 { "Matrix" }
                    div.map tabindex="0" role="group" aria-label="ATLAS matrix" {
                        @for tactic in &atlas.tactics { (column(tactic, &rows)) }
                        @if !foreign.is_empty() {
                            div.tactic {
                                h3 { "Other editions" }
                                ul { @for id in foreign { (cell(id, "", rows.get(id))) } }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(page.into_string().into_bytes())
}

fn column(tactic: &Tactic, rows: &BTreeMap<&str, Vec<&Coverage>>) -> Markup {
    let atlas = &Knowledge::builtin().atlas;
    let here: Vec<&Technique> = atlas
        .techniques
        .iter()
        .filter(|technique| tactics_of(technique, atlas).contains(&tactic.id))
        .collect();
    html! {
        @if !here.is_empty() {
            div.tactic {
                h3 { (tactic.name) }
                ul { @for technique in here { (cell(&technique.id, &technique.name, rows.get(technique.id.as_str()))) } }
            }
        }
    }
}

fn cell(id: &str, name: &str, rows: Option<&Vec<&Coverage>>) -> Markup {
    let rung = rows.map(|rows| overall(rows));
    let letter = RUNGS.iter().find(|(known, _)| Some(*known) == rung).map_or(".", |(_, letter)| letter);
    let class = rung.map_or("unjudged", Rung::as_str);
    let sub = if id.matches('.').count() > 1 { " sub" } else { "" };
    html! {
        li class={ (class) (sub) } {
            b aria-label=(rung.map_or("not judged", Rung::as_str)) { (letter) }
            span.id { (text(id)) }
            (name)
            @if let Some(rows) = rows {
                span.marks {
                    @for ((aspect, rung, row), (_, letter)) in weakest(rows).into_iter().zip(LETTERS) {
                        span class={ "mark " (rung) } role="img" aria-label={ (aspect) ": " (rung) }
                            title={ (aspect) ": " (rung) " at " (text(&row.asset)) } { (letter) (sign(rung)) }
                    }
                    @if let Some(points) = points(rows) { span.mark { (points) } }
                }
            }
        }
    }
}

/// The lowest rung that applies over the four aspects; not applicable where none does.
fn overall(rows: &[&Coverage]) -> Rung {
    applicable(rows).into_iter().min().unwrap_or(Rung::NotApplicable)
}

fn applicable(rows: &[&Coverage]) -> Vec<Rung> {
    weakest(rows).into_iter().map(|(_, rung, _)| rung).filter(|rung| *rung != Rung::NotApplicable).collect()
}

/// Points out of a hundred, as in the layer for the Navigator.
fn points(rows: &[&Coverage]) -> Option<u32> {
    score(&applicable(rows))
}
