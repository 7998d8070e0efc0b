//! Third parties: what hangs on them, what they were asked, and what to settle with them.

use maud::{Markup, html};
use vauban_domain::words::{counted, expected_loss};

use super::{columns, date, list, text};
use crate::v1::Document;

pub(super) fn section(document: &Document) -> Option<Markup> {
    let vendors = document.vendors.as_deref()?;
    let currency = &document.review.declaration.currency;
    Some(html! {
        @if vendors.is_empty() { p { "No third party is declared." } }
        @else {
            div.scroll {
                table.sortable {
                    thead {
                        (columns(&[
                            "vendor", "systems", "if it falls#", "questions", "assessed", "settle first",
                        ]))
                    }
                    tbody {
                        @for vendor in vendors {
                            @let answered = vendor.questions.iter().filter(|question| !question.answer.is_empty()).count();
                            tr {
                                th scope="row" { (text(&vendor.vendor)) br; span.note { (text(&vendor.supplies)) } }
                                td { (list(&vendor.systems)) }
                                td.number {
                                    (expected_loss(vendor.expected_loss, currency)) br;
                                    span.note { "reaches " (counted(vendor.reached as usize, "asset")) }
                                }
                                td { (answered) " of " (vendor.questions.len()) " answered" }
                                td {
                                    @match &vendor.assessed { Some(at) => { (date(at)) }, None => { "never" } }
                                    br; span.note { "next " (date(&vendor.due)) }
                                }
                                td { (list(&vendor.conditions)) }
                            }
                        }
                    }
                }
            }
        }
    })
}
