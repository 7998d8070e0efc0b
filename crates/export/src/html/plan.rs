//! Controls in the order to take them.

use maud::{Markup, html};
use vauban_domain::words::{amount, percent};

use super::{columns, list, short_list, text};
use crate::v1::Document;

pub(super) fn section(document: &Document) -> Option<Markup> {
    let plan = document.plan.as_ref()?;
    let currency = document.risk.as_ref().map_or("", |risk| risk.currency.as_str());
    let money = |value| amount(value, currency);
    let removed = |value| if document.is_priced() { money(value) } else { "not known".to_owned() };
    Some(html! {
        @if plan.steps.is_empty() {
            p { "No control of the knowledge base removes risk that was found here." }
        } @else {
            div.scroll {
                table {
                    caption { "Most risk removed per cost first; each step counts on those before it" }
                    thead {
                        (columns(&[
                            "rank#", "control", "first-year cost#", "risk removed a year#", "risk left a year#",
                            "net in the first year#", "waiting costs#",
                            "acts on", "works when silent", "playbook and mitigations", "inputs",
                        ]))
                    }
                    tbody {
                        @for step in &plan.steps {
                            tr {
                                td.number { (step.rank) }
                                th scope="row" { (text(&step.name)) br; span.note { (text(&step.control)) } }
                                td.number { (money(step.cost)) }
                                td.number { (removed(step.risk_removed)) }
                                td.number { (removed(step.risk_left)) }
                                td.number {
                                    @if let Some(back) = &step.return_on_control {
                                        (money(back.net_benefit)) br;
                                        span.note {
                                            "90 % " (money(back.expected_range.low)) " to " (money(back.expected_range.high))
                                            " by the inputs; pays with " (percent(back.expected_probability)) ", in "
                                            (percent(back.probability)) " of years; with luck "
                                            (money(back.range.low)) " to " (money(back.range.high))
                                        }
                                    } @else { "not known" }
                                }
                                td.number {
                                    @if let Some(delay) = &step.cost_of_delay {
                                        (money(delay.month)) " a month" br;
                                        span.note { (money(delay.quarter)) " a quarter (90 % " (money(delay.quarter_range.low)) " to " (money(delay.quarter_range.high)) ")" }
                                    } @else { "not known" }
                                }
                                td { (short_list(&step.assets)) }
                                td { (list(&step.silences)) }
                                td { (text(&step.playbook)) br; span.note { (text(&step.mitigations.join(", "))) } }
                                td { (list(&step.basis)) }
                            }
                        }
                    }
                }
            }
        }
        @if !plan.unaddressed.is_empty() {
            h3 { "Rules with findings that no control silences" }
            (list(&plan.unaddressed))
        }
    })
}
