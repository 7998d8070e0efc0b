//! `MAR-INF/MANIFEST.json`: what a TorchServe model archive says it is made of.
//!
//! <https://github.com/pytorch/serve/blob/master/model-archiver/README.md#artifact-details>

use crate::yaml::text_of;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};

/// How manifests are found and read.
pub const FORMAT: Format = Format {
    name: "model-archive",
    extensions: &[],
    recognise,
    parse: |input| {
        let (facts, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::ModelArchive(facts), defects, members: Vec::new() }
    },
};

/// A manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelArchive {
    /// Name of the model.
    pub name: String,
    /// Files that it names: key, path as written, one-based line.
    pub files: Vec<(String, String, u32)>,
}

fn recognise(input: &Input<'_>) -> Recognised {
    if !input.file_name().ends_with("MANIFEST.json") {
        return Recognised::No;
    }
    let head = String::from_utf8_lossy(input.head(4096));
    let shape =
        head.contains("\"modelName\"") || head.contains("\"serializedFile\"") || head.contains("\"handler\"");
    if shape { Recognised::ByShape } else { Recognised::No }
}

/// Reads a manifest.
pub fn parse(input: &Input<'_>) -> (ModelArchive, Vec<Defect>) {
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let (root, more) = json::read_text(&text, &input.budget.limits);
    defects.extend(more);
    let model = root.get("model");
    let mut facts =
        ModelArchive { name: model.get("modelName").text_or_empty().to_owned(), files: Vec::new() };
    for key in ["serializedFile", "handler", "modelFile", "extraFiles", "requirementsFile", "configFile"] {
        for node in model.get(key).one_or_many() {
            for path in node.text_or_empty().split(',').filter(|path| !path.is_empty()) {
                facts.files.push((key.to_owned(), path.trim().to_owned(), node.line));
            }
        }
    }
    (facts, defects)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    #[test]
    fn files_are_read_by_key() {
        let text = r#"{"runtime": "python", "model": {"modelName": "m", "serializedFile": "m.pt", "handler": "../h.py:go", "extraFiles": "a,b"}}"#;
        let budget = Budget::default();
        let input = Input::new("MAR-INF/MANIFEST.json", text.as_bytes(), &budget);
        assert_eq!(recognise(&input), Recognised::ByShape);
        let (facts, defects) = parse(&input);
        assert_eq!((facts.name.as_str(), facts.files.len()), ("m", 4));
        assert_eq!(defects, []);
        for at in 0..text.len() {
            let _ = parse(&Input::new("MANIFEST.json", &text.as_bytes()[..at], &budget));
        }
    }
}
