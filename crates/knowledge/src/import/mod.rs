//! Reading of ATLAS as MITRE distributes it: format 5 (`dist/ATLAS.yaml`, frozen) and format 6 (`dist/v6/ATLAS-*.yaml`).
//!
//! The file comes from outside, so its size is bounded here, and depth, aliases and number of nodes by [`crate::yaml`].

mod format_5;
mod format_6;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::atlas::Atlas;

/// Largest file that is read; the release of 2026.09 has less than a megabyte.
pub const MAX_BYTES: usize = 16 << 20;

/// Why a text is not ATLAS.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Larger than [`MAX_BYTES`].
    #[error("the file has {0} bytes, more than the {MAX_BYTES} that are read; is it ATLAS?")]
    TooLarge(usize),
    /// Not YAML, beyond the bounds, or a field of the wrong kind.
    #[error("not readable as ATLAS: {0}")]
    Malformed(String),
    /// YAML, but of neither format.
    #[error(
        "neither `matrices` (format 5) nor `format-version` (format 6) at the top; take dist/ATLAS.yaml or dist/v6/ATLAS-*.yaml"
    )]
    UnknownFormat,
}

/// Reads ATLAS in either format. Summaries are the first sentence of the file's own descriptions.
///
/// # Errors
/// [`ImportError`] when the text is too large, not YAML within bounds, or in neither format.
pub fn parse(text: &str) -> Result<Atlas, ImportError> {
    if text.len() > MAX_BYTES {
        return Err(ImportError::TooLarge(text.len()));
    }
    let head: Head = read(text)?;
    match head {
        Head { format: Some(_), .. } => read(text).map(format_6::File::into_atlas),
        Head { matrices: Some(_), .. } => read(text).map(format_5::File::into_atlas),
        _ => Err(ImportError::UnknownFormat),
    }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, ImportError> {
    crate::yaml::read(text).map_err(ImportError::Malformed)
}

/// Up to the first full stop that ends a sentence, on one line.
fn first_sentence(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.find(". ").map_or(line.len(), |at| at + 1);
    line.get(..end).unwrap_or_default().to_owned()
}

fn slug(words: &str) -> String {
    words.trim().to_ascii_lowercase().replace(" - ", "-").replace(' ', "-")
}

fn phase(name: &str) -> String {
    let known = [
        ("business", "BU"),
        ("data prep", "DP"),
        ("ml model eng", "ME"),
        ("ai model eng", "ME"),
        ("model eng", "ME"),
        ("ml model eval", "EV"),
        ("ai model eval", "EV"),
        ("model eval", "EV"),
        ("deploy", "DE"),
        ("monitor", "MM"),
    ];
    let lower = name.to_ascii_lowercase();
    known.iter().find(|(start, _)| lower.starts_with(start)).map_or(lower, |(_, code)| (*code).to_owned())
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "format-version")]
    format: Option<IgnoredAny>,
    matrices: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct AttackReference {
    id: Option<String>,
}
