//! JSON v1 itself.

use crate::{
    exporter::{ExportError, Exporter},
    v1::Document,
};

/// JSON v1.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "json",
    extension: "json",
    media_type: "application/json",
    summary: "everything, in the published JSON v1 contract",
    write,
};

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    Ok(document.to_json()?)
}
