//! Model files, malicious by technique and harmless: what fires and what stays silent.

mod archives;
mod arrow;
mod assembler;
mod benign;
mod boosted;
mod containers;
mod hdf5;
mod keras;
mod model_code;
mod msgpack;
mod onnx;
mod orbax;
mod payloads;
mod pickles;
mod r;
mod repositories;
mod skops;
mod structures;
mod tail;
mod techniques;
mod templates;
mod tensorflow;
mod tflite;
mod torches;
mod xml;

use vauban_checks::{File, check_file};
use vauban_domain::{Asset, AssetKind, Confidence, Finding, Layer, Locator};
use vauban_formats::{Budget, Input};
use vauban_knowledge::Knowledge;

/// The findings of the artifact family for a file with this name and content.
fn findings(name: &str, bytes: &[u8]) -> Vec<Finding> {
    let budget = Budget::default();
    let parsed = vauban_formats::parse(&Input::new(name, bytes, &budget));
    let home = Asset::new(
        AssetKind::Model,
        "model",
        Layer::FoundationModels,
        name,
        Confidence::Verified,
        Locator::file(name),
    );
    let file =
        File { path: name.to_owned(), size: bytes.len() as u64, digest: None, parsed, home: home.id.clone() };
    let looks = check_file(&file, &home, &[&home], Knowledge::builtin());
    let rules: Vec<_> = vauban_checks::artifact::CHECKS.iter().map(|check| check.rule.id.clone()).collect();
    looks.findings.into_iter().filter(|finding| rules.contains(&finding.rule)).collect()
}

/// The rules that fire, sorted, each once.
fn rules(name: &str, bytes: &[u8]) -> Vec<String> {
    let mut rules: Vec<String> =
        findings(name, bytes).iter().map(|finding| finding.rule.to_string()).collect();
    rules.sort();
    rules.dedup();
    rules
}

/// The rules that fire at medium severity or worse, sorted, each once.
fn gating(name: &str, bytes: &[u8]) -> Vec<String> {
    let mut rules: Vec<String> = findings(name, bytes)
        .iter()
        .filter(|finding| finding.severity >= vauban_domain::Severity::Medium)
        .map(|finding| finding.rule.to_string())
        .collect();
    rules.sort();
    rules.dedup();
    rules
}

/// Asserts that exactly these rules fire.
#[track_caller]
fn check(name: &str, bytes: &[u8], expected: &[&str]) {
    let found = findings(name, bytes);
    let shown: Vec<String> =
        found.iter().map(|finding| format!("{}: {}", finding.rule, finding.message)).collect();
    assert_eq!(rules(name, bytes), expected, "{name}: {shown:#?}");
}
