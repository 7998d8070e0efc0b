//! Ranges of OSV, which are events in any order, as spans of versions.

use std::cmp::Ordering;

use serde::Deserialize;

use super::{End, Span};
use crate::versions::Ecosystem;

#[derive(Deserialize)]
pub(super) struct Range {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
    limit: Option<String>,
}

/// An event with the version it happens at.
struct Change<'a> {
    version: &'a str,
    kind: Kind,
}

/// In the order in which events at one version are taken: what ends there ends before what begins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Fixed,
    Introduced,
    LastAffected,
}

/// The spans of all ranges of one package, and why some are left out.
pub(super) fn spans(ecosystem: Ecosystem, ranges: &[Range]) -> (Vec<Span>, Vec<String>) {
    let mut spans = Vec::new();
    let mut reasons = Vec::new();
    for range in ranges {
        match range.kind.as_str() {
            "ECOSYSTEM" | "SEMVER" => match spans_of(ecosystem, &range.events) {
                Some(some) => {
                    spans.extend(some.into_iter().filter(|span| !spans.contains(span)).collect::<Vec<_>>())
                }
                None => reasons.push("a range ends at what is no version".to_owned()),
            },
            "GIT" => reasons.push("ranges of commits".to_owned()),
            _ => reasons.push("a range of an unknown type".to_owned()),
        }
    }
    // A range of commits beside one of versions is the same said twice.
    if !spans.is_empty() {
        reasons.retain(|reason| reason != "ranges of commits");
    }
    (spans, reasons)
}

/// The spans of one range: events in the order of their versions, cut at the farthest limit.
fn spans_of(ecosystem: Ecosystem, events: &[Event]) -> Option<Vec<Span>> {
    let mut changes = Vec::new();
    let mut limits = Vec::new();
    for event in events {
        for (version, kind) in [
            (&event.introduced, Kind::Introduced),
            (&event.fixed, Kind::Fixed),
            (&event.last_affected, Kind::LastAffected),
        ] {
            if let Some(version) = version {
                if version != "0" && !ecosystem.is_version(version) {
                    return None;
                }
                changes.push(Change { version, kind });
            }
        }
        limits.extend(event.limit.as_deref());
    }
    changes
        .sort_by(|one, other| order(ecosystem, one.version, other.version).then(one.kind.cmp(&other.kind)));
    let mut spans = Vec::new();
    let mut open: Option<&str> = None;
    for change in &changes {
        match (change.kind, open) {
            (Kind::Introduced, None) => open = Some(change.version),
            (Kind::Fixed, Some(from)) => {
                spans.push(Span { from: from.to_owned(), end: End::Before(change.version.to_owned()) });
                open = None;
            }
            (Kind::LastAffected, Some(from)) => {
                spans.push(Span { from: from.to_owned(), end: End::Through(change.version.to_owned()) });
                open = None;
            }
            _ => {}
        }
    }
    spans.extend(open.map(|from| Span { from: from.to_owned(), end: End::Open }));
    if !limits.is_empty() && !limits.contains(&"*") {
        limits.retain(|limit| ecosystem.is_version(limit));
        let limit = limits.into_iter().max_by(|one, other| order(ecosystem, one, other))?;
        spans.retain_mut(|span| cut(ecosystem, span, limit));
    }
    spans.retain(|span| span.is_sound(ecosystem));
    Some(spans)
}

/// Ends a span before `limit`; false if nothing is left of it.
fn cut(ecosystem: Ecosystem, span: &mut Span, limit: &str) -> bool {
    if order(ecosystem, &span.from, limit).is_ge() {
        return false;
    }
    let beyond = match &span.end {
        End::Open => true,
        End::Before(end) => order(ecosystem, end, limit).is_gt(),
        End::Through(end) => order(ecosystem, end, limit).is_ge(),
    };
    if beyond {
        span.end = End::Before(limit.to_owned());
    }
    true
}

/// `0` is before everything; what is no version never comes here.
fn order(ecosystem: Ecosystem, one: &str, other: &str) -> Ordering {
    match (one == "0", other == "0") {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => ecosystem.compare(one, other).unwrap_or(Ordering::Equal),
    }
}
