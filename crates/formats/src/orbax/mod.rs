//! Metadata of Orbax checkpoints and of Zarr arrays: JSON that says how values are restored and decoded.
//!
//! Source: Orbax `checkpoint/_src/metadata`; Zarr storage specification 2 and 3.

use crate::{Facts, Format, Input, Parsed, Recognised};

/// How the metadata is found and read: by the names that loaders look for.
pub const FORMAT: Format =
    Format { name: "orbax", extensions: &["zarray", "zattrs", "zgroup", "zmetadata"], recognise, parse };

/// What the metadata says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orbax {
    /// Every text in it with the path that leads to it.
    pub texts: Vec<(String, String)>,
    /// Codecs that decode an array, by name.
    pub codecs: Vec<String>,
}

/// Names of files that hold metadata.
const NAMES: &[&str] = &[
    ".zarray",
    ".zattrs",
    ".zgroup",
    ".zmetadata",
    "_CHECKPOINT_METADATA",
    "_METADATA",
    "_sharding",
    "_strings.json",
    "array_metadatas",
    "zarr.json",
];
/// Texts kept, and characters of one.
const TEXTS: usize = 100_000;
const TEXT: usize = 2_000;

fn recognise(input: &Input<'_>) -> Recognised {
    let named = NAMES.contains(&input.file_name());
    let object = input.head(64).trim_ascii_start().starts_with(b"{");
    if named && object { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let limits = &input.budget.limits;
    let text = String::from_utf8_lossy(input.head(limits.text_bytes));
    let (tree, mut defects) = crate::json::read_text(&text, limits);
    // People edit these files: only bounds are told.
    defects.retain(crate::Defect::is_limit);
    let mut orbax = Orbax::default();
    tree.visit_scalars(|path, node| {
        let Some(text) = node.text().filter(|text| !text.is_empty() && orbax.texts.len() < TEXTS) else {
            return;
        };
        let text: String = text.chars().take(TEXT).collect();
        let codec = path.ends_with(".id") || path.contains("codecs[") && path.ends_with(".name");
        if codec && !orbax.codecs.contains(&text) {
            orbax.codecs.push(text.clone());
        }
        orbax.texts.push((path.to_owned(), text));
    });
    Parsed { format: FORMAT.name, facts: Facts::Orbax(orbax), defects, members: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    #[test]
    fn codecs_and_texts() {
        let budget = Budget::default();
        let read = |text: &str| match parse(&Input::new("w/.zarray", text.as_bytes(), &budget)).facts {
            Facts::Orbax(orbax) => orbax,
            _ => Orbax::default(),
        };
        let text =
            r#"{"dtype": "|O", "filters": [{"id": "pickle"}], "compressor": {"id": "zstd", "level": 1}}"#;
        assert_eq!(read(text).codecs, ["pickle", "zstd"]);
        for at in 0..text.len() {
            read(&text[..at]);
        }
    }
}
