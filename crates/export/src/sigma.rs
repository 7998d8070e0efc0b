//! Sigma rules for the detections that are missing somewhere, as one stream of YAML documents.
//!
//! A detection is missing where coverage says `blind` for a technique that it watches for, or where an action names it.
//! The rules are those of the knowledge base in its log sources (product `ml`; category `inference`, `agent` or
//! `registry`), without what only Vauban reads. Sigma knows no namespace for ATLAS among its tags: techniques are
//! references, and tags are those of ATT&CK that ATLAS itself points at, with the tactics that both have.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use vauban_knowledge::{Detection, Knowledge};

use crate::exporter::{ExportError, Exporter};
use crate::summary::bare;
use crate::v1::{Document, Rung};

/// Missing detections as Sigma rules.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "sigma",
    extension: "sigma.yml",
    media_type: "application/yaml",
    summary: "Sigma rules of the detections that are missing somewhere",
    write,
};

/// Assets named above a rule.
const NAMED: usize = 12;
/// Top-level keys that only Vauban reads, and those that are written anew.
const LEFT_OUT: [&str; 4] = ["vauban", "examples", "counterexamples", "tags"];
/// Tactics of ATLAS that ATT&CK has under the same name, as Sigma writes them. ATT&CK split Defense Evasion in 2026.
const TACTICS: [(&str, &str); 13] = [
    ("AML.TA0002", "reconnaissance"),
    ("AML.TA0003", "resource-development"),
    ("AML.TA0004", "initial-access"),
    ("AML.TA0005", "execution"),
    ("AML.TA0006", "persistence"),
    ("AML.TA0008", "discovery"),
    ("AML.TA0009", "collection"),
    ("AML.TA0010", "exfiltration"),
    ("AML.TA0011", "impact"),
    ("AML.TA0012", "privilege-escalation"),
    ("AML.TA0013", "credential-access"),
    ("AML.TA0014", "command-and-control"),
    ("AML.TA0015", "lateral-movement"),
];

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.actions.is_none() && document.coverage.is_none() {
        return Err(ExportError::MissingPart { format: "sigma", part: "coverage" });
    }
    let knowledge = Knowledge::builtin();
    let missing = missing(document, knowledge);
    let mut text = String::new();
    if missing.is_empty() {
        // A stream of no documents is still YAML.
        text.push_str("# no detection is missing anywhere\n");
    }
    for (at, (detection, assets)) in missing.values().enumerate() {
        if at > 0 {
            text.push_str("---\n");
        }
        let named: Vec<String> = assets.iter().take(NAMED).map(|asset| comment(asset)).collect();
        let more = assets.len().saturating_sub(named.len());
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let _ = writeln!(text, "# missing at {}{more}", named.join(", "));
        text.push_str(&rule(detection, knowledge));
    }
    Ok(text.into_bytes())
}

/// Detections that are missing, by id, with the assets where.
fn missing<'k>(
    document: &Document,
    knowledge: &'k Knowledge,
) -> BTreeMap<&'k str, (&'k Detection, BTreeSet<String>)> {
    let mut missing: BTreeMap<&str, (&Detection, BTreeSet<String>)> = BTreeMap::new();
    let mut add = |detection: &'k Detection, asset: &str| {
        let entry = missing.entry(&detection.rule.id).or_insert_with(|| (detection, BTreeSet::new()));
        entry.1.insert(asset.to_owned());
    };
    for row in document.coverage().iter().filter(|row| row.detect.rung == Rung::Blind) {
        for detection in &knowledge.detections {
            if detection.rule.techniques.iter().any(|id| bare(id) == bare(&row.technique)) {
                add(detection, &row.asset);
            }
        }
    }
    for action in document.actions.iter().flatten() {
        if let Some(detection) = knowledge.detection(&action.detection) {
            let blind = |asset: &&String| {
                // Without coverage the action alone says where.
                document.coverage.is_none() || action.kind == "blind-spot" || {
                    let at = document.coverage().iter().filter(|row| row.asset == **asset);
                    at.clone().count() > 0 && at.clone().all(|row| row.detect.rung == Rung::Blind)
                }
            };
            action.assets.iter().filter(blind).for_each(|asset| add(detection, asset));
        }
    }
    missing
}

/// An asset's name as part of a comment.
fn comment(text: &str) -> String {
    let seen = |letter: char| {
        !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{feff}')
    };
    text.chars().take(120).map(|letter| if seen(letter) { letter } else { ' ' }).collect()
}

/// The documents of one detection.
fn rule(detection: &Detection, knowledge: &Knowledge) -> String {
    let documents: Vec<String> = detection
        .sigma
        .split("\n---")
        .map(|document| self::document(document, detection, knowledge))
        .collect();
    documents.join("---\n")
}

fn document(text: &str, detection: &Detection, knowledge: &Knowledge) -> String {
    let mut lines = String::new();
    let mut skipping = false;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let top = !line.starts_with([' ', '-', '#', '\t']);
        if line.starts_with('#') {
            continue;
        }
        if top {
            let key = line.split(':').next().unwrap_or_default();
            skipping = LEFT_OUT.contains(&key);
        }
        if skipping {
            continue;
        }
        let _ = writeln!(lines, "{line}");
        if line.starts_with("date:") {
            let _ = writeln!(lines, "description: {}", quoted(&detection.rule.why));
            lines.push_str(&references(detection));
            lines.push_str(&tags(detection, knowledge));
        }
    }
    // The events that a correlation counts are no alert by themselves.
    if !lines.contains("\nlevel:") {
        lines.push_str("level: informational\n");
    }
    if !lines.contains("\nfalsepositives:") {
        lines.push_str("falsepositives:\n  - ordinary use, which is why only a row of them is an alert\n");
    }
    lines
}

fn references(detection: &Detection) -> String {
    let mut text = String::from("references:\n");
    let ids: BTreeSet<&str> = detection.rule.techniques.iter().map(|id| bare(id)).collect();
    for id in ids {
        let _ = writeln!(text, "  - https://atlas.mitre.org/techniques/{id}");
    }
    text
}

fn tags(detection: &Detection, knowledge: &Knowledge) -> String {
    // Those that the rule names itself, and those that ATLAS points at.
    let own = detection.sigma.lines().filter_map(|line| line.strip_prefix("tags: ["));
    let own = own.flat_map(|line| line.trim_end_matches(']').split(','));
    let mut tags: BTreeSet<String> =
        own.filter_map(|tag| tag.trim().strip_prefix("attack.")).map(str::to_owned).collect();
    for id in detection.rule.techniques.iter() {
        let Some(technique) = knowledge.atlas.technique(bare(id)) else { continue };
        let parent = technique.parent.as_deref().and_then(|parent| knowledge.atlas.technique(parent));
        for one in [Some(technique), parent].into_iter().flatten() {
            let known = |reference: &&String| knowledge.attack_names.contains_key(reference.as_str());
            tags.extend(
                one.attack_reference.as_ref().filter(known).map(|reference| reference.to_lowercase()),
            );
            for tactic in &one.tactics {
                let name = TACTICS.iter().find(|(known, _)| known == tactic);
                tags.extend(name.map(|(_, name)| (*name).to_owned()));
            }
        }
    }
    if tags.is_empty() {
        return String::new();
    }
    let mut text = String::from("tags:\n");
    for tag in tags {
        let _ = writeln!(text, "  - attack.{tag}");
    }
    text
}

/// A YAML scalar that is text whatever it holds.
fn quoted(text: &str) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tactics_have_the_names_that_atlas_gives_them() {
        let atlas = &Knowledge::builtin().atlas;
        for (id, name) in TACTICS {
            let known = atlas.tactic(id).map(|tactic| tactic.name.to_lowercase().replace(' ', "-"));
            assert_eq!(known.as_deref(), Some(name), "{id}");
        }
    }

    #[test]
    fn what_only_vauban_reads_is_left_out() {
        let knowledge = Knowledge::builtin();
        for detection in &knowledge.detections {
            let text = rule(detection, knowledge);
            for word in ["vauban:", "examples:", "atlas.aml", "#"] {
                assert!(!text.lines().any(|line| line.starts_with(word)), "{}: {word}", detection.rule.id);
            }
            let documents = text.split("---\n").count();
            assert_eq!(text.matches("\nlevel:").count(), documents, "{text}");
            assert_eq!(text.matches("\nfalsepositives:").count(), documents, "{text}");
            assert_eq!(text.matches("\nreferences:").count(), documents, "{text}");
            assert!(text.starts_with("title: "), "{text}");
        }
    }
}
