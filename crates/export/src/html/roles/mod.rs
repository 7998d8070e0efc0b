//! One page for each reader of a review, made of the same parts and the same words as the whole report.

mod auditor;
mod board;
mod ciso;
mod data_scientist;
mod engineer;

use maud::{Markup, html};

use super::text;
use crate::{exporter::Exporter, v1::Document};

pub(crate) const AUDITOR: Exporter = auditor::EXPORTER;
pub(crate) const BOARD: Exporter = board::EXPORTER;
pub(crate) const CISO: Exporter = ciso::EXPORTER;
pub(crate) const DATA_SCIENTIST: Exporter = data_scientist::EXPORTER;
pub(crate) const ENGINEER: Exporter = engineer::EXPORTER;

/// The top of a page: whom it is for, what about, and what it answers.
fn header(document: &Document, reader: &str, answers: &str) -> Markup {
    let review = &document.review;
    let organisation = &review.declaration.organisation;
    html! {
        header {
            p.facts { "ML security posture, for " (reader) @if !organisation.is_empty() { ", " (text(organisation)) } }
            h1 { (text(&review.subject)) }
            p.facts {
                span { "taken " time datetime=(review.taken_at) { (review.taken_at) } }
                span { "trigger: " (review.trigger) }
            }
            p.verdict { (text(answers)) }
        }
    }
}

/// The document without its findings, for pages that do not show them: nothing may link to what is not there.
fn without_findings(document: &Document) -> Document {
    Document { findings: None, ..document.clone() }
}
