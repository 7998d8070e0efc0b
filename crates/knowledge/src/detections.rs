//! Detections over logs, as Sigma rules with their documentation and their own examples.
//!
//! This module hands out the texts and what is written about them; `detect` evaluates them. A file holds one or
//! more Sigma documents; the one with a `vauban:` block raises the alert, the others feed it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use vauban_domain::{Family, Rule, Severity, Text, TextList};

/// A detection.
#[derive(Debug, Clone, PartialEq)]
pub struct Detection {
    /// Documentation of its findings; the id is the Sigma `name`.
    pub rule: Rule,
    /// The Sigma documents, as Sigma tools read them.
    pub sigma: Text,
    /// Where its events come from: `inference`, `agent` or `registry`.
    pub category: String,
    /// What honest things may set it off.
    pub false_positives: Vec<String>,
    /// Events that must raise it.
    pub examples: Vec<Sample>,
    /// Events that must not.
    pub counterexamples: Vec<Sample>,
}

/// One event, repeated.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// How often it happens.
    #[serde(default = "once")]
    pub times: u32,
    /// Seconds over which the repetitions are spread evenly.
    #[serde(default)]
    pub over: u32,
    /// Fields in OpenTelemetry's dotted names.
    pub event: BTreeMap<String, Value>,
}

const fn once() -> u32 {
    1
}

/// Texts of the built-in detections, sorted by file name.
const FILES: [&str; 7] = [
    include_str!("../data/detections/detection-authentication-failures.yml"),
    include_str!("../data/detections/detection-many-refusals.yml"),
    include_str!("../data/detections/detection-prompt-injection.yml"),
    include_str!("../data/detections/detection-prompt-leak.yml"),
    include_str!("../data/detections/detection-registry-overwrite.yml"),
    include_str!("../data/detections/detection-request-volume.yml"),
    include_str!("../data/detections/detection-unusual-tool-call.yml"),
];

/// Why a text is not a detection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DetectionError {
    /// Not YAML, or a field of the wrong kind.
    #[error("not a detection: {0}")]
    Malformed(String),
    /// No document carries a `vauban:` block.
    #[error("no document has a `vauban:` block, so the detection cannot be documented; add one")]
    Undocumented,
    /// The severity is none of ours.
    #[error("{0}")]
    Severity(String),
}

/// Reads a detection from Sigma documents with a `vauban:` block.
///
/// # Errors
/// [`DetectionError`] when it is not YAML, not documented, or has an unknown severity.
pub fn parse(text: impl Into<Text>) -> Result<Detection, DetectionError> {
    let sigma: Text = text.into();
    let documents: Vec<Document> = crate::yaml::read_all(&sigma).map_err(DetectionError::Malformed)?;
    let category = documents.iter().find_map(|document| document.logsource.clone());
    let category = category.and_then(|source| source.category).unwrap_or_default();
    let alert =
        documents.into_iter().find_map(|document| document.vauban.clone().map(|block| (document, block)));
    let (document, block) = alert.ok_or(DetectionError::Undocumented)?;
    let severity = block.severity.parse::<Severity>().map_err(DetectionError::Severity)?;
    let rule = Rule {
        id: Cow::Owned(document.name),
        family: Family::Detection,
        severity,
        title: Cow::Owned(document.title),
        why: Cow::Owned(block.why),
        remedy: Cow::Owned(block.remedy),
        techniques: list(block.techniques),
        mitigations: list(block.mitigations),
        weaknesses: list(block.weaknesses),
        owasp: list(block.owasp),
        threats: list(block.threats),
        harm: None,
        source: Cow::Owned(block.source),
    };
    Ok(Detection {
        rule,
        sigma,
        category,
        false_positives: document.falsepositives,
        examples: document.examples,
        counterexamples: document.counterexamples,
    })
}

pub(crate) fn builtin() -> Vec<Detection> {
    FILES.into_iter().map(|text| parse(text).expect("the compiled-in files are tested")).collect()
}

fn list(words: Vec<String>) -> TextList {
    words.into_iter().map(Cow::Owned).collect()
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    name: String,
    title: String,
    logsource: Option<LogSource>,
    vauban: Option<Block>,
    #[serde(default)]
    falsepositives: Vec<String>,
    #[serde(default)]
    examples: Vec<Sample>,
    #[serde(default)]
    counterexamples: Vec<Sample>,
}

#[derive(Clone, Deserialize)]
struct LogSource {
    category: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    severity: String,
    why: String,
    remedy: String,
    techniques: Vec<String>,
    mitigations: Vec<String>,
    weaknesses: Vec<String>,
    owasp: Vec<String>,
    threats: Vec<String>,
    source: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_detection_is_documented_and_has_examples_of_both_kinds() {
        let detections = builtin();
        for pair in detections.windows(2) {
            assert!(pair[0].rule.id < pair[1].rule.id, "sorted by id");
        }
        for detection in &detections {
            let id = &detection.rule.id;
            assert!(id.starts_with("detection-"), "{id}");
            assert!(detection.sigma.contains(&format!("name: {id}\n")), "{id}");
            assert!(["inference", "agent", "registry"].contains(&&*detection.category), "{id}");
            assert!(!detection.examples.is_empty() && detection.counterexamples.len() >= 2, "{id}");
            assert!(!detection.rule.techniques.is_empty() && !detection.false_positives.is_empty(), "{id}");
        }
    }

    #[test]
    fn texts_that_are_no_detections_are_refused_with_a_reason() {
        assert!(matches!(parse("["), Err(DetectionError::Malformed(_))));
        assert_eq!(parse("title: a\nlogsource: {category: x}\n"), Err(DetectionError::Undocumented));
    }
}
