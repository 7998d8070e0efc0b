//! When to look again.

use std::fmt::Write;

use vauban_domain::day;
use vauban_export::due::Due;
use vauban_export::v1::Document;

use super::{short, table};

/// The earliest date, what came late, and what is new in ATLAS.
pub(super) fn summary(document: &Document) -> String {
    let Some(schedule) = &document.schedule else { return String::new() };
    let first = schedule.systems.iter().min_by(|one, other| one.next.cmp(&other.next));
    if first.is_none() && schedule.new_techniques.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n");
    if let Some(first) = first {
        let date = day(&first.next);
        let _ = writeln!(text, "next review: {date}, `{}` first", first.system);
    }
    for late in schedule.systems.iter().filter(|system| system.late_days > 0) {
        let _ = writeln!(text, "  `{}` was due {} days before this one", late.system, late.late_days);
    }
    if !schedule.new_techniques.is_empty() {
        let _ = writeln!(
            text,
            "  new in ATLAS {} and not reviewed before: {}",
            document.review.atlas_edition,
            schedule.new_techniques.join(", ")
        );
    }
    text
}

/// `vauban schedule`: what is overdue first.
pub(crate) fn due(list: &[Due], new_techniques: &[String]) -> String {
    let day = |time: &Option<String>, otherwise: &str| time.as_deref().map_or(otherwise, day).to_owned();
    let mut text = table(
        ["system", "every", "last review", "due", ""],
        list.iter().map(|one| {
            let state = match one.state {
                "never-reviewed" => "NEVER REVIEWED".to_owned(),
                "overdue" => format!("OVERDUE by {} days", one.overdue_days),
                _ => String::new(),
            };
            let every = format!("{} days", one.every_days);
            [short(&one.system, 60), every, day(&one.last, "none"), day(&one.due, "now"), state]
        }),
    );
    if !new_techniques.is_empty() {
        let _ = writeln!(
            text,
            "\nnew in ATLAS and not reviewed before: {}",
            short(&new_techniques.join(", "), 1000)
        );
    }
    text
}
