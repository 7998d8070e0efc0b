//! What the checks said about large models before, so that unchanged bytes are not parsed and judged twice.
//!
//! A record is about one file under one name: the digest of its bytes, the asset that it is, what was not looked at, and
//! the findings and outcomes of every check of a file. It counts only for the very build of the program that wrote it
//! (rules and knowledge are compiled in), the same bounds and an asset that comes out the same, so that results are equal
//! to the byte with and without it. Facts are not kept: a file that checks of the whole estate look into is not cached.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vauban_checks::Looks;
use vauban_connect::inventory::Collector;
use vauban_domain::{
    Asset, AssetKind, Confidence, Digest, Evidence, Finding, Layer, Limit, Locator, Outcome, Rule, Severity,
    Verdict,
};
use vauban_formats::{Facts, Parsed};

use crate::Request;

/// Files from here on are worth a record; smaller ones are judged faster than a record is found.
const FROM: u64 = 256 << 10;

/// Where records are kept. Losing one costs time and nothing else.
pub trait Cache: Sync {
    /// The record under `key`.
    fn get(&self, key: &Digest) -> Option<Vec<u8>>;
    /// Keeps a record.
    fn put(&self, key: &Digest, record: &[u8]);
    /// Digest of the program with its rules and its knowledge; asked for once there is something to look up.
    fn build(&self) -> Option<Digest>;
    /// Whether a file whose size, place on the disk and time of change are those of the record is taken as unchanged.
    fn trusts_times(&self) -> bool;
}

/// One file's record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    /// Digest of the bytes.
    digest: String,
    /// What the system said about the file.
    stamp: Option<String>,
    component: String,
    attributes: BTreeMap<String, String>,
    /// Digest of the assets that checks were given.
    judged: String,
    limits: Vec<(String, String)>,
    findings: Vec<Found>,
    outcomes: Vec<Looked>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Found {
    rule: String,
    severity: String,
    message: String,
    evidence: Vec<Seen>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Seen {
    member: Option<String>,
    line: Option<u32>,
    key: Option<String>,
    offset: Option<u64>,
    name: String,
    excerpt: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Looked {
    rule: String,
    verdict: String,
    findings: usize,
    reason: String,
}

/// Under which key the record of a file is kept; nothing for files that are not worth one.
pub(crate) fn key(
    cache: &dyn Cache,
    request: &Request,
    place: &str,
    name: &str,
    size: u64,
) -> Option<Digest> {
    // Listings show facts.
    if size < FROM || request.explain {
        return None;
    }
    let build = cache.build()?;
    let text = format!("{build}\n{:?}\n{:?}\n{size}\n{name}\n{place}", request.limits, request.digest);
    Some(Digest::of(text.as_bytes()))
}

/// Reads a record; what is no record of this form is none.
pub(crate) fn read(bytes: &[u8]) -> Option<Record> {
    serde_json::from_slice(bytes).ok()
}

impl Record {
    /// Whether it is about these bytes.
    pub(crate) fn is_about(&self, digest: Option<Digest>) -> bool {
        digest.is_some_and(|digest| digest.to_string() == self.digest)
    }

    /// The digest, if the file is taken as unchanged because the system says the same about it.
    pub(crate) fn digest_by_stamp(&self, stamp: Option<&str>) -> Option<Digest> {
        (stamp.is_some() && stamp == self.stamp.as_deref()).then(|| Digest::parse(&self.digest)).flatten()
    }

    /// What the file adds to the estate.
    pub(crate) fn collector(&self, path: &str, size: u64, digest: Digest) -> Collector {
        let place = Locator::file(path);
        let layer = Layer::FoundationModels;
        let confidence = Confidence::Verified;
        let mut asset = Asset::new(AssetKind::Model, &self.component, layer, path, confidence, place);
        asset.digest = Some(digest);
        asset.size = Some(size);
        asset.attributes.clone_from(&self.attributes);
        Collector::of_file(path, size, Some(digest), asset)
    }

    /// Bounds that were hit.
    pub(crate) fn limits(&self) -> impl Iterator<Item = Limit> {
        self.limits.iter().map(|(place, what)| Limit { place: place.clone(), what: what.clone() })
    }

    /// What the checks said, if they were given the same assets; `None` if the file has to be looked at again.
    pub(crate) fn looks(&self, home: &Asset, here: &[&Asset], path: &str, rules: &[Rule]) -> Option<Looks> {
        if self.judged != judged(home, here) {
            return None;
        }
        let rule = |id: &str| rules.iter().find(|rule| rule.id == id);
        let mut looks = Looks::default();
        for found in &self.findings {
            let evidence = found.evidence.iter().map(|seen| seen.evidence(path)).collect();
            let severity: Severity = found.severity.parse().ok()?;
            let finding = Finding::new(rule(&found.rule)?, &home.id, &found.message, evidence);
            looks.findings.push(finding.with_severity(severity));
        }
        for looked in &self.outcomes {
            let reason = || looked.reason.clone();
            let verdict = match looked.verdict.as_str() {
                "found" => Verdict::Found(looked.findings),
                "clean" => Verdict::Clean,
                "not-applicable" => Verdict::NotApplicable(reason()),
                "skipped" => Verdict::Skipped(reason()),
                _ => return None,
            };
            let rule = rule(&looked.rule)?.id.clone();
            looks.outcomes.push(Outcome { rule, asset: home.id.clone(), verdict });
        }
        Some(looks)
    }
}

/// A file that may get a record, between reading and judging it.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    key: Digest,
    record: Record,
}

impl Draft {
    /// Begins a record, if the file is a model that nothing but checks of files looks into.
    pub(crate) fn begin(
        key: Digest,
        digest: Option<Digest>,
        stamp: Option<String>,
        parsed: &Parsed,
        collector: &Collector,
        limits: &[Limit],
    ) -> Option<Self> {
        let asset = collector.only_file_asset()?;
        let model = asset.kind == AssetKind::Model && asset.layer == Layer::FoundationModels;
        // The tensors of a set of files are compared with its index.
        let looked_into = matches!(parsed.facts, Facts::Safetensors(_) | Facts::Unknown);
        // A file whose time was over may end elsewhere next time.
        let mut timed_out = false;
        parsed.visit(|_, inner| timed_out |= inner.defects.iter().any(|defect| defect.code == "limit-time"));
        if !model || looked_into || timed_out {
            return None;
        }
        let record = Record {
            digest: digest?.to_string(),
            stamp,
            component: asset.component.clone(),
            attributes: asset.attributes.clone(),
            judged: String::new(),
            limits: limits.iter().map(|limit| (limit.place.clone(), limit.what.clone())).collect(),
            findings: Vec::new(),
            outcomes: Vec::new(),
        };
        Some(Self { key, record })
    }

    /// Ends the record with what the checks said and keeps it, if it can tell all of that.
    pub(crate) fn end(mut self, cache: &dyn Cache, home: &Asset, here: &[&Asset], path: &str, looks: &Looks) {
        let about_it = looks
            .outcomes
            .iter()
            .all(|outcome| outcome.asset == home.id && !matches!(outcome.verdict, Verdict::Failed(_)));
        let findings: Option<Vec<Found>> =
            looks.findings.iter().map(|finding| Found::of(finding, home, path)).collect();
        let (true, Some(findings)) = (about_it, findings) else { return };
        self.record.judged = judged(home, here);
        self.record.findings = findings;
        self.record.outcomes = looks.outcomes.iter().map(Looked::of).collect();
        if let Ok(bytes) = serde_json::to_vec(&self.record) {
            cache.put(&self.key, &bytes);
        }
    }
}

impl Found {
    fn of(finding: &Finding, home: &Asset, path: &str) -> Option<Self> {
        let evidence: Option<Vec<Seen>> =
            finding.evidence.iter().map(|evidence| Seen::of(evidence, path)).collect();
        (finding.asset == home.id).then_some(())?;
        Some(Self {
            rule: finding.rule.to_string(),
            severity: finding.severity.to_string(),
            message: finding.message.clone(),
            evidence: evidence?,
        })
    }
}

impl Seen {
    fn of(evidence: &Evidence, path: &str) -> Option<Self> {
        let Locator { path: seen_in, member, line, key, offset } = evidence.locator.clone();
        let (name, excerpt) = (evidence.key.clone(), evidence.excerpt.clone());
        let plain = seen_in == path && evidence.observed_at.is_none();
        plain.then_some(Self { member, line, key, offset, name, excerpt })
    }

    fn evidence(&self, path: &str) -> Evidence {
        let locator = Locator {
            path: path.to_owned(),
            member: self.member.clone(),
            line: self.line,
            key: self.key.clone(),
            offset: self.offset,
        };
        Evidence::new(locator, &self.name, &self.excerpt)
    }
}

impl Looked {
    fn of(outcome: &Outcome) -> Self {
        let (findings, reason) = match &outcome.verdict {
            Verdict::Found(count) => (*count, String::new()),
            Verdict::NotApplicable(why) | Verdict::Skipped(why) | Verdict::Failed(why) => (0, why.clone()),
            Verdict::Clean => (0, String::new()),
        };
        let verdict = outcome.verdict.as_str().to_owned();
        Self { rule: outcome.rule.to_string(), verdict, findings, reason }
    }
}

/// Digest of the assets that checks of a file are given.
fn judged(home: &Asset, here: &[&Asset]) -> String {
    Digest::of(format!("{home:?}{here:?}").as_bytes()).to_string()
}
