//! Every rule that was in force.

use maud::{Markup, html};

use super::{columns, text};
use crate::v1::Document;

pub(super) fn section(document: &Document) -> Option<Markup> {
    let rules = &document.review.rules;
    (!rules.is_empty()).then(|| {
        html! {
            div.scroll {
                table.sortable {
                    thead { (columns(&["rule", "family", "severity", "says", "mappings", "source"])) }
                    tbody {
                        @for rule in rules {
                            tr id={ "rule-" (rule.id) } {
                                th scope="row" { (text(&rule.id)) }
                                td { (text(&rule.family)) }
                                td { (rule.severity) }
                                td { (text(&rule.title)) br; span.note { (text(&rule.why)) }
                                    @if let Some(harm) = &rule.harm { br; span.note { (text(&harm.sentence())) } }
                                }
                                td {
                                    @for ids in [&rule.techniques, &rule.mitigations, &rule.weaknesses, &rule.owasp, &rule.threats] {
                                        @for id in ids { (text(id)) br; }
                                    }
                                }
                                td { (text(&rule.source)) }
                            }
                        }
                    }
                }
            }
        }
    })
}
