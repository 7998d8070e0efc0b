//! Findings and assets that came, went or stayed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::v1::{Asset, Document, Finding, Severity, Status, Verdict};

/// A finding of one of the two reviews.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DiffFinding {
    /// Fingerprint.
    pub fingerprint: String,
    /// Id of the rule.
    pub rule: String,
    /// Id of the asset.
    pub asset: String,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
}

/// Findings of two reviews; every list is sorted by fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FindingsDiff {
    /// In the later one only.
    pub new: Vec<DiffFinding>,
    /// In the earlier one only, and the later one looked.
    pub fixed: Vec<DiffFinding>,
    /// In the earlier one only, and nobody looked again.
    pub unchecked: Vec<DiffFinding>,
    /// In the later one, and accepted when it was taken.
    pub accepted: Vec<DiffFinding>,
    /// In both.
    pub open: Vec<DiffFinding>,
}

impl FindingsDiff {
    /// Whether no finding came or went.
    pub(super) fn is_empty(&self) -> bool {
        self.new.is_empty() && self.fixed.is_empty() && self.unchecked.is_empty()
    }
}

pub(super) fn findings(
    before: &Document,
    after: &Document,
    old: &[Finding],
    new: &[Finding],
) -> FindingsDiff {
    let by_fingerprint = |findings: &[Finding]| -> BTreeMap<String, DiffFinding> {
        findings.iter().map(|one| (one.fingerprint.clone(), of(one))).collect()
    };
    let (was, is) = (by_fingerprint(old), by_fingerprint(new));
    let accepted: BTreeSet<&str> = new
        .iter()
        .filter(|finding| finding.status == Some(Status::Accepted))
        .map(|finding| finding.fingerprint.as_str())
        .collect();
    let assets: Option<BTreeSet<&str>> =
        after.assets.as_ref().map(|assets| assets.iter().map(|asset| asset.id.as_str()).collect());
    let looked: BTreeSet<(&str, &str)> = after
        .outcomes()
        .iter()
        .filter(|outcome| matches!(outcome.verdict, Verdict::Found | Verdict::Clean | Verdict::NotApplicable))
        .map(|outcome| (outcome.rule.as_str(), outcome.asset.as_str()))
        .collect();
    let mut diff = FindingsDiff::default();
    for (fingerprint, finding) in &is {
        let list = if accepted.contains(fingerprint.as_str()) {
            &mut diff.accepted
        } else if was.contains_key(fingerprint) {
            &mut diff.open
        } else {
            &mut diff.new
        };
        list.push(finding.clone());
    }
    // The same place under another subject is another asset: what is not there was not looked at.
    let same = before.review.subject == after.review.subject;
    for (_, finding) in was.into_iter().filter(|(fingerprint, _)| !is.contains_key(fingerprint)) {
        let gone = same && assets.as_ref().is_some_and(|assets| !assets.contains(finding.asset.as_str()));
        if gone || looked.contains(&(finding.rule.as_str(), finding.asset.as_str())) {
            diff.fixed.push(finding);
        } else {
            diff.unchecked.push(finding);
        }
    }
    diff
}

fn of(finding: &Finding) -> DiffFinding {
    DiffFinding {
        fingerprint: finding.fingerprint.clone(),
        rule: finding.rule.clone(),
        asset: finding.asset.clone(),
        severity: finding.severity,
        message: finding.message.clone(),
    }
}

/// Ids of assets that were added, removed, and have other bytes now.
pub(super) fn assets(old: &[Asset], new: &[Asset]) -> [Vec<String>; 3] {
    let by_id = |assets: &[Asset]| -> BTreeMap<String, Option<String>> {
        assets.iter().map(|asset| (asset.id.clone(), asset.digest.clone())).collect()
    };
    let (was, is) = (by_id(old), by_id(new));
    let only = |these: &BTreeMap<String, Option<String>>, those: &BTreeMap<String, Option<String>>| {
        these.keys().filter(|id| !those.contains_key(*id)).cloned().collect()
    };
    let changed = is.iter().filter(|(id, digest)| was.get(*id).is_some_and(|before| before != *digest));
    [only(&is, &was), only(&was, &is), changed.map(|(id, _)| id.clone()).collect()]
}
