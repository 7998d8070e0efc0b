//! `dataset-label-anomaly`.

use vauban_domain::{Evidence, rule};
use vauban_formats::table::{Column, Table, Values};

use super::neighbours::{K, Screen, screen};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Labels stand alone among their neighbours.
    pub(super) const RULE: "dataset-label-anomaly" {
        family: Dataset,
        severity: Medium,
        title: "labels disagree with those of the most similar rows more than chance explains",
        why: "changed labels are the simplest way to poison a model: a few per cent lower its accuracy or plant a backdoor, and no one sees them in a table",
        remedy: "compare with the source the data came from, have the listed rows labelled again, and train without them",
        techniques: ["AML.T0020@2026.09", "AML.T0059@2026.09"],
        mitigations: ["AML.M0007@2026.09", "AML.M0025@2026.09"],
        weaknesses: ["CWE-1039"],
        owasp: ["LLM04:2025", "ML02:2023"],
        threats: ["L1.5@2025-02", "L2.1@2025-02"],
        source: "Wilson, Asymptotic properties of nearest neighbor rules using edited data, IEEE Trans. SMC 2(3), 1972",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Table(check) };

/// Names of label columns, in lower case, surest first.
const LABELS: [&str; 10] =
    ["label", "labels", "target", "class", "y", "diagnosis", "outcome", "category", "is_fraud", "species"];
/// Classes of a label at most.
const CLASSES: usize = 50;
/// Share of odd labels that the screen must be sure of.
const SURE: f64 = 0.02;
/// How much odd labels must outweigh rows that lose a narrow vote.
const OUTWEIGH: f64 = 1.75;
/// Rows named in the finding.
const NAMED: usize = 20;

fn check(subject: &Subject<'_, Table>, report: &mut Report) {
    let table = subject.facts;
    let Some((label, classes)) = label_column(table) else { return };
    let features: Vec<&[f64]> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(index, column)| *index != label && !is_identifier(column))
        .filter_map(|(_, column)| match &column.values {
            Values::Numbers(numbers) => Some(numbers.as_slice()),
            _ => None,
        })
        .collect();
    let Some(screen) = screen(&features, &classes).filter(is_anomalous) else { return };
    let rows: Vec<String> = screen
        .odd
        .iter()
        .filter_map(|row| table.kept.get(*row))
        .take(NAMED)
        .map(|row| row.to_string())
        .collect();
    let name = &table.columns[label].name;
    let message = format!(
        "{} of {} labels ({:.1} %) have at most two of their {K} most similar rows on their side",
        screen.odd.len(),
        screen.rows,
        screen.share() * 100.0
    );
    let more = if screen.odd.len() > NAMED { " …" } else { "" };
    let excerpt = format!("data rows (from 0): {}{more}", rows.join(", "));
    let place = subject.locator.clone().at_key(if name.is_empty() {
        format!("column {label}")
    } else {
        name.clone()
    });
    report.find(&subject.asset.id, message, vec![Evidence::new(place, format!("label:{name}"), excerpt)]);
}

/// Whether changed labels explain the screen better than overlapping classes.
fn is_anomalous(screen: &Screen) -> bool {
    screen.lowest_share() >= SURE && screen.share() > OUTWEIGH * screen.narrow
}

/// Place of the label column and the class of every kept row: a column called so, or else the last one.
fn label_column(table: &Table) -> Option<(usize, Vec<u16>)> {
    let named =
        LABELS.iter().find_map(|name| table.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name)));
    let index = named.or_else(|| table.columns.len().checked_sub(1))?;
    let column = table.columns.get(index)?;
    let classes = column.distinct().filter(|classes| (2..=CLASSES).contains(classes))?;
    // A few values in few rows are a measurement, not classes.
    (classes * 10 <= table.kept.len()).then(|| Some((index, classes_of(column)?)))?
}

fn classes_of(column: &Column) -> Option<Vec<u16>> {
    match &column.values {
        Values::Categories(_, codes) => Some(codes.clone()),
        Values::Numbers(numbers) => {
            if numbers.iter().any(|number| number.is_nan() || number.fract() != 0.0) {
                return None;
            }
            let mut values: Vec<i64> = numbers.iter().map(|number| *number as i64).collect();
            values.sort_unstable();
            values.dedup();
            numbers.iter().map(|n| u16::try_from(values.binary_search(&(*n as i64)).ok()?).ok()).collect()
        }
        Values::Text(_) => None,
    }
}

/// Whole numbers that never repeat and only grow, or a column called so.
fn is_identifier(column: &Column) -> bool {
    let name = column.name.to_lowercase();
    let Values::Numbers(numbers) = &column.values else { return false };
    let counts =
        numbers.len() > 1 && numbers.windows(2).all(|pair| pair[1] > pair[0] && pair[1].fract() == 0.0);
    counts || name == "id" || name.ends_with("_id") || name == "index"
}

#[cfg(test)]
mod bench;
