//! How a drill went: who did what when, and what was missed.

use std::fmt::Write;

use vauban_domain::Timestamp;
use vauban_engine::drill::results;
use vauban_formats::{Defect, drill::DrillRecord};

use super::{section, short};

/// `vauban drill show`.
pub(crate) fn drill(record: &DrillRecord, defects: &[Defect], now: Timestamp) -> String {
    let mut text = String::new();
    let Some(start) = &record.start else { return text };
    section(&mut text, &format!("drill {} of {}", short(&start.id, 80), short(&start.system, 80)));
    let state = record.finished.as_deref().map_or_else(|| "open".to_owned(), |at| format!("finished {at}"));
    let path = if start.path.is_empty() { "no path" } else { &start.path };
    let _ =
        writeln!(text, "began {}, {}; plays {}", short(&start.at, 30), short(&state, 60), short(path, 80));
    let results = results(record, now);
    for result in &results {
        let step = &result.step;
        let when = match (result.seconds, record.finished.is_some()) {
            (Some(seconds), _) => format!("after {}", spell(seconds)),
            (None, true) => "missed".to_owned(),
            (None, false) => "open".to_owned(),
        };
        let limit = step.hours.map(|hours| format!(", within {hours} h")).unwrap_or_default();
        let late = if result.late { ", LATE" } else { "" };
        let _ = writeln!(
            text,
            "{:>3} {:<8} {when}{limit}{late}: {} ({})",
            step.number,
            short(&step.phase, 12),
            short(&step.what, 200),
            short(&step.who, 60)
        );
        for entry in record.entries.iter().filter(|entry| entry.step == step.number) {
            let _ =
                writeln!(text, "      {} {}: {}", entry.at, short(&entry.who, 60), short(&entry.what, 200));
        }
    }
    let loose: Vec<_> = record
        .entries
        .iter()
        .filter(|entry| !results.iter().any(|result| result.step.number == entry.step))
        .collect();
    for entry in &loose {
        let _ = writeln!(text, "      {} {}: {}", entry.at, short(&entry.who, 60), short(&entry.what, 200));
    }
    let taken = results.iter().filter(|result| result.seconds.is_some()).count();
    let late = results.iter().filter(|result| result.late).count();
    let _ = writeln!(
        text,
        "{taken} of {} steps taken, {} {}, {late} past their limit",
        results.len(),
        results.len() - taken,
        if record.finished.is_some() { "missed" } else { "open" }
    );
    for defect in defects.iter().take(5) {
        let _ = writeln!(text, "not read: {}", short(&defect.detail, 160));
    }
    text
}

/// Seconds in words.
fn spell(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3_600, seconds / 60 % 60),
    }
}
