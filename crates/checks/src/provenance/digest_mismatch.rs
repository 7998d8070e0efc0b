//! `provenance-digest-mismatch`.

use vauban_domain::{Digest, Evidence, Locator, rule};
use vauban_formats::Facts;

use super::records::{dvc_outputs, folder, is_note, join, name, noted_digests};
use crate::{Check, Estate, File, Look, Report};

rule! {
    /// Bytes are not those that were recorded.
    pub(super) const RULE: "provenance-digest-mismatch" {
        family: Provenance,
        severity: High,
        title: "a file is not the one that was recorded",
        why: "its digest or size differs from what DVC or the provenance note says: it was changed after it was reviewed, or the record is of something else",
        remedy: "find out who changed it and why; restore the recorded version, or review the new one and record it",
        techniques: ["AML.T0020@2026.09", "AML.T0018@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0025@2026.09"],
        weaknesses: ["CWE-345", "CWE-354"],
        owasp: ["LLM03:2025", "LLM04:2025"],
        threats: ["L2.4@2025-02", "X.1@2025-02"],
        source: "https://dvc.org/doc/user-guide/project-structure/dvc-files",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    named_by_digest(estate, report);
    for (record, output, path) in dvc_outputs(estate) {
        let Some(file) = estate.inventory.file(&path) else { continue };
        let md5 = output.md5.as_deref().filter(|md5| !md5.ends_with(".dir"));
        let seen = md5_of(file);
        let place = Locator::file(&record.path).at_line(output.line.max(1));
        match (md5, seen, output.size) {
            (Some(recorded), Some(seen), _) if recorded != seen => {
                mismatch(file, place, &format!("MD5 {recorded}"), &format!("MD5 {seen}"), report);
            }
            (_, None, Some(size)) if size != file.size => {
                mismatch(file, place, &format!("{size} bytes"), &format!("{} bytes", file.size), report);
            }
            (Some(_), None, _) => report.skip(
                &file.home,
                format!("{path}: MD5 of such files is not computed, only the size was compared"),
            ),
            _ => report.looked_at(&file.home),
        }
    }
    for note in estate.inventory.files.iter().filter(|file| is_note(name(&file.path))) {
        let Facts::Text(text) = &note.parsed.facts else { continue };
        for (written, recorded, line) in noted_digests(&text.text) {
            let Some(file) = estate.inventory.file(&join(folder(&note.path), &written)) else { continue };
            match file.digest {
                Some(seen) if seen.algorithm() != recorded.algorithm() => {
                    report.skip(
                        &file.home,
                        format!("{}: its {} was not taken", file.path, recorded.algorithm()),
                    );
                }
                Some(seen) if seen != recorded => {
                    let place = Locator::file(&note.path).at_line(line);
                    mismatch(file, place, &recorded.to_string(), &seen.to_string(), report);
                }
                Some(_) => report.looked_at(&file.home),
                None => report.skip(&file.home, format!("{}: its digest was not taken", file.path)),
            }
        }
    }
}

/// Files of stores that are named by their digest: `blobs/sha256/<digest>` of OCI, `blobs/sha256-<digest>` of Ollama.
fn named_by_digest(estate: &Estate<'_>, report: &mut Report) {
    for file in estate.inventory.files {
        let (place, last) = (folder(&file.path), name(&file.path));
        let digits = if name(place) == "sha256" && name(folder(place)) == "blobs" {
            last
        } else if name(place) == "blobs" {
            last.strip_prefix("sha256-").unwrap_or_default()
        } else {
            continue;
        };
        if digits.len() != 64 {
            continue;
        }
        let Some(recorded) = Digest::parse(digits) else { continue };
        match file.digest {
            Some(seen) if seen.algorithm() == recorded.algorithm() && seen != recorded => {
                mismatch(file, Locator::file(&file.path), &recorded.to_string(), &seen.to_string(), report);
            }
            Some(seen) if seen.algorithm() == recorded.algorithm() => report.looked_at(&file.home),
            _ => report.skip(&file.home, format!("{}: its SHA-256 was not taken", file.path)),
        }
    }
}

fn md5_of(file: &File) -> Option<&str> {
    match &file.parsed.facts {
        Facts::Table(table) => Some(&table.md5),
        Facts::Text(text) => Some(&text.md5),
        _ => None,
    }
}

fn mismatch(file: &File, record: Locator, recorded: &str, seen: &str, report: &mut Report) {
    let short = |text: &str| text.chars().take(24).collect::<String>();
    let message = format!("`{}` is {} where {} is recorded", file.path, short(seen), short(recorded));
    let evidence = vec![
        Evidence::new(Locator::file(&file.path), file.path.clone(), seen),
        Evidence::new(record.clone(), format!("recorded in {}", record.path), recorded),
    ];
    report.find(&file.home, message, evidence);
}
