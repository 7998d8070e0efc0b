//! For the board: money and trend, on a page.

use maud::{Markup, html};
use vauban_domain::words::{amount, percent};

use super::super::{Section, chart, page, risk::curves, text, trend};
use crate::{
    exporter::{ExportError, Exporter},
    summary::{Summary, known, span},
    v1::{Document, Risk},
};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "report-board",
    extension: "html",
    media_type: "text/html",
    summary: "a page for the board: money at risk, its trend, and what to decide",
    write,
};

/// Scenarios and decisions on the page.
const SHOWN: usize = 4;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let risk =
        document.risk.as_ref().ok_or(ExportError::MissingPart { format: "report-board", part: "risk" })?;
    let sections: [Section; 4] = [
        ("money", "What can be lost", Some(money(risk))),
        ("trend", "Trend", Some(trend::section(document).unwrap_or_else(first_review))),
        ("decisions", "What to decide", decisions(document, risk)),
        ("unknown", "What nobody knows", Some(unknown(document))),
    ];
    let header = super::header(document, "the board", &answer(risk));
    Ok(page(document, "the board", header, &sections))
}

fn answer(risk: &Risk) -> String {
    if !risk.is_known() {
        return format!(
            "{} The plan ranks controls by how grave the threats are that they stop.",
            Risk::UNKNOWN
        );
    }
    let money = |value| amount(value, &risk.currency);
    let appetite = if risk.appetite.is_empty() {
        "No risk appetite is declared, so nothing says whether this is too much."
    } else if risk.exceeded.is_empty() {
        "This is within the declared risk appetite."
    } else {
        "This is more than the declared risk appetite."
    };
    let after = risk
        .after_plan
        .as_ref()
        .map(|after| {
            format!(
                " The plan brings the expected loss down to {} ({}).",
                money(after.mean),
                known(after.expected_range.as_ref(), &risk.currency)
            )
        })
        .unwrap_or_default();
    format!(
        "Attacks on these systems are expected to cost {} a year ({}); one year in twenty costs more than {}, {} on average. {appetite}{after}",
        money(risk.total.mean),
        known(risk.total.expected_range.as_ref(), &risk.currency),
        money(risk.total.value_at_risk_95),
        money(risk.total.tail_mean_95),
    )
}

fn money(risk: &Risk) -> Markup {
    if !risk.is_known() {
        return html! { p { (text(Risk::UNKNOWN)) } };
    }
    let losses = format!("loss in a year ({})", risk.currency);
    html! {
        div.pair {
        (chart::over_powers_of_ten("Chance of losing more", &losses, "probability of losing more", &curves(risk)))
        table {
            caption { "The largest of them" }
            thead { (super::super::columns(&["what happens", "system", "chance within a year#", "expected loss a year#", "90 % interval#"])) }
            tbody {
                @for scenario in risk.scenarios.iter().take(SHOWN) {
                    tr {
                        th scope="row" { (text(&scenario.title)) }
                        td { (text(&scenario.system)) }
                        td.number { (percent(-(-scenario.frequency).exp_m1())) }
                        td.number { (amount(scenario.annual_loss, &risk.currency)) }
                        td.number { @if let Some(range) = &scenario.expected_range { (span(range, &risk.currency)) } @else { "not drawn" } }
                    }
                }
            }
        }
        }
        p.note { "Ranges are the owners'; how often things happen is partly assumed, and marked so in the whole report." }
    }
}

fn first_review() -> Markup {
    html! { p { "This is the first review on record, so there is no trend yet." } }
}

fn decisions(document: &Document, risk: &Risk) -> Option<Markup> {
    let plan = document.plan.as_ref()?;
    let money = |value| amount(value, &risk.currency);
    let cost: f64 = plan.steps.iter().map(|step| step.cost).sum();
    Some(html! {
        @if plan.steps.is_empty() { p { "No control of the library removes risk that was found here." } }
        @else {
            p { (plan.steps.len()) " controls cost " (money(cost)) " in the first year. These remove most for their cost:" }
            table {
                thead { (super::super::columns(&["control", "first-year cost#", "loss removed a year#"])) }
                tbody {
                    @for step in plan.steps.iter().take(SHOWN) {
                        tr {
                            th scope="row" { (text(&step.name)) }
                            td.number { (money(step.cost)) }
                            td.number { @if risk.is_known() { (money(step.risk_removed)) } @else { "not known" } }
                        }
                    }
                }
            }
        }
    })
}

fn unknown(document: &Document) -> Markup {
    let summary = Summary::of(document);
    let blind = crate::v1::TrendPoint::of(document).blind;
    html! {
        p {
            (summary.unknown) " of " (summary.unknown + summary.known) " looks were not made or failed"
            @if let Some(blind) = blind { "; of all scores that apply, " (percent(blind)) " are blind: nobody looked" }
            ". What they would have shown is not in these numbers as if it were clean."
        }
    }
}
