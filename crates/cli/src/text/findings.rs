//! Findings.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use vauban_domain::{Severity, day};
use vauban_export::v1::{Document, Finding, Status};

use super::{absent, section, short};
use crate::style;

/// Places that are shown of one finding.
const PLACES: usize = 8;

/// `vauban scan`: findings below `gate` are counted by rule, all others shown.
pub(crate) fn scan(document: &Document, gate: Option<Severity>) -> String {
    if document.findings.is_none() {
        return absent("findings");
    }
    let mut text = String::new();
    let mut counted: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
    for finding in document.findings() {
        if gate.is_some_and(|gate| severity(finding) < gate) {
            *counted.entry((&finding.rule, severity(finding))).or_default() += 1;
        } else {
            text.push_str(&one(document, finding, true));
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    let notes = !counted.is_empty();
    let mut counted: Vec<_> = counted.into_iter().collect();
    counted.sort_by_key(|((rule, severity), _)| (std::cmp::Reverse(*severity), *rule));
    for ((rule, severity), count) in counted {
        let title = document.rule(rule).map_or("", |rule| rule.title.as_str());
        let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
        let _ = writeln!(text, "{} {rule}: {title}, {times}", style::severity(severity));
    }
    if notes {
        text.push_str(&style::faint("below the gate, --all shows each\n\n"));
    }
    text.push_str(&counts(document));
    text.push_str(&super::not_looked_at(document));
    text
}

/// `vauban detect`: only what logs said.
pub(crate) fn detections(document: &Document) -> String {
    let family =
        |finding: &&Finding| document.rule(&finding.rule).is_some_and(|rule| rule.family == "detection");
    let found: Vec<_> = document.findings().iter().filter(family).collect();
    let mut text = String::new();
    section(&mut text, &format!("{} alerts", found.len()));
    for finding in found {
        text.push_str(&one(document, finding, true));
    }
    text.push_str(&super::not_looked_at(document));
    text
}

/// Counts and the worst findings.
pub(super) fn summary(document: &Document, shown: usize) -> String {
    let mut text = String::new();
    text.push_str(&counts(document));
    let open: Vec<_> = document.findings().iter().filter(|finding| !finding.is_accepted()).collect();
    text.push('\n');
    super::section_in(&mut text, "findings, worst first");
    for finding in open.iter().take(shown) {
        text.push_str(&one(document, finding, false));
    }
    if open.len() > shown {
        let _ = writeln!(text, "and {} more in the report", open.len() - shown);
    }
    text
}

fn counts(document: &Document) -> String {
    let mut by_severity: BTreeMap<std::cmp::Reverse<Severity>, usize> = BTreeMap::new();
    let mut by_status: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in document.findings() {
        *by_severity.entry(std::cmp::Reverse(severity(finding))).or_default() += 1;
        if let Some(status) = finding.status {
            *by_status.entry(status.as_str()).or_default() += 1;
        }
    }
    let mut parts: Vec<_> =
        by_severity.into_iter().map(|(severity, count)| format!("{count} {}", severity.0)).collect();
    if parts.is_empty() {
        parts.push("none".to_owned());
    }
    let mut line = format!("{} findings ({})", document.findings().len(), parts.join(", "));
    let fixed = document.review.fixed.as_ref().map_or(0, Vec::len);
    let accepted = by_status.remove("accepted").unwrap_or(0);
    if accepted > 0 {
        let _ = write!(line, ", {accepted} of them accepted");
    }
    if !by_status.is_empty() || fixed > 0 {
        let mut since: Vec<_> =
            by_status.into_iter().map(|(status, count)| format!("{count} {status}")).collect();
        since.push(format!("{fixed} fixed"));
        let _ = write!(line, "; since the last review {}", since.join(", "));
    }
    line + "\n"
}

fn severity(finding: &Finding) -> Severity {
    finding.severity.as_str().parse().unwrap_or(Severity::Info)
}

fn one(document: &Document, finding: &Finding, remedy: bool) -> String {
    let mut text = String::new();
    let status = match finding.status {
        Some(Status::Open) | None => String::new(),
        Some(status) => format!(" [{}]", status.as_str()),
    };
    let _ = writeln!(
        text,
        "{} {}: {}{status}",
        style::severity(severity(finding)),
        style::strong(&finding.rule),
        short(&finding.message, 160)
    );
    let mut places: Vec<String> = Vec::new();
    for evidence in &finding.evidence {
        let place = short(&evidence.locator.to_string(), 200);
        if !places.contains(&place) && places.len() <= PLACES {
            places.push(place);
        }
    }
    let first = places.first().map_or_else(|| short(&finding.asset, 200), String::clone);
    let _ = writeln!(text, "         {}", style::faint(&format!("{first} · {}", finding.fingerprint)));
    for place in places.iter().skip(1).take(PLACES - 1) {
        let _ = writeln!(text, "         {}", style::faint(&format!("also {place}")));
    }
    if places.len() > PLACES {
        let more = finding.evidence.len() - PLACES;
        let _ = writeln!(text, "         {}", style::faint(&format!("and {more} more")));
    }
    if let Some(acceptance) = &finding.acceptance {
        let reason = short(&acceptance.reason, 140);
        let _ = writeln!(text, "         accepted until {}: {reason}", day(&acceptance.until));
    }
    for verdict in finding.verdicts.iter().take(PLACES) {
        let mark = if verdict.answers { "answered by" } else { "says" };
        let _ = writeln!(text, "         {mark} {}", short(&verdict.sentence(), 160));
    }
    if remedy {
        // Copies of a file say the same.
        let excerpts: BTreeSet<&str> = finding.evidence.iter().map(|one| one.excerpt.as_str()).collect();
        for excerpt in excerpts.into_iter().filter(|excerpt| !excerpt.is_empty()).take(3) {
            for line in excerpt.lines().take(12) {
                let _ = writeln!(text, "         | {}", short(line, 140));
            }
        }
        if let Some(rule) = document.rule(&finding.rule) {
            if let Some(harm) = &rule.harm {
                let _ = writeln!(
                    text,
                    "         what: {} {}\n         in:   {}",
                    harm.effect.replace('-', " "),
                    harm.moment(),
                    harm.loaders
                );
            }
            let _ = writeln!(text, "         next: {}", rule.remedy);
            let path = finding.evidence.first().map_or("", |evidence| evidence.locator.path.as_str());
            if let Some((repository, revision)) = published_at(path) {
                let _ = writeln!(text, "         from: {repository} on Hugging Face at {revision}");
            }
        }
    }
    text
}

/// Where a file of a Hugging Face cache was published: `models--OWNER--NAME/snapshots/REVISION/…`.
fn published_at(path: &str) -> Option<(String, String)> {
    let mut parts = path.split('/').skip_while(|part| !part.contains("--"));
    let (_, name) = parts.next()?.split_once("--")?;
    let revision = parts.next().filter(|part| *part == "snapshots").and_then(|_| parts.next())?;
    Some((short(&name.replace("--", "/"), 120), short(revision, 60)))
}
