//! Holds docs/concepts/forecast.md to the code: every line of arithmetic on the page adds up, and every number that it says it
//! took from `vauban` is the number that a review of the example gives today.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const SYSTEM: &str = "form reader";
const IMPACT: &str = "availability";

/// The numbers are those of this day.
#[expect(clippy::disallowed_methods, reason = "the test runs the binary as a user does")]
fn review() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vauban"))
        .arg("review")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/harbor-clinic"))
        .args(["--now", "2026-11-20T00:00:00Z", "--no-store", "--no-reports", "--format", "json"])
        .env("HOME", folder.path())
        .env_remove("XDG_DATA_HOME")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A line `name = expression = number` or `name = number` of the page.
struct Line {
    name: String,
    expression: Option<String>,
    number: f64,
    /// Half a unit of the last digit written.
    precision: f64,
}

fn line(text: &str) -> Option<Line> {
    let parts: Vec<&str> = text.split(" = ").map(str::trim).collect();
    let (name, expression, written) = match parts.as_slice() {
        [name, written] => (*name, None, *written),
        [name, expression, written] => (*name, Some((*expression).to_owned()), *written),
        _ => return None,
    };
    let written = written.replace(',', "");
    let digits = written.split_once('.').map_or(0, |(_, digits)| digits.len());
    Some(Line {
        name: name.to_owned(),
        expression,
        number: written.parse().unwrap_or_else(|_| panic!("`{text}` does not end in a number")),
        precision: 0.500_001 * 10_f64.powi(-(digits as i32)),
    })
}

/// Numbers, names of earlier lines, `+ - * / ^`, brackets, `exp` and `ln`.
struct Arithmetic<'a> {
    rest: &'a str,
    known: &'a BTreeMap<String, f64>,
}

impl Arithmetic<'_> {
    fn of(text: &str, known: &BTreeMap<String, f64>) -> f64 {
        let mut arithmetic = Arithmetic { rest: text, known };
        let value = arithmetic.sum();
        assert!(arithmetic.rest.trim().is_empty(), "`{}` is left of `{text}`", arithmetic.rest);
        value
    }

    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest.trim_start();
        let took = rest.strip_prefix(sign);
        self.rest = took.unwrap_or(rest);
        took.is_some()
    }

    fn sum(&mut self) -> f64 {
        let mut value = self.product();
        loop {
            if self.takes('+') {
                value += self.product();
            } else if self.takes('-') {
                value -= self.product();
            } else {
                return value;
            }
        }
    }

    fn product(&mut self) -> f64 {
        let mut value = self.power();
        loop {
            if self.takes('*') {
                value *= self.power();
            } else if self.takes('/') {
                value /= self.power();
            } else {
                return value;
            }
        }
    }

    fn power(&mut self) -> f64 {
        let value = self.one();
        if self.takes('^') { value.powf(self.one()) } else { value }
    }

    fn one(&mut self) -> f64 {
        if self.takes('-') {
            return -self.one();
        }
        if self.takes('(') {
            let value = self.sum();
            assert!(self.takes(')'), "a bracket is open before `{}`", self.rest);
            return value;
        }
        let end = self.rest.find(|letter: char| !(letter.is_alphanumeric() || "._".contains(letter)));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        match word {
            "exp" => self.one().exp(),
            "ln" => self.one().ln(),
            _ => match word.parse() {
                Ok(number) => number,
                Err(_) => *self.known.get(word).unwrap_or_else(|| panic!("`{word}` is not known yet")),
            },
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the page is a file")]
fn the_forecast_of_the_page_follows_from_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/concepts/forecast.md");
    let page = std::fs::read_to_string(path).unwrap();
    let mut inside = false;
    let lines: Vec<Line> = page
        .lines()
        .filter(|text| {
            if text.starts_with("```") {
                inside = !inside;
                return false;
            }
            inside && text.contains(" = ")
        })
        .filter_map(line)
        .collect();
    assert!(lines.len() > 25, "{} lines of arithmetic", lines.len());

    // What the page says was given, and what it works out, to the last digit that it writes.
    let mut known = BTreeMap::new();
    for line in &lines {
        if let Some(expression) = &line.expression {
            let value = Arithmetic::of(expression, &known);
            assert!(
                (value - line.number).abs() <= line.precision,
                "{}: {expression} is {value}, the page says {}",
                line.name,
                line.number
            );
        }
        known.insert(line.name.clone(), line.number);
    }

    let document = review();
    let today = numbers(&document);
    let mut told = 0;
    for line in &lines {
        if let Some(value) = today.get(&line.name) {
            told += 1;
            assert!(
                (value - line.number).abs() <= line.precision,
                "{}: the review says {value}, the page {}; work the page out anew",
                line.name,
                line.number
            );
        } else {
            assert!(line.expression.is_some(), "the page gives {} from nowhere", line.name);
        }
    }
    assert_eq!(told, today.len(), "the page leaves out some of {:?}", today.keys());
}

/// The numbers of a review that the page must give, by the names that it gives them.
fn numbers(document: &Value) -> BTreeMap<String, f64> {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let of_kind = |value: &&Value| value["system"] == SYSTEM && value["impact"] == IMPACT;
    let scenarios = list(&document["risk"]["scenarios"]);
    let scenario = scenarios.iter().find(|one| one["id"] == format!("{SYSTEM}/{IMPACT}")).unwrap();
    let impacts = list(&document["cascades"]["impacts"]);
    let impact = impacts.iter().find(of_kind).unwrap();
    let made = list(&document["risk"]["forecasts"]["made"]);
    let forecast = made.iter().find(of_kind).unwrap();
    let systems = list(&document["review"]["declaration"]["systems"]);
    let losses = &systems.iter().find(|one| one["name"] == SYSTEM).unwrap()["losses"][IMPACT];
    let mut numbers: BTreeMap<String, f64> = BTreeMap::new();
    let mut say = |name: &str, value: &Value| numbers.insert(name.to_owned(), value.as_f64().unwrap());
    say("frequency", &scenario["frequency"]);
    say("events_a_year", &impact["frequency"]);
    say("within_a_year", &impact["probability"]);
    say("until_next_review", &forecast["probability"]);
    say("low", &losses["low"]);
    say("high", &losses["high"]);
    say("loss_low", &scenario["loss_low"]);
    say("loss_high", &scenario["loss_high"]);
    say("simulated", &scenario["annual_loss"]);
    say("simulated_from", &scenario["simulation_error"]["low"]);
    say("simulated_to", &scenario["simulation_error"]["high"]);
    say("known_from", &scenario["expected_range"]["low"]);
    say("known_to", &scenario["expected_range"]["high"]);
    // Every threat instance behind the loss, by its name on the page: `L1.7_1` is the first of its kind.
    let instances = list(&document["threats"]["instances"]);
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for id in scenario["threats"].as_array().unwrap() {
        let threat = instances.iter().find(|one| one["id"] == *id).unwrap();
        let kind = threat["kind"].as_str().unwrap();
        let number = seen.entry(kind).or_default();
        *number += 1;
        numbers.insert(format!("p_{kind}_{number}"), threat["likelihood"].as_f64().unwrap());
    }
    numbers
}
