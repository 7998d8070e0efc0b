//! Findings as a table (RFC 4180), safe to open in a spreadsheet.

use crate::{
    exporter::{ExportError, Exporter},
    v1::Document,
};

/// Findings as CSV.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "csv",
    extension: "csv",
    media_type: "text/csv",
    summary: "findings as a table, one row each",
    write,
};

const COLUMNS: [&str; 18] = [
    "severity",
    "status",
    "rule",
    "asset",
    "system",
    "message",
    "place",
    "evidence",
    "techniques",
    "weaknesses",
    "owasp",
    "effect",
    "when",
    "loaders",
    "remedy",
    "accepted_until",
    "fingerprint",
    "review",
];

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.findings.is_none() {
        return Err(ExportError::MissingPart { format: "csv", part: "findings" });
    }
    Ok(table(&rows(document)))
}

/// A table with a row of quoted cells for each of `rows`.
pub(crate) fn table(rows: &[Vec<String>]) -> Vec<u8> {
    let mut table = String::new();
    for cells in rows {
        row(&mut table, cells);
    }
    table.into_bytes()
}

/// Names of columns, then a row for each finding.
pub(crate) fn rows(document: &Document) -> Vec<Vec<String>> {
    let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
    for finding in document.findings() {
        let rule = document.rule(&finding.rule);
        let harm = rule.and_then(|rule| rule.harm.as_ref());
        let list = |list: Option<&Vec<String>>| list.map(|list| list.join(" ")).unwrap_or_default();
        let first = finding.evidence.first();
        rows.push(vec![
            finding.severity.to_string(),
            finding.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            finding.rule.clone(),
            finding.asset.clone(),
            document.asset(&finding.asset).and_then(|asset| asset.system.clone()).unwrap_or_default(),
            finding.message.clone(),
            first.map(|evidence| evidence.locator.to_string()).unwrap_or_default(),
            finding.evidence.iter().map(|evidence| evidence.key.as_str()).collect::<Vec<_>>().join("; "),
            list(rule.map(|rule| &rule.techniques)),
            list(rule.map(|rule| &rule.weaknesses)),
            list(rule.map(|rule| &rule.owasp)),
            harm.map(|harm| harm.effect.clone()).unwrap_or_default(),
            harm.map(|harm| harm.when.clone()).unwrap_or_default(),
            harm.map(|harm| harm.loaders.clone()).unwrap_or_default(),
            rule.map(|rule| rule.remedy.clone()).unwrap_or_default(),
            finding.acceptance.as_ref().map(|acceptance| acceptance.until.clone()).unwrap_or_default(),
            finding.fingerprint.clone(),
            document.review.id.clone(),
        ]);
    }
    rows
}

/// Adds a row of quoted cells, none of which a spreadsheet takes for a formula.
pub(crate) fn row(table: &mut String, cells: &[String]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            table.push(',');
        }
        table.push('"');
        // A spreadsheet runs what begins like this (OWASP, "CSV Injection"); a leading apostrophe makes it text.
        if cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '|', '%'])
            || cell.starts_with(['\t', '\r', '\n'])
        {
            table.push('\'');
        }
        table.push_str(&cell.replace('"', "\"\""));
        table.push('"');
    }
    table.push_str("\r\n");
}
