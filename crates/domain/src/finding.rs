//! What was found.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::{AssetId, Locator, Rule, RuleId, Severity, Timestamp};

/// Something seen that supports a finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Where it was seen.
    pub locator: Locator,
    /// What makes this evidence itself across re-runs: a callable, a package and version, a resource name. Never a
    /// line number, an offset or wording.
    pub key: String,
    /// Short excerpt for people, secrets masked.
    pub excerpt: String,
    /// When the fact was true, if known (a log's event, a claim's date).
    pub observed_at: Option<Timestamp>,
}

impl Evidence {
    /// Evidence without a date.
    pub fn new(locator: Locator, key: impl Into<String>, excerpt: impl Into<String>) -> Self {
        Self { locator, key: key.into(), excerpt: excerpt.into(), observed_at: None }
    }
}

/// Identifies a finding across reviews: rule, asset and the keys of its evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Sixteen hexadecimal digits over rule, asset and the sorted evidence keys.
    pub fn new(rule: &str, asset: &AssetId, keys: &[&str]) -> Self {
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut hasher = Sha256::new();
        for part in [rule, asset.as_str()].into_iter().chain(sorted) {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self(crate::digest::hex(hasher.finalize().get(..8).unwrap_or_default()))
    }

    /// Takes a fingerprint as written by `Display`.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .then(|| Self(text.to_lowercase()))
    }

    /// The sixteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A rule that applies to an asset, with its evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Stable across re-runs.
    pub fingerprint: Fingerprint,
    /// The declared rule it is a finding of.
    pub rule: RuleId,
    /// The asset it is about.
    pub asset: AssetId,
    /// How bad it is here.
    pub severity: Severity,
    /// One line, lower-case, no full stop: what is wrong here.
    pub message: String,
    /// What supports it, never empty.
    pub evidence: Vec<Evidence>,
    /// What each engine says about it, where other engines were heard; empty where only this one looked.
    pub verdicts: Vec<EngineVerdict>,
}

/// What one engine, or the author of a statement, says about the same thing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EngineVerdict {
    /// The engine in lower case, `vauban` for this one; the author of a statement.
    pub engine: String,
    /// Its own name for what it found.
    pub rule: String,
    /// How bad it says it is, if it says so.
    pub severity: Option<Severity>,
    /// What it says, in its words.
    pub said: String,
    /// ATLAS techniques with edition that its rule stands for.
    pub techniques: Vec<String>,
    /// Attempts that it made, of engines that try.
    pub trials: Option<Trials>,
    /// Whether it says, with a reason, that nothing needs to be done.
    pub answers: bool,
}

/// Attempts against a target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trials {
    /// Made and judged.
    pub made: u64,
    /// That got through.
    pub failed: u64,
}

impl Finding {
    /// A finding of `rule` about `asset` with the rule's own severity.
    pub fn new(rule: &Rule, asset: &AssetId, message: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        let keys: Vec<&str> = evidence.iter().map(|evidence| evidence.key.as_str()).collect();
        Self {
            fingerprint: Fingerprint::new(&rule.id, asset, &keys),
            rule: rule.id.clone(),
            asset: asset.clone(),
            severity: rule.severity,
            message: message.into(),
            evidence,
            verdicts: Vec::new(),
        }
    }

    /// Whether somebody said, with a reason, that nothing needs to be done about it.
    pub fn is_answered(&self) -> bool {
        self.verdicts.iter().any(|verdict| verdict.answers)
    }

    /// The same finding with another severity than its rule's.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AssetKind;

    #[test]
    fn a_fingerprint_ignores_the_order_of_evidence_and_nothing_else() {
        let asset = AssetId::new(AssetKind::Model, "a.pkl");
        let print = |keys: &[&str]| Fingerprint::new("some-rule", &asset, keys);
        assert_eq!(print(&["os.system", "eval"]), print(&["eval", "os.system"]));
        assert_ne!(print(&["os.system"]), print(&["os.popen"]));
        assert_ne!(print(&["ab", "c"]), print(&["a", "bc"]));
        assert_ne!(print(&["x"]), Fingerprint::new("other-rule", &asset, &["x"]));
    }
}
