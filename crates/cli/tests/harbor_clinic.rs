//! Holds a review of the example to its truth file, in both directions.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use toml::Table;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor-clinic")
}

/// Runs the main command on the example, as of the day that its truth is about.
#[expect(clippy::disallowed_methods, reason = "the test runs the binary as a user does")]
fn review(folder: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_vauban"))
        .arg("review")
        .arg(example())
        .arg("--reports")
        .arg(folder.join("reports"))
        .arg("--store")
        .arg(folder.join("reviews.sqlite"))
        .args(["--now", "2026-11-20T00:00:00Z", "--trials", "100000"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&std::fs::read(folder.join("reports/vauban.json")).unwrap()).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the truth is a file")]
fn truth() -> Table {
    std::fs::read_to_string(example().join("TRUTH.toml")).unwrap().parse().unwrap()
}

fn entries<'a>(truth: &'a Table, kind: &str) -> impl Iterator<Item = &'a Table> {
    truth.get(kind).and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_table)
}

fn text<'a>(entry: &'a Table, key: &str) -> Option<&'a str> {
    entry.get(key).and_then(toml::Value::as_str)
}

/// A finding as the truth file speaks of it.
struct Seen<'a> {
    rule: &'a str,
    paths: BTreeSet<String>,
    lines: BTreeSet<i64>,
    whole: String,
}

fn seen(document: &Value) -> Vec<Seen<'_>> {
    let assets = document["assets"].as_array().unwrap();
    let findings = document["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| {
            let mut paths = BTreeSet::new();
            let mut lines = BTreeSet::new();
            for evidence in finding["evidence"].as_array().unwrap() {
                let locator = &evidence["locator"];
                paths.insert(locator["path"].as_str().unwrap().to_owned());
                lines.extend(locator["line"].as_i64());
            }
            // Measurements and estate rules speak of the asset, which knows its file.
            for asset in assets.iter().filter(|asset| asset["id"] == finding["asset"]) {
                for locator in asset["locators"].as_array().unwrap() {
                    paths.insert(locator["path"].as_str().unwrap().to_owned());
                }
            }
            Seen { rule: finding["rule"].as_str().unwrap(), paths, lines, whole: finding.to_string() }
        })
        .collect()
}

fn matches(seen: &Seen<'_>, entry: &Table) -> bool {
    if text(entry, "rule").is_some_and(|rule| rule != seen.rule) {
        return false;
    }
    let file = text(entry, "path").unwrap().split('!').next().unwrap();
    let also = entry
        .get("also_at")
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str);
    if !std::iter::once(file).chain(also).any(|path| seen.paths.contains(path)) {
        return false;
    }
    let member = text(entry, "member")
        .or_else(|| text(entry, "path").and_then(|path| path.split_once('!')).map(|(_, m)| m));
    member.is_none_or(|member| seen.whole.contains(member))
}

/// Holds `docs/concepts/forecast.md` to the numbers of the review, and its arithmetic to itself.
#[expect(clippy::disallowed_methods, reason = "the page is a file")]
fn recompute_the_forecast(document: &Value) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/concepts/forecast.md");
    let page = std::fs::read_to_string(page).unwrap();
    let called = |list: &Value, name: &str| -> Value {
        let found = list.as_array().unwrap().iter().find(|one| {
            let of_system = format!(
                "{}/{}",
                one["system"].as_str().unwrap_or_default(),
                one["impact"].as_str().unwrap_or_default()
            );
            one["id"] == name || of_system == name
        });
        found.unwrap_or_else(|| panic!("no {name}")).clone()
    };
    let value = |place: &str| -> f64 {
        let (kind, rest) = place.split_once(' ').unwrap();
        let (name, key) = rest.rsplit_once(' ').unwrap();
        let list = match kind {
            "threat" => &document["threats"]["instances"],
            "scenario" => &document["risk"]["scenarios"],
            _ => &document["cascades"]["impacts"],
        };
        called(list, name)[key].as_f64().unwrap()
    };
    let rows: Vec<(&str, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "))
        .collect();
    assert!(rows.len() >= 7, "the table of the page is gone");
    for (place, said) in rows {
        let places = said.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        assert_eq!(format!("{:.places$}", value(place)), said, "{place}");
    }
    let frequency = value("scenario form reader/availability frequency");
    let probability = value("impact form reader/availability probability");
    assert!((probability + (-frequency).exp_m1()).abs() < 1e-12, "step 4");
    let low = value("scenario form reader/availability loss_low").ln();
    let high = value("scenario form reader/availability loss_high").ln();
    let deviation = (high - low) / (2.0 * 1.644_853_626_951_472_2);
    let expected = frequency * (f64::midpoint(low, high) + deviation * deviation / 2.0).exp();
    let scenario = called(&document["risk"]["scenarios"], "form reader/availability");
    let error = &scenario["simulation_error"];
    let half = (error["high"].as_f64().unwrap() - error["low"].as_f64().unwrap()) / 2.0;
    assert!((scenario["annual_loss"].as_f64().unwrap() - expected).abs() < 2.0 * half, "step 6: {expected}");
}

#[test]
fn the_review_of_the_example_agrees_with_its_truth() {
    let folder = tempfile::tempdir().unwrap();
    let document = review(folder.path());
    recompute_the_forecast(&document);
    let truth = truth();
    let seen = seen(&document);
    let mut mistakes = Vec::new();

    for weakness in entries(&truth, "weakness") {
        let found = seen.iter().any(|seen| {
            matches(seen, weakness)
                && weakness
                    .get("line")
                    .and_then(toml::Value::as_integer)
                    .is_none_or(|line| seen.lines.is_empty() || seen.lines.contains(&line))
        });
        if !found {
            mistakes.push(format!(
                "missed: {} at {}",
                text(weakness, "rule").unwrap(),
                text(weakness, "path").unwrap()
            ));
        }
    }

    let expected: Vec<&Table> = entries(&truth, "weakness").chain(entries(&truth, "either")).collect();
    for finding in &seen {
        // Alerts are held to the lists of clients below.
        let alert = document["review"]["rules"]
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| rule["id"] == finding.rule && rule["family"] == "detection");
        if !alert && !expected.iter().any(|entry| matches(finding, entry)) {
            mistakes.push(format!("false alarm: {} at {:?}", finding.rule, finding.paths));
        }
    }
    for clean in entries(&truth, "clean").filter(|clean| text(clean, "rule").is_some()) {
        if let Some(finding) = seen.iter().find(|seen| matches(seen, clean)) {
            mistakes.push(format!("not silent: {} at {}", finding.rule, text(clean, "path").unwrap()));
        }
    }

    for attacker in entries(&truth, "attacker") {
        let client = text(attacker, "client").unwrap();
        let must: Vec<&str> =
            attacker["must"].as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
        if !seen.iter().any(|seen| must.contains(&seen.rule) && seen.whole.contains(client)) {
            mistakes.push(format!("attacker {client} has no alert of {must:?}"));
        }
    }
    for ordinary in entries(&truth, "ordinary") {
        let client = text(ordinary, "client").unwrap();
        for finding in seen.iter().filter(|seen| seen.whole.contains(client)) {
            mistakes.push(format!("false alert: {} on ordinary client {client}", finding.rule));
        }
    }
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.join("\n"));
}
