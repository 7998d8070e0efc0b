//! The numbers and the one paragraph that every report begins with.

use std::collections::BTreeMap;

use vauban_domain::words::{amount, counted, percent};

use crate::v1::{Document, Interval, Severity, Status, Verdict};

/// Counts over a document.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    open: BTreeMap<Severity, usize>,
    /// Findings never seen before; `None` without history.
    pub(crate) new: Option<usize>,
    /// Findings of the review before that are gone; `None` without history.
    pub(crate) fixed: Option<usize>,
    /// Findings that the owner lives with.
    pub(crate) accepted: usize,
    /// Looks that were skipped or failed.
    pub(crate) unknown: usize,
    /// Looks that really happened.
    pub(crate) known: usize,
    /// Whether findings are a part of the document at all.
    has_findings: bool,
    exceeded: bool,
}

impl Summary {
    pub(crate) fn of(document: &Document) -> Self {
        let mut open = BTreeMap::new();
        let (mut new, mut accepted) = (0, 0);
        for finding in document.findings() {
            match finding.status {
                Some(Status::Accepted) => accepted += 1,
                status => {
                    *open.entry(finding.severity).or_insert(0) += 1;
                    new += usize::from(status == Some(Status::New));
                }
            }
        }
        let looks = |wanted: &[Verdict]| {
            document.outcomes().iter().filter(|outcome| wanted.contains(&outcome.verdict)).count()
        };
        Self {
            open,
            new: document.review.fixed.is_some().then_some(new),
            fixed: document.review.fixed.as_ref().map(Vec::len),
            accepted,
            unknown: looks(&[Verdict::Skipped, Verdict::Failed]),
            known: looks(&[Verdict::Found, Verdict::Clean]),
            has_findings: document.findings.is_some(),
            exceeded: document.risk.as_ref().is_some_and(|risk| !risk.exceeded.is_empty()),
        }
    }

    /// Findings of this severity that nobody has accepted.
    pub(crate) fn open(&self, severity: Severity) -> usize {
        self.open.get(&severity).copied().unwrap_or(0)
    }

    /// All findings that nobody has accepted.
    pub(crate) fn all_open(&self) -> usize {
        self.open.values().sum()
    }

    /// What it comes to, in a few sentences. Unknown is never told as clean.
    pub(crate) fn verdict(&self) -> String {
        if !self.has_findings {
            return "This document holds no findings part: nothing was checked.".to_owned();
        }
        let (critical, high) = (self.open(Severity::Critical), self.open(Severity::High));
        let mut text = match (critical, high, self.all_open()) {
            (0, 0, 0) if self.known == 0 => "Nothing was looked at, so nothing can be said.".to_owned(),
            (0, 0, 0) => "Nothing was found where it was looked.".to_owned(),
            (0, 0, all) => format!("{}, none of them critical or high.", counted(all, "open finding")),
            (0, high, all) => format!("{}, {high} of them high.", counted(all, "open finding")),
            (critical, high, all) => {
                format!("{}, {critical} critical and {high} high.", counted(all, "open finding"))
            }
        };
        if let (Some(new), Some(fixed)) = (self.new, self.fixed) {
            text.push_str(&format!(" Since the last review {new} are new and {fixed} fixed."));
        }
        if self.accepted > 0 {
            text.push_str(&format!(" {} accepted by the owner.", counted(self.accepted, "finding")));
        }
        if self.unknown > 0 {
            text.push_str(&format!(
                " {} did not happen or failed: what they would have found is unknown.",
                counted(self.unknown, "look")
            ));
        }
        if self.exceeded {
            text.push_str(" The simulated losses exceed the declared risk appetite.");
        }
        text
    }
}

/// An id without its edition: `AML.T0018@2026.09` is `AML.T0018`.
pub(crate) fn bare(id: &str) -> &str {
    id.split_once('@').map_or(id, |(bare, _)| bare)
}

/// Both ends of a range of money.
pub(crate) fn span(range: &Interval, currency: &str) -> String {
    format!("{} to {}", amount(range.low, currency), amount(range.high, currency))
}

/// What belongs beside every expected loss: how far what is not known of the inputs can move it.
pub(crate) fn known(range: Option<&Interval>, currency: &str) -> String {
    range.map_or_else(
        || "inputs not drawn".to_owned(),
        |range| format!("{} interval {} by what is not known", percent(range.level), span(range, currency)),
    )
}
