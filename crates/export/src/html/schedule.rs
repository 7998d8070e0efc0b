//! When each system is due, what came late, and what a new edition of ATLAS brought.

use maud::{Markup, html};

use super::{columns, date, list, text};
use crate::v1::Document;

pub(super) fn section(document: &Document) -> Option<Markup> {
    let schedule = document.schedule.as_ref()?;
    Some(html! {
        @if schedule.systems.is_empty() { p { "No system is declared, so none has a date." } }
        @else {
            div.scroll {
                table.sortable {
                    thead { (columns(&["system", "every#", "review before", "next review", "late by#", "sooner if"])) }
                    tbody {
                        @for system in &schedule.systems {
                            tr {
                                th scope="row" { (text(&system.system)) }
                                td.number { (system.every_days) " days" }
                                td { @match &system.last { Some(last) => { (date(last)) }, None => { "none on record" } } }
                                td { (date(&system.next)) }
                                td.number { @if system.late_days > 0 { (system.late_days) " days" } @else { "\u{2013}" } }
                                td { (list(&system.sooner)) }
                            }
                        }
                    }
                }
            }
        }
        @if !schedule.new_techniques.is_empty() {
            p { "New in ATLAS " (text(&document.review.atlas_edition)) " and never reviewed: " (text(&schedule.new_techniques.join(", "))) }
        }
    })
}
