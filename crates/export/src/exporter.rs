//! The list of formats.

use crate::{
    annex_iv, attack_flow, cacao, coverage_csv, csv, cyclonedx, dot, evidence_bundle, html, icalendar, json,
    junit, markdown, mermaid, navigator, oscal, otm, procurement, pytm, response_book, sarif, sigma, spdx,
    statement_of_applicability, stix, threagile, threat_dragon, tickets, v1::Document, vendor_questionnaire,
    xlsx,
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
    /// The format cannot say what the document holds, or there is nothing to say.
    #[error("cannot write {format}: {why}")]
    Unusable {
        /// Name of the format.
        format: &'static str,
        /// Why, and what to do next.
        why: String,
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
    annex_iv::EXPORTER,
    attack_flow::EXPORTER,
    cacao::EXPORTER,
    coverage_csv::EXPORTER,
    csv::EXPORTER,
    cyclonedx::EXPORTER,
    cyclonedx::EXPORTER_1_7,
    dot::EXPORTER,
    evidence_bundle::EXPORTER,
    html::HEATMAP,
    html::EXPORTER,
    icalendar::EXPORTER,
    json::EXPORTER,
    junit::EXPORTER,
    markdown::EXPORTER,
    mermaid::EXPORTER,
    navigator::EXPORTER,
    navigator::EXPORTER_4_3,
    oscal::ASSESSMENT_RESULTS,
    oscal::POAM,
    otm::EXPORTER,
    procurement::EXPORTER,
    pytm::EXPORTER,
    html::roles::AUDITOR,
    html::roles::BOARD,
    html::roles::CISO,
    html::roles::DATA_SCIENTIST,
    html::roles::ENGINEER,
    response_book::EXPORTER,
    sarif::EXPORTER,
    sigma::EXPORTER,
    spdx::EXPORTER,
    statement_of_applicability::EXPORTER,
    stix::EXPORTER,
    threagile::EXPORTER,
    threat_dragon::EXPORTER,
    tickets::GITHUB,
    tickets::JIRA,
    vendor_questionnaire::EXPORTER,
    xlsx::EXPORTER,
];

/// The format called `name`.
pub fn find(name: &str) -> Option<&'static Exporter> {
    FORMATS.iter().find(|exporter| exporter.name == name)
}
