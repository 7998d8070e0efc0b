//! Everything an auditor takes along in one archive, with the digest of each part.

use serde::Serialize;
use vauban_domain::Digest;

use crate::{
    annex_iv, cyclonedx, evidence_index,
    exporter::{ExportError, Exporter},
    json, oscal, sarif, statement_of_applicability,
    v1::Document,
    zip,
};

/// A ZIP archive of every export about requirements.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: FORMAT,
    extension: "evidence.zip",
    media_type: "application/zip",
    summary: "one archive for an auditor: JSON v1, SARIF, CycloneDX, OSCAL, tables and a draft, with digests",
    write,
};

const FORMAT: &str = "evidence-bundle";

/// Names in the archive, in its order.
const CONTENT: &[(&str, &Exporter)] = &[
    ("annex-iv-draft.md", &annex_iv::EXPORTER),
    ("bill-of-materials.cdx.json", &cyclonedx::EXPORTER_1_7),
    ("findings.sarif", &sarif::EXPORTER),
    ("oscal-assessment-results.json", &oscal::ASSESSMENT_RESULTS),
    ("oscal-poam.json", &oscal::POAM),
    ("statement-of-applicability.csv", &statement_of_applicability::EXPORTER),
    ("vauban.json", &json::EXPORTER),
];

#[derive(Serialize)]
struct Manifest<'a> {
    schema: &'static str,
    review: Origin<'a>,
    entries: Vec<Entry>,
    /// What could not be written, and why: an absent file is not an empty one.
    left_out: Vec<Missing>,
}

#[derive(Serialize)]
struct Origin<'a> {
    id: &'a str,
    subject: &'a str,
    taken_at: &'a str,
    tool_version: &'a str,
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    media_type: &'static str,
    bytes: usize,
    sha256: String,
}

#[derive(Serialize)]
struct Missing {
    name: &'static str,
    why: String,
}

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.compliance.is_none() {
        return Err(ExportError::MissingPart { format: FORMAT, part: "compliance" });
    }
    let mut contents: Vec<(&'static str, &'static str, Vec<u8>)> =
        vec![("evidence-index.csv", "text/csv", evidence_index::table(document))];
    let mut left_out = Vec::new();
    for (name, exporter) in CONTENT {
        match (exporter.write)(document) {
            Ok(bytes) => contents.push((name, exporter.media_type, bytes)),
            Err(error @ (ExportError::MissingPart { .. } | ExportError::Unusable { .. })) => {
                left_out.push(Missing { name, why: error.to_string() });
            }
            Err(error) => return Err(error),
        }
    }
    contents.sort_by_key(|(name, ..)| *name);
    let review = &document.review;
    let manifest = Manifest {
        schema: "vauban-evidence-bundle/v1",
        review: Origin {
            id: &review.id,
            subject: &review.subject,
            taken_at: &review.taken_at,
            tool_version: &review.tool_version,
        },
        entries: contents
            .iter()
            .map(|(name, media_type, bytes)| Entry {
                name,
                media_type,
                bytes: bytes.len(),
                sha256: Digest::of(bytes).hex(),
            })
            .collect(),
        left_out,
    };
    let mut first = serde_json::to_vec_pretty(&manifest)?;
    first.push(b'\n');
    let mut entries: Vec<(&str, &[u8])> = vec![("manifest.json", &first)];
    entries.extend(contents.iter().map(|(name, _, bytes)| (*name, bytes.as_slice())));
    zip::archive(&entries).map_err(|error| ExportError::Unusable {
        format: FORMAT,
        why: format!("{error}; export the parts one by one"),
    })
}
