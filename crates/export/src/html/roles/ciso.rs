//! For the head of security: paths, what they have in common, and the plan.

use super::super::{
    Section, cascades, compliance, coverage, page, placement, plan, risk, schedule, threats, trend, unknown,
    vendors,
};
use crate::{
    exporter::{ExportError, Exporter},
    summary::Summary,
    v1::Document,
};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "report-ciso",
    extension: "html",
    media_type: "text/html",
    summary: "a report for the head of security: paths, cascades, plan, vendors",
    write,
};

#[allow(clippy::unnecessary_wraps, reason = "the signature of every exporter")]
fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let bare = super::without_findings(document);
    let sections: [Section; 10] = [
        ("threats", "Threats and paths", threats::section(&bare)),
        ("cascades", "What threats come to together", cascades::section(document)),
        ("plan", "Plan", plan::section(document)),
        ("placement", "Where controls do most", placement::section(document)),
        ("risk", "Money at risk", risk::section(document)),
        ("trend", "Earlier reviews", trend::section(document)),
        ("coverage", "Coverage of ATLAS techniques", coverage::matrix(document)),
        ("vendors", "Third parties", vendors::section(document)),
        ("requirements", "Requirements", document.compliance.as_deref().map(compliance::counts)),
        ("schedule", "When to look again", schedule::section(document)),
    ];
    let unknown: [Section; 1] = [("unknown", "What was not looked at", Some(unknown::section(&bare)))];
    let header = super::header(document, "the head of security", &Summary::of(document).verdict());
    Ok(page(document, "the head of security", header, &[sections.as_slice(), &unknown].concat()))
}
