//! A workbook (ECMA-376, SpreadsheetML) of findings, coverage, actions and requirements, a sheet each.
//!
//! Every text is an inline string, which no program takes for a formula. The archive has no dates, so the same document
//! gives the same bytes.

mod package;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    csv,
    exporter::{ExportError, Exporter},
    navigator::score,
    statement_of_applicability,
    v1::{Document, Rung},
    zip,
};
use package::{Cell, Sheet};

/// Findings, coverage, actions and requirements as a workbook.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "xlsx",
    extension: "xlsx",
    media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    summary: "findings, coverage matrix, actions and requirements as a workbook",
    write,
};

/// What a sheet can hold (Microsoft, "Excel specifications and limits").
const ROWS: usize = 1_048_576;
const COLUMNS: usize = 16_384;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let text = |rows: Vec<Vec<String>>| -> Vec<Vec<Cell>> {
        rows.into_iter().map(|row| row.into_iter().map(Cell::Text).collect()).collect()
    };
    let mut sheets: Vec<Sheet> = Vec::new();
    if document.findings.is_some() {
        sheets.push(("findings", text(csv::rows(document))));
    }
    if document.coverage.is_some() {
        sheets.push(("coverage matrix", matrix(document)));
        sheets.push(("coverage", text(coverage(document))));
    }
    if document.actions.is_some() {
        sheets.push(("actions", text(actions(document))));
    }
    if document.compliance.is_some() {
        sheets.push(("requirements", text(statement_of_applicability::rows(document))));
    }
    if sheets.is_empty() {
        return Err(ExportError::MissingPart { format: "xlsx", part: "findings" });
    }
    let too_large = sheets.iter().find(|(_, rows)| rows.len() > ROWS);
    if let Some((name, rows)) = too_large {
        let why = format!("`{name}` has {} rows and a sheet holds {ROWS}; export it as a table", rows.len());
        return Err(ExportError::Unusable { format: "xlsx", why });
    }
    let mut parts: Vec<(String, String)> = package::frame(&sheets);
    for (index, (_, rows)) in sheets.iter().enumerate() {
        parts.push((format!("xl/worksheets/sheet{}.xml", index + 1), package::sheet(rows)));
    }
    let entries: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, content)| (name.as_str(), content.as_bytes())).collect();
    zip::archive(&entries).map_err(|error| ExportError::Unusable {
        format: "xlsx",
        why: format!("{error}; export tables instead"),
    })
}

/// Techniques by assets: points out of a hundred as in the Navigator layer, `n/a` where it cannot happen, empty where it
/// was not assessed.
fn matrix(document: &Document) -> Vec<Vec<Cell>> {
    let assets: BTreeSet<&str> = document.coverage().iter().map(|row| row.asset.as_str()).collect();
    let assets: Vec<&str> = assets.into_iter().take(COLUMNS - 1).collect();
    let mut points: BTreeMap<&str, BTreeMap<&str, Cell>> = BTreeMap::new();
    for row in document.coverage() {
        let rungs = row.scores().map(|(_, score)| score.rung);
        let known: Vec<Rung> = rungs.into_iter().filter(|rung| *rung != Rung::NotApplicable).collect();
        let cell = score(&known).map_or_else(|| Cell::Text("n/a".to_owned()), Cell::Number);
        points.entry(&row.technique).or_default().insert(&row.asset, cell);
    }
    let name = |text: &str| Cell::Text(text.to_owned());
    let mut rows = vec![std::iter::once("technique").chain(assets.iter().copied()).map(name).collect()];
    for (technique, mut cells) in points {
        let mut row: Vec<Cell> = vec![name(technique)];
        row.extend(assets.iter().map(|asset| cells.remove(asset).unwrap_or_else(|| name(""))));
        rows.push(row);
    }
    rows
}

fn coverage(document: &Document) -> Vec<Vec<String>> {
    let names = ["technique", "asset", "prevent", "why", "detect", "why", "respond", "why", "tested", "why"];
    let mut rows = vec![names.map(str::to_owned).to_vec()];
    for one in document.coverage() {
        let mut row = vec![one.technique.clone(), one.asset.clone()];
        for (_, score) in one.scores() {
            row.extend([score.rung.to_string(), score.reason.clone()]);
        }
        rows.push(row);
    }
    rows
}

fn actions(document: &Document) -> Vec<Vec<String>> {
    let names = [
        "severity",
        "title",
        "why",
        "system",
        "owner",
        "due",
        "control",
        "detection",
        "playbook",
        "assets",
        "techniques",
        "findings",
        "id",
    ];
    let mut rows = vec![names.map(str::to_owned).to_vec()];
    for one in document.actions.iter().flatten() {
        rows.push(vec![
            one.severity.to_string(),
            one.title.clone(),
            one.why.clone(),
            one.system.clone().unwrap_or_default(),
            one.owner.clone(),
            one.due.clone(),
            one.control.clone(),
            one.detection.clone(),
            one.playbook.clone(),
            one.assets.join("; "),
            one.techniques.join(" "),
            one.findings.join(" "),
            one.id.clone(),
        ]);
    }
    rows
}
