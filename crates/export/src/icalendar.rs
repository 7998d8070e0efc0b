//! When to look again, for calendars (iCalendar, RFC 5545): one event for each system and each third party.

use std::fmt::Write;

use crate::{
    exporter::{ExportError, Exporter},
    signature::sha256,
    v1::Document,
};

/// Due dates as iCalendar.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "icalendar",
    extension: "ics",
    media_type: "text/calendar",
    summary: "due dates of reviews and of third parties, for a calendar",
    write,
};

/// Octets of a line without its line break, at most (RFC 5545, section 3.1).
const LONGEST: usize = 75;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(schedule) = &document.schedule else {
        return Err(ExportError::MissingPart { format: "icalendar", part: "schedule" });
    };
    let mut calendar = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"] {
        fold(&mut calendar, line);
    }
    fold(&mut calendar, &format!("PRODID:-//Vauban//vauban {}//EN", text(&document.review.tool_version)));
    for one in &schedule.systems {
        let mut notes = vec![format!("Every {} days.", one.every_days)];
        notes.extend(one.last.as_ref().map(|last| format!("The review before was of {last}.")));
        notes.extend(one.sooner.iter().map(|sooner| format!("Sooner with {sooner}.")));
        let summary = format!("Review the system {}", one.system);
        event(&mut calendar, document, ("system", &one.system), &one.next, &summary, &notes.join("\n"));
    }
    for one in document.vendors.iter().flatten() {
        let mut notes = vec![format!("It supplies {}.", one.supplies)];
        notes.extend(one.conditions.iter().map(|condition| format!("To settle: {condition}")));
        let summary = format!("Assess the third party {}", one.vendor);
        event(&mut calendar, document, ("vendor", &one.vendor), &one.due, &summary, &notes.join("\n"));
    }
    fold(&mut calendar, "END:VCALENDAR");
    Ok(calendar.into_bytes())
}

/// Adds an event of a day. Its id is that of the thing and not of the review, so that the next calendar moves it. A date
/// that is none has no event.
fn event(
    calendar: &mut String,
    document: &Document,
    (kind, name): (&str, &str),
    due: &str,
    summary: &str,
    notes: &str,
) {
    let (Some(stamp), Some(day)) = (basic(&document.review.taken_at), basic(due)) else { return };
    let id = sha256(format!("{}\n{kind}\n{name}", document.review.subject).as_bytes());
    let short = id.get(..32).unwrap_or(&id);
    for line in [
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{short}@vauban"),
        format!("DTSTAMP:{stamp}"),
        format!("DTSTART;VALUE=DATE:{}", day.get(..8).unwrap_or(&day)),
        format!("SUMMARY:{}", text(summary)),
        format!("DESCRIPTION:{}", text(notes)),
        "TRANSP:TRANSPARENT".to_owned(),
        "END:VEVENT".to_owned(),
    ] {
        fold(calendar, &line);
    }
}

/// `20261120T000000Z` for a time in RFC 3339; `None` for what is no time.
fn basic(time: &str) -> Option<String> {
    let time = vauban_domain::Timestamp::parse(time)?.to_string();
    Some(time.replace(['-', ':'], ""))
}

/// Text as a property's value (RFC 5545, section 3.3.11), without what no calendar shows.
fn text(plain: &str) -> String {
    let mut value = String::with_capacity(plain.len());
    for letter in plain.chars() {
        match letter {
            '\\' | ';' | ',' => {
                let _ = write!(value, "\\{letter}");
            }
            '\n' => value.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => value.push(letter),
        }
    }
    value
}

/// Adds a line, broken where it grows too long, never inside a letter.
fn fold(calendar: &mut String, line: &str) {
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > LONGEST {
            calendar.push_str("\r\n ");
            octets = 1;
        }
        calendar.push(letter);
        octets += letter.len_utf8();
    }
    calendar.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_short_and_hostile_names_stay_text() {
        let mut calendar = String::new();
        fold(&mut calendar, &format!("SUMMARY:{}", text(&"käse\r\nEND:VCALENDAR\r\n; ".repeat(20))));
        assert!(calendar.lines().all(|line| line.len() <= LONGEST));
        assert!(calendar.lines().skip(1).all(|line| line.starts_with(' ')), "{calendar}");
        let whole = calendar.replace("\r\n ", "");
        assert!(whole.starts_with("SUMMARY:käse\\nEND:VCALENDAR\\n\\; käse"), "{whole}");
    }
}
