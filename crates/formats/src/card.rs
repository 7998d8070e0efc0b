//! The front matter of model and data set cards: licence, base model, data sets, task.
//!
//! Source: Hugging Face hub documentation, "Model cards" and "Dataset cards". A card stays text for whatever looks at lines.

use crate::yaml::{self, Node};
use crate::{Limits, json};

/// What the front matter of a card says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// Licence as written; several are joined by `, `.
    pub licence: String,
    /// Models that it was made from.
    pub base_models: Vec<String>,
    /// `finetune`, `adapter`, `merge`, `quantized`.
    pub base_relation: String,
    /// Data sets it was trained on.
    pub datasets: Vec<String>,
    /// What it is for, `text-classification`.
    pub task: String,
    /// Library that loads it.
    pub library: String,
    /// Languages.
    pub languages: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Whether it describes data: it names splits, sizes or configurations.
    pub of_data: bool,
    /// One-based line of each key.
    pub lines: Vec<(String, u32)>,
}

/// Bytes of front matter.
const FRONT: usize = 64 << 10;
/// Names of one list.
const NAMES: usize = 256;
/// Keys that only cards of hubs have.
const KEYS: &[&str] = &[
    "base_model",
    "configs",
    "dataset_info",
    "datasets",
    "language",
    "library_name",
    "license",
    "model-index",
    "pipeline_tag",
    "size_categories",
    "task_categories",
];

impl Card {
    /// The line of a key, 1 if it is not there.
    pub fn line(&self, key: &str) -> u32 {
        self.lines.iter().find(|(name, _)| name == key).map_or(1, |(_, line)| *line)
    }
}

/// Reads the front matter of a text; `None` if there is none, or none of a card.
pub fn read(text: &str) -> Option<Card> {
    let rest = text.trim_start_matches('\u{feff}').strip_prefix("---")?;
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?;
    let end = rest.match_indices("\n---").map(|(at, _)| at).find(|at| *at < FRONT)?;
    let front = rest.get(..=end)?;
    let read = yaml::read_text(front, &Limits { nodes: 20_000, ..Limits::default() });
    let root = read.documents.first().filter(|root| root.is_map())?;
    if !KEYS.iter().any(|key| root.entry(key).is_some()) {
        return None;
    }
    let text = |key: &str| root.get(key).text_or_empty().to_owned();
    Some(Card {
        licence: names(root.get("license")).join(", "),
        base_models: names(root.get("base_model")),
        base_relation: text("base_model_relation"),
        datasets: names(root.get("datasets")),
        task: if root.entry("pipeline_tag").is_some() {
            text("pipeline_tag")
        } else {
            names(root.get("task_categories")).join(", ")
        },
        library: text("library_name"),
        languages: names(root.get("language")),
        tags: names(root.get("tags")),
        of_data: ["dataset_info", "size_categories", "task_categories", "configs"]
            .iter()
            .any(|key| root.entry(key).is_some()),
        lines: root.entries().iter().map(|entry| (entry.key.clone(), entry.line + 1)).collect(),
    })
}

fn names(node: &Node) -> Vec<String> {
    let names = node.one_or_many().iter().filter_map(Node::text).map(str::trim);
    names.filter(|name| !name.is_empty()).take(NAMES).map(str::to_owned).collect()
}

/// What a description of data in Croissant says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Croissant {
    /// Name.
    pub name: String,
    /// Licence.
    pub licence: String,
    /// Version.
    pub version: String,
    /// Address of the data set's page.
    pub url: String,
    /// Files: address or path, and SHA-256 if one is given.
    pub files: Vec<(String, String)>,
    /// What it says about personal or sensitive data.
    pub personal: String,
    /// How the data was collected.
    pub collection: String,
}

/// Reads a description in Croissant; `None` if the text is none. <https://docs.mlcommons.org/croissant/docs/croissant-spec.html>
pub fn croissant(text: &str) -> Option<Croissant> {
    if !text.trim_start().starts_with('{') || !text.contains("mlcommons.org/croissant") {
        return None;
    }
    let (root, _) = json::read_text(text, &Limits { nodes: 200_000, ..Limits::default() });
    root.get("@context").entries().first()?;
    let of = |keys: &[&str]| {
        keys.iter()
            .map(|key| names(root.get(key)).join(", "))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    };
    let files = root.get("distribution").one_or_many().iter().take(NAMES).map(|file| {
        (file.get("contentUrl").text_or_empty().to_owned(), file.get("sha256").text_or_empty().to_lowercase())
    });
    Some(Croissant {
        name: of(&["name", "sc:name"]),
        licence: of(&["license", "sc:license"]),
        version: of(&["version"]),
        url: of(&["url"]),
        files: files.filter(|(place, _)| !place.is_empty()).collect(),
        personal: of(&["rai:personalSensitiveInformation"]),
        collection: of(&["rai:dataCollection"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_say_what_they_are_about() {
        let card = read("---\nlicense: mit\nbase_model:\n- acme/base\ndatasets: [acme/notes]\npipeline_tag: text-classification\nlanguage: de\n---\n# A\n").expect("a card");
        assert_eq!((card.licence.as_str(), card.task.as_str()), ("mit", "text-classification"));
        assert_eq!((card.base_models, card.datasets), (vec!["acme/base".into()], vec!["acme/notes".into()]));
        assert!(!card.of_data);
        assert_eq!(card.lines[1], ("base_model".to_owned(), 3));
        assert_eq!(read("---\ntitle: a\n---\n"), None);
        assert_eq!(read("# No front\n---\nlicense: mit\n---\n"), None);
    }

    #[test]
    fn croissants_are_told_from_other_json() {
        let text = r#"{"@context": {"cr": "http://mlcommons.org/croissant/"}, "@type": "sc:Dataset", "name": "notes",
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "distribution": [{"contentUrl": "s3://b/n.csv", "sha256": "AB"}], "rai:personalSensitiveInformation": ["names"]}"#;
        let data = croissant(text).expect("a description");
        assert_eq!((data.name.as_str(), data.personal.as_str()), ("notes", "names"));
        assert_eq!(data.files, [("s3://b/n.csv".to_owned(), "ab".to_owned())]);
        assert_eq!(croissant("{\"name\": \"x\"}"), None);
    }
}
