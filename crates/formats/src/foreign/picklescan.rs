//! The lines that picklescan prints. <https://github.com/mmaitre314/picklescan>

use super::place::path_of;
use super::{Family, Place, Reported};
use vauban_domain::Severity;

/// The results; `None` if the text is not its output.
pub(super) fn read(text: &str) -> Option<Vec<Reported>> {
    let summary = text.contains("SCAN SUMMARY") && text.contains("Scanned files:");
    let mut results = Vec::new();
    for line in text.lines() {
        // `file.zip:member.pkl: dangerous import 'posix system' FOUND`
        let line = line.strip_prefix("WARNING:picklescan:").unwrap_or(line).trim();
        let Some((place, rest)) = line.split_once(": ").filter(|(_, rest)| rest.ends_with(" FOUND")) else {
            continue;
        };
        let Some((kind, name)) = rest.strip_suffix(" FOUND").and_then(|rest| rest.split_once(" import '"))
        else {
            continue;
        };
        let name = name.trim_end_matches('\'');
        let (path, member) = super::modelscan::split_member(place);
        results.push(Reported {
            engine: "picklescan".to_owned(),
            rule: format!("{kind}-import"),
            detail: name.replace(' ', "."),
            message: format!("{kind} import {name}"),
            severity_word: kind.to_owned(),
            severity: Some(match kind {
                "dangerous" => Severity::Critical,
                "suspicious" => Severity::Medium,
                _ => Severity::Low,
            }),
            family: Family::Artifact,
            place: Place { path: path_of(path), member: member.map(str::to_owned), ..Place::default() },
            ..Reported::default()
        });
    }
    (summary || !results.is_empty()).then_some(results)
}
