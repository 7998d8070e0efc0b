//! Results as text for a terminal: one file per part, all from the same document as every other format.

mod actions;
mod amounts;
mod assets;
pub(crate) mod bom;
mod cascades;
mod compliance;
mod coverage;
mod diff;
mod drill;
mod findings;
mod listings;
mod measurements;
mod placement;
mod plan;
mod reviews;
mod risk;
mod schedule;
mod table;
mod threats;
mod vendors;
mod verification;
mod what_if;

use std::fmt::Write;

use vauban_export::v1::Document;

use crate::style;

pub(crate) use actions::actions;
pub(crate) use assets::inventory;
pub(crate) use cascades::cascades;
pub(crate) use compliance::compliance;
pub(crate) use coverage::coverage;
pub(crate) use diff::diff;
pub(crate) use drill::drill;
pub(crate) use findings::{detections, scan};
pub(crate) use listings::listings;
pub(crate) use measurements::{attacks, exercises, measurements};
pub(crate) use placement::placement;
pub(crate) use plan::plan;
pub(crate) use reviews::reviews;
pub(crate) use risk::risk;
pub(crate) use schedule::due;
pub(crate) use table::table;
pub(crate) use threats::threats;
pub(crate) use vendors::vendors;
pub(crate) use verification::verification;
pub(crate) use what_if::what_if;

/// Findings that the summary of a review shows; the report has all.
const SHOWN_FINDINGS: usize = 12;

/// The summary at the end of a review.
pub(crate) fn review(document: &Document) -> String {
    let mut text = String::new();
    let review = &document.review;
    section(&mut text, &format!("{} reviewed", review.subject));
    let _ = writeln!(
        text,
        "{} · {} · ATLAS {} · MAESTRO {} · seed {}",
        review.id,
        review.trigger.as_str(),
        review.atlas_edition,
        review.maestro_edition,
        review.seed
    );
    text.push_str(&assets::summary(document));
    text.push_str(&findings::summary(document, SHOWN_FINDINGS));
    for part in [
        measurements::summary(document),
        measurements::exercise_summary(document),
        coverage::summary(document),
        threats::summary(document),
        risk::summary(document),
        plan::summary(document),
        compliance::summary(document),
        schedule::summary(document),
        not_looked_at(document),
    ] {
        text.push_str(&part);
    }
    text
}

/// Starts a section with a heading.
fn section(text: &mut String, heading: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&style::strong(heading));
    text.push('\n');
}

/// What was skipped, failed or bounded.
fn not_looked_at(document: &Document) -> String {
    use vauban_export::v1::Verdict;
    let count =
        |verdict: Verdict| document.outcomes().iter().filter(|outcome| outcome.verdict == verdict).count();
    let limits = &document.review.limits;
    let (skipped, failed) = (count(Verdict::Skipped), count(Verdict::Failed));
    if limits.is_empty() && skipped + failed == 0 {
        return String::new();
    }
    let mut text = String::new();
    text.push('\n');
    section_in(&mut text, "not looked at");
    let _ = writeln!(text, "{skipped} looks skipped, {failed} failed, {} limits", limits.len());
    for limit in limits.iter().take(8) {
        let _ = writeln!(text, "  {}: {}", short(&limit.place, 120), short(&limit.what, 200));
    }
    if limits.len() > 8 {
        let _ = writeln!(text, "  and {} more in the report", limits.len() - 8);
    }
    text
}

/// A heading inside a text that already has its blank line.
fn section_in(text: &mut String, heading: &str) {
    text.push_str(&style::strong(heading));
    text.push('\n');
}

/// The part was not made: says so instead of showing an empty one.
fn absent(part: &str) -> String {
    format!("this review has no {part}; make one with `vauban review`\n")
}

/// Cuts a line to a width, marking the cut. What would move the cursor, change colours or turn the reading direction of
/// a terminal becomes a blank: names and contents are written by strangers.
fn short(line: &str, width: usize) -> String {
    let unseen = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let line: String = line.chars().map(|letter| if unseen(letter) { ' ' } else { letter }).collect();
    if line.chars().count() <= width {
        return line;
    }
    let mut cut: String = line.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
