//! What to do about each gap: who, until when, and what shows that it is done.

use maud::{Markup, html};

use super::{columns, date, list, short_list, text};
use crate::v1::{Action, Document};

pub(super) fn section(document: &Document) -> Option<Markup> {
    let actions = document.actions.as_deref()?;
    Some(html! {
        @if actions.is_empty() { p { "No gap was found where it was looked, so there is nothing to do about one." } }
        @else { (table("Most urgent first", actions.iter())) }
    })
}

/// Actions as rows.
pub(super) fn table<'a>(caption: &str, actions: impl Iterator<Item = &'a Action>) -> Markup {
    html! {
        div.scroll {
            table.sortable {
                caption { (caption) }
                thead { (columns(&["what", "severity", "until", "who", "assets", "done when silent", "if it has happened"])) }
                tbody { @for action in actions { (row(action)) } }
            }
        }
    }
}

fn row(action: &Action) -> Markup {
    html! {
        tr {
            th scope="row" {
                (text(&action.title)) br;
                span.note { (text(&action.why)) }
                @if !action.playbook.is_empty() { br; span.note { "playbook " (text(&action.playbook)) } }
            }
            td { (action.severity) }
            td { (date(&action.due)) }
            td { @if action.owner.is_empty() { "nobody named" } @else { (text(&action.owner)) } }
            td { (short_list(&action.assets)) }
            td { (list(&action.silences)) }
            td { (list(&action.containment)) }
        }
    }
}
