//! What it is about, what it comes to, and the numbers at the top.

use maud::{Markup, html};
use vauban_domain::words::{amount, grouped, percent};

use super::text;
use crate::{
    summary::{Summary, known},
    v1::{Document, Rung, Severity},
};

pub(super) fn header(document: &Document) -> Markup {
    let review = &document.review;
    let summary = Summary::of(document);
    let organisation = &review.declaration.organisation;
    html! {
        header {
            p.facts { "ML security posture review" @if !organisation.is_empty() { ", " (text(organisation)) } }
            h1 { (text(&review.subject)) }
            p.facts {
                span { "taken " time datetime=(review.taken_at) { (review.taken_at) } }
                span { "trigger: " (review.trigger) }
                span { "ATLAS " (text(&review.atlas_edition)) }
                span { "MAESTRO " (text(&review.maestro_edition)) }
                span { "seed " (review.seed) }
            }
            p.verdict { (summary.verdict()) }
            dl.numbers { (numbers(document, &summary)) }
        }
    }
}

fn numbers(document: &Document, summary: &Summary) -> Markup {
    let severities: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .filter(|severity| summary.open(**severity) > 0)
        .map(|severity| format!("{} {severity}", summary.open(*severity)))
        .collect();
    let scores = || {
        document
            .coverage()
            .iter()
            .flat_map(|one| one.scores())
            .filter(|(_, score)| score.rung != Rung::NotApplicable)
    };
    let exercised = scores().filter(|(_, score)| score.rung == Rung::Exercised).count();
    let blind = scores().filter(|(_, score)| score.rung == Rung::Blind).count();
    let looks = format!("of {} that apply", grouped((summary.unknown + summary.known) as f64));
    let share = |part: usize| percent(part as f64 / scores().count() as f64);
    html! {
        @if document.findings.is_some() {
            (number("open findings", &grouped(summary.all_open() as f64), &severities.join(", ")))
            @if let (Some(new), Some(fixed)) = (summary.new, summary.fixed) {
                (number("since the last review", &format!("+{new} \u{2212}{fixed}"), "new and fixed findings"))
            }
        }
        @if document.assets.is_some() {
            (number("assets", &grouped(document.assets().len() as f64), "things worth protecting"))
        }
        @if document.outcomes.is_some() {
            (number("looks not made", &grouped(summary.unknown as f64), &looks))
        }
        @if scores().next().is_some() {
            (number("scores exercised", &share(exercised), &format!("{} blind", share(blind))))
        }
        @if let Some(risk) = &document.risk {
            @if risk.is_known() {
                @let range = risk.total.expected_range.as_ref();
                @let bad_year = format!(
                    "{}; one year in twenty over {}", known(range, &risk.currency),
                    amount(risk.total.value_at_risk_95, &risk.currency),
                );
                (number("expected loss a year", &amount(risk.total.mean, &risk.currency), &bad_year))
                @if let Some(after) = &risk.after_plan {
                    (number("after the plan", &amount(after.mean, &risk.currency), &known(after.expected_range.as_ref(), &risk.currency)))
                }
            } @else {
                (number("expected loss a year", "unknown", "no loss is declared that a threat found here leads to"))
            }
        }
    }
}

fn number(name: &str, value: &str, note: &str) -> Markup {
    html! { div { dt { (name) } dd { (text(value)) small { (text(note)) } } } }
}
