//! Questions to third parties as a table (RFC 4180), to be sent, filled in and read back.

use crate::{
    csv::row,
    exporter::{ExportError, Exporter},
    v1::Document,
};

/// Questions to vendors as CSV.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "vendor-questionnaire",
    extension: "csv",
    media_type: "text/csv",
    summary: "questions to third parties as a table, to fill in",
    write,
};

const COLUMNS: [&str; 7] = ["vendor", "id", "control", "question", "answer", "evidence", "answered"];

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(vendors) = &document.vendors else {
        return Err(ExportError::MissingPart { format: "vendor-questionnaire", part: "vendors" });
    };
    let mut table = String::new();
    row(&mut table, &COLUMNS.map(str::to_owned));
    for vendor in vendors {
        for question in &vendor.questions {
            row(
                &mut table,
                &[
                    vendor.vendor.clone(),
                    question.id.clone(),
                    question.control.clone(),
                    question.text.clone(),
                    question.answer.clone(),
                    question.evidence.clone(),
                    question.answered.clone().unwrap_or_default(),
                ],
            );
        }
    }
    Ok(table.into_bytes())
}
