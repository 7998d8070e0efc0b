//! When to look again.

use std::fmt::Write;

use vauban_export::v1::Document;

/// The earliest date, what came late, and what is new in ATLAS.
pub(super) fn summary(document: &Document) -> String {
    let Some(schedule) = &document.schedule else { return String::new() };
    let Some(first) = schedule.systems.iter().min_by(|one, other| one.next.cmp(&other.next)) else {
        return String::new();
    };
    let mut text = String::from("\n");
    let date = first.next.get(..10).unwrap_or(&first.next);
    let _ = writeln!(text, "next review: {date}, `{}` first", first.system);
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
