//! The file of accepted findings that travels with a repository: fingerprint, reason, last day.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use toml::{Table, Value};
use vauban_domain::{
    AssetId, AssetKind, Evidence, Finding, Fingerprint, History, Locator, Review, Status, Timestamp,
};

/// Version of the file's form.
const VERSION: i64 = 1;
/// Keys of an entry; all but the first three are for people.
const KEYS: &[&str] = &["fingerprint", "reason", "until", "rule", "file", "severity", "message"];

/// Accepted findings, by fingerprint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    path: String,
    entries: BTreeMap<Fingerprint, Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    file: String,
    reason: String,
    until: Timestamp,
}

impl Baseline {
    /// Reads a baseline; `path` is what to call it.
    ///
    /// # Errors
    /// When it is no TOML, or an entry has an unknown key, no fingerprint, no reason or no date: a mistyped entry must
    /// neither hide a finding nor be passed over.
    pub fn read(text: &str, path: &Path) -> anyhow::Result<Self> {
        let path = path.display().to_string();
        let table: Table = text.parse().with_context(|| format!("`{path}` is no TOML"))?;
        let version = table.get("version").and_then(Value::as_integer);
        ensure!(
            version == Some(VERSION),
            "`{path}` has no `version = {VERSION}`; write it with --write-baseline"
        );
        if let Some(key) = table.keys().find(|key| !matches!(key.as_str(), "version" | "accepted")) {
            bail!("`{path}` has the unknown key `{key}`; entries are written as [[accepted]]");
        }
        let mut baseline = Self { path, entries: BTreeMap::new() };
        let rows = table.get("accepted").map_or(Some(&[][..]), |rows| rows.as_array().map(Vec::as_slice));
        let rows = rows.with_context(|| format!("`{}`: write entries as [[accepted]]", baseline.path))?;
        for (index, row) in rows.iter().enumerate() {
            let (fingerprint, entry) =
                Entry::read(row).with_context(|| format!("`{}`, entry {}", baseline.path, index + 1))?;
            baseline.entries.insert(fingerprint, entry);
        }
        Ok(baseline)
    }

    /// Statuses of the findings of `review` that are accepted; entries whose time is over and entries that fit nothing
    /// become findings of their own. An entry about a file that was not looked at is left alone unless `everything`
    /// below a folder was.
    pub fn judge(&self, review: &mut Review, everything: bool) -> History {
        let found: BTreeSet<Fingerprint> =
            review.findings.iter().map(|finding| finding.fingerprint.clone()).collect();
        let looked_at: BTreeSet<&str> = review
            .assets
            .iter()
            .flat_map(|asset| &asset.locators)
            .map(|locator| locator.path.as_str())
            .collect();
        let mut history = History::new();
        let mut told = Vec::new();
        for (fingerprint, entry) in &self.entries {
            // The last day counts in full.
            let expired = review.taken_at.days_since(entry.until) > 0;
            let there = found.contains(fingerprint);
            if there && !expired {
                let status = Status::Accepted { reason: entry.reason.clone(), until: entry.until };
                history.insert(fingerprint.clone(), status);
            } else if there {
                let message = format!("the acceptance of {fingerprint} ended on {}", entry.until.day());
                told.push(("acceptance-expired", fingerprint, entry, message));
            } else if everything || looked_at.contains(entry.file.as_str()) {
                let message = format!("nothing was found with the fingerprint {fingerprint}");
                told.push(("acceptance-unused", fingerprint, entry, message));
            }
        }
        let whole = AssetId::new(AssetKind::Pipeline, &review.subject);
        for (rule, fingerprint, entry, message) in told {
            let Some(rule) = review.rules.iter().find(|known| known.id == rule) else { continue };
            let place = Locator::file(&self.path).at_key(fingerprint.as_str());
            let evidence = Evidence::new(place, fingerprint.as_str(), &entry.reason);
            review.findings.push(Finding::new(rule, &whole, message, vec![evidence]));
        }
        history
    }

    /// A baseline that accepts every finding of `review` for `reason` until `until`. What `self` accepts already and is
    /// still found keeps its reason and its date.
    pub fn write(&self, review: &Review, reason: &str, until: Timestamp) -> String {
        let mut text = format!(
            "# Findings that are lived with: `vauban scan --baseline FILE` shows them as accepted and lets them pass.\n\
             # `fingerprint`, `reason` and `until` count, the other keys are for people.\nversion = {VERSION}\n"
        );
        let mut written = BTreeSet::new();
        for finding in &review.findings {
            if finding.rule.starts_with("acceptance-") || !written.insert(&finding.fingerprint) {
                continue;
            }
            let known = self.entries.get(&finding.fingerprint);
            let reason = known.map_or(reason, |entry| entry.reason.as_str());
            let until = known.map_or(until, |entry| entry.until);
            let file = finding.evidence.first().map_or("", |evidence| evidence.locator.path.as_str());
            let quoted = |text: &str| Value::from(text).to_string();
            let _ = write!(
                text,
                "\n[[accepted]]\nfingerprint = \"{}\"\nrule = \"{}\"\nfile = {}\nseverity = \"{}\"\nmessage = {}\n\
                 reason = {}\nuntil = \"{}\"\n",
                finding.fingerprint,
                finding.rule,
                quoted(file),
                finding.severity,
                quoted(&finding.message),
                quoted(reason),
                until.day(),
            );
        }
        text
    }
}

impl Entry {
    fn read(row: &Value) -> anyhow::Result<(Fingerprint, Self)> {
        let row = row.as_table().context("an entry is a table")?;
        if let Some(key) = row.keys().find(|key| !KEYS.contains(&key.as_str())) {
            bail!("unknown key `{key}`; use {}", KEYS.join(", "));
        }
        let text =
            |key: &str| row.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let fingerprint = text("fingerprint")
            .and_then(Fingerprint::parse)
            .context("`fingerprint` is missing or has not sixteen hexadecimal digits")?;
        let reason = text("reason").context("`reason` is missing; say why the finding is acceptable")?;
        let until =
            row.get("until").map(|date| date.as_str().map_or_else(|| date.to_string(), str::to_owned));
        let until = until
            .and_then(|date| Timestamp::parse(&date))
            .context("`until` is missing or no date; write it as \"2027-03-31\"")?;
        let file = text("file").unwrap_or_default().to_owned();
        Ok((fingerprint, Self { file, reason: reason.to_owned(), until }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = Baseline::read(text, Path::new("b.toml")).unwrap_err();
        assert_eq!(format!("{error:#}"), expected);
    }

    #[test]
    fn a_mistyped_entry_is_told_in_place() {
        check("version = 2", "`b.toml` has no `version = 1`; write it with --write-baseline");
        check(
            "version = 1\n[[accepted]]\nfingerprint = \"0123456789abcdef\"\nuntil = \"2027-01-01\"",
            "`b.toml`, entry 1: `reason` is missing; say why the finding is acceptable",
        );
        check(
            "version = 1\n[[accepted]]\nfingerprnt = \"0123456789abcdef\"",
            "`b.toml`, entry 1: unknown key `fingerprnt`; use fingerprint, reason, until, rule, file, severity, message",
        );
        let date = "version = 1\n[[accepted]]\nfingerprint = \"0123456789abcdef\"\nreason = \"x\"\nuntil = 2027-01-01";
        assert!(Baseline::read(date, Path::new("b.toml")).is_ok());
    }
}
