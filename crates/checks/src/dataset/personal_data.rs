//! `dataset-personal-data`.

use vauban_domain::{Evidence, rule};
use vauban_formats::table::{Column, Table};

use super::personal::{Personal, agrees, of_name, of_value};
use crate::{Check, Look, Report, Subject};

rule! {
    /// A table holds data of people.
    pub(super) const RULE: "dataset-personal-data" {
        family: Dataset,
        severity: Medium,
        title: "a data set has columns of personal data",
        why: "models remember rows they were trained on and give them back; copies of the table need the same protection as the records themselves",
        remedy: "drop or pseudonymise the columns before training, restrict who can read the file, and write down the legal basis",
        techniques: ["AML.T0024.000@2026.09", "AML.T0025@2026.09"],
        mitigations: ["AML.M0005@2026.09", "AML.M0012@2026.09"],
        weaknesses: ["CWE-359"],
        owasp: ["LLM02:2025", "ML04:2023"],
        threats: ["L1.4@2025-02", "L2.2@2025-02"],
        source: "https://eur-lex.europa.eu/eli/reg/2016/679/oj (GDPR, articles 4 and 5)",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Table(check) };

/// Values of a column that are looked at.
const SAMPLES: usize = 100;

fn check(subject: &Subject<'_, Table>, report: &mut Report) {
    let found: Vec<(&str, Personal)> = subject
        .facts
        .columns
        .iter()
        .filter_map(|column| Some((column.name.as_str(), personal(column)?)))
        .collect();
    // Names alone are titles, streets or products as well as people.
    let telling = found.iter().any(|(_, kind)| *kind != Personal::Address);
    if found.is_empty() || !telling {
        return;
    }
    let words: Vec<&str> = found.iter().map(|(_, kind)| kind.as_str()).collect();
    let message = format!("the table has {}", words.join(", "));
    let evidence = found.iter().map(|(name, kind)| {
        Evidence::new(subject.locator.clone().at_key(*name), *name, format!("{name}: {}", kind.as_str()))
    });
    report.find(&subject.asset.id, message, evidence.collect());
}

/// What most values of a column are; a date must be called one of birth.
fn personal(column: &Column) -> Option<Personal> {
    let samples = column.samples(SAMPLES);
    if samples.is_empty() {
        return None;
    }
    let most =
        |is: &dyn Fn(&str) -> bool| samples.iter().filter(|value| is(value)).count() * 2 > samples.len();
    match of_name(&column.name) {
        Some(kind) if most(&|value| agrees(kind, value)) => Some(kind),
        _ => [Personal::Email, Personal::CardNumber, Personal::NationalId]
            .into_iter()
            .find(|kind| most(&|value| of_value(value) == Some(*kind))),
    }
}
