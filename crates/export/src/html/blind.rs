//! Where nobody looked, and what has aged away: what the matrix cannot say in a mark.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::{columns, date, text};
use crate::v1::{Coverage, Rung, Score};

/// Rows shown; a large estate has tens of thousands of blind spots with few reasons.
const SHOWN: usize = 200;

/// Blind spots by technique, aspect and reason, those at most assets first.
pub(super) fn spots(coverage: &[Coverage]) -> Markup {
    let mut spots: BTreeMap<(&str, &str, &str), Vec<&str>> = BTreeMap::new();
    for one in coverage {
        for (aspect, score) in one.scores() {
            if score.rung == Rung::Blind {
                spots.entry((&one.technique, aspect, &score.reason)).or_default().push(&one.asset);
            }
        }
    }
    let mut rows: Vec<_> = spots.into_iter().collect();
    rows.sort_by_key(|(_, assets)| std::cmp::Reverse(assets.len()));
    html! {
        h3 { "Blind spots" }
        @if rows.is_empty() {
            p { "There are none: every score of what can happen stands on something." }
        } @else {
            div.scroll {
                table.sortable {
                    thead { (columns(&["technique", "aspect", "assets#", "for example", "why"])) }
                    tbody {
                        @for ((technique, aspect, reason), assets) in rows.iter().take(SHOWN) {
                            tr {
                                td { (text(technique)) }
                                td { (aspect) }
                                td.number { (assets.len()) }
                                td { (text(assets.first().copied().unwrap_or_default())) }
                                td { (text(reason)) }
                            }
                        }
                    }
                }
            }
            @if rows.len() > SHOWN {
                p.note { (rows.len() - SHOWN) " more are in the table that --format coverage-csv writes." }
            }
        }
    }
}

/// A note under a rung: what it was before it aged, and whose evidence it is.
pub(super) fn note(score: &Score) -> Markup {
    html! {
        @if let Some(before) = score.decayed_from {
            br; span.note {
                "aged from " (before)
                @if let Some(proof) = score.aged() { " of " (date(&proof.as_of)) }
            }
        }
        @if let Some(from) = score.inherited_from() { br; span.note { "inherited from " (text(from)) } }
    }
}
