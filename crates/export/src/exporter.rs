//! The list of formats.

use crate::{
    cacao, csv, cyclonedx, html, json, junit, markdown, navigator, procurement, response_book, sarif, sigma,
    spdx, tickets, v1::Document, vendor_questionnaire,
};

/// Why a document could not be written in a format.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The format needs a part that the document does not have.
    #[error("{format} needs the part `{part}`, which this document does not have; export a whole review")]
    MissingPart {
        /// Name of the format.
        format: &'static str,
        /// Top-level key that is absent.
        part: &'static str,
    },
    /// The writer of JSON gave up.
    #[error("could not write JSON: {0}; this is a defect, please report it")]
    Json(#[from] serde_json::Error),
}

/// A format to write documents in.
#[derive(Debug, Clone, Copy)]
pub struct Exporter {
    /// Name on the command line.
    pub name: &'static str,
    /// File name extension without a dot.
    pub extension: &'static str,
    /// Media type.
    pub media_type: &'static str,
    /// One line for help texts.
    pub summary: &'static str,
    /// The whole file; the same document gives the same bytes.
    pub write: fn(&Document) -> Result<Vec<u8>, ExportError>,
}

/// Every format, by name.
pub const FORMATS: &[Exporter] = &[
    cacao::EXPORTER,
    csv::EXPORTER,
    cyclonedx::EXPORTER,
    cyclonedx::EXPORTER_1_7,
    html::EXPORTER,
    json::EXPORTER,
    junit::EXPORTER,
    markdown::EXPORTER,
    navigator::EXPORTER,
    procurement::EXPORTER,
    response_book::EXPORTER,
    sarif::EXPORTER,
    sigma::EXPORTER,
    spdx::EXPORTER,
    tickets::GITHUB,
    tickets::JIRA,
    vendor_questionnaire::EXPORTER,
];

/// The format called `name`.
pub fn find(name: &str) -> Option<&'static Exporter> {
    FORMATS.iter().find(|exporter| exporter.name == name)
}
