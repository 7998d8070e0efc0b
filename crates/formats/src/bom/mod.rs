//! Bills of materials that other tools wrote: CycloneDX (JSON, 1.2 to 1.7) and SPDX (JSON and tag-value 2.x, JSON-LD 3.0).
//!
//! <https://cyclonedx.org/docs/1.7/json/>, <https://spdx.github.io/spdx-spec/v2.3/>, <https://spdx.github.io/spdx-spec/v3.0.1/>

mod cyclonedx;
mod facts;
mod purl;
mod spdx2;
mod spdx3;
mod tag_value;

pub use facts::{Bom, Component, Dependency, Kind, Vulnerability};
pub use purl::PackageUrl;

use crate::search::holds;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};

/// Bytes at the beginning and at the end in which a bill of materials must say that it is one.
const HEAD: usize = 4096;

/// Bills of materials.
pub const FORMAT: Format = Format {
    name: "bom",
    extensions: &["json", "spdx"],
    recognise: |input| match sort(input) {
        Some(_) => Recognised::ByMagic,
        None => Recognised::No,
    },
    parse: |input| {
        let (bom, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Bom(Box::new(bom)), defects, members: Vec::new() }
    },
};

/// How the document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Json,
    TagValue,
}

/// What the ends of the content say; most files are told by their first byte.
fn sort(input: &Input<'_>) -> Option<Sort> {
    let head = input.head(HEAD);
    let first =
        head.iter().position(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte))?;
    match head[first] {
        b'{' => {
            let tail = input.bytes.get(input.bytes.len().saturating_sub(HEAD)..).unwrap_or_default();
            let has = |needle: &str| {
                let found = |part: &[u8]| holds(part, needle.as_bytes());
                found(head) || found(tail)
            };
            let cyclone = has("\"bomFormat\"") && has("\"CycloneDX\"");
            let spdx = has("\"spdxVersion\"") && has("\"SPDX-") || has("spdx.org/rdf/3");
            (cyclone || spdx).then_some(Sort::Json)
        }
        b'S' | b'#' => {
            let text = String::from_utf8_lossy(head);
            text.lines().any(|line| line.starts_with("SPDXVersion: SPDX-")).then_some(Sort::TagValue)
        }
        _ => None,
    }
}

/// Reads a bill of materials.
pub fn parse(input: &Input<'_>) -> (Bom, Vec<Defect>) {
    let limits = &input.budget.limits;
    let kept = input.head(limits.text_bytes);
    let text = String::from_utf8_lossy(kept);
    let text = text.trim_start_matches('\u{feff}');
    let mut defects = Vec::new();
    if kept.len() < input.bytes.len() {
        defects.push(Defect::whole("limit-text", "the bill of materials is larger than is read"));
    }
    let mut bom = if sort(input) == Some(Sort::TagValue) {
        tag_value::read(text, limits.records)
    } else {
        let (root, found) = json::read_text(text, limits);
        defects.extend(found);
        // GitHub's dependency graph wraps its document.
        let root = if root.get("sbom").is_map() { root.get("sbom") } else { &root };
        if !root.get("bomFormat").is_null() {
            cyclonedx::read(root, limits)
        } else if !root.get("spdxVersion").is_null() {
            spdx2::read(root)
        } else {
            spdx3::read(root)
        }
    };
    if bom.bound(limits.records) {
        defects.push(Defect::whole("limit-records", "more components or edges than are kept"));
    }
    (bom, defects)
}

#[cfg(test)]
mod tests;
