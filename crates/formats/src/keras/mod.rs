//! Keras configurations: the JSON (once YAML) that says which classes and functions a model is built from.
//!
//! They stand alone, in `config.json` of a `.keras` archive, in attributes of HDF5 files and in the metadata of
//! SavedModels; whoever holds one hands it on under the name of its place. Source: `keras/src/saving` of Keras 3.12
//! and `keras/src/legacy/saving`.

use crate::encoded::base64;
use crate::search::holds;
use crate::yaml::{self, Node};
use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised, json};

/// How Keras configurations are found and read.
pub const FORMAT: Format = Format { name: "keras", extensions: &["json", "yaml", "yml"], recognise, parse };

/// A configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keras {
    /// The whole of it.
    pub root: Node,
    /// Whether it is written in YAML, which old versions loaded without restraint.
    pub yaml: bool,
    /// Tags of YAML that name something of Python, and their lines.
    pub tags: Vec<(u32, String)>,
    /// Paths of values that hold marshalled code, archives or pickles in Base64.
    pub encoded: Vec<String>,
}

impl Keras {
    /// Calls `see` for every object that is to be rebuilt, with its path.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&str, &'a Node)) {
        visit(&self.root, &mut String::new(), see);
    }

    /// The version that wrote it, if stated.
    pub fn version(&self) -> &str {
        self.root.get("keras_version").text_or_empty()
    }
}

fn visit<'a>(node: &'a Node, path: &mut String, see: &mut dyn FnMut(&str, &'a Node)) {
    if !node.get("class_name").is_null() {
        see(path, node);
    }
    let length = path.len();
    for entry in node.entries() {
        path.push('.');
        path.push_str(&entry.key);
        visit(&entry.node, path, see);
        path.truncate(length);
    }
    for (index, item) in node.items().iter().enumerate() {
        let name = item.at("config.name").text().or_else(|| item.get("name").text());
        path.push_str(&name.map_or_else(|| format!("[{index}]"), |name| format!("[{name}]")));
        visit(item, path, see);
        path.truncate(length);
    }
}

/// Bytes in which the words are looked for.
const HEAD: usize = 1 << 16;

/// The text in UTF-8: Python's reader of JSON takes UTF-16, too, with and without a mark.
fn narrow(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    let (rest, big) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => return rest.into(),
        [0xfe, 0xff, rest @ ..] => (rest, true),
        [0xff, 0xfe, rest @ ..] => (rest, false),
        [0, b'{', ..] => (bytes, true),
        [b'{', 0, ..] => (bytes, false),
        _ => return bytes.into(),
    };
    let units = rest
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) });
    let text: String =
        char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.into_bytes().into()
}

fn recognise(input: &Input<'_>) -> Recognised {
    let head = narrow(input.head(HEAD));
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    let has = |word: &str| holds(&head, word.as_bytes());
    let yes = match first {
        Some(b'{') => {
            let object = has("\"class_name\"") && has("\"config\"");
            let compiled = has("\"optimizer_config\"") && has("\"loss\"");
            let foreign = has("\"modelTopology\"") || has("\"weightsManifest\"");
            (object || compiled) && !foreign
        }
        // A note before the object makes no difference to those who load it.
        Some(_) if matches!(input.extension().as_str(), "yaml" | "yml") => {
            has("class_name:") && (has("config:") || has("!!python/"))
        }
        _ => false,
    };
    if yes { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let bytes = narrow(input.bytes);
    let is_json = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let (text, mut defects) = yaml::text_of(&bytes, &input.budget.limits);
    let mut facts = Keras::default();
    if is_json {
        let (root, more) = json::read_text(&text, &input.budget.limits);
        facts.root = root;
        defects.extend(more);
    } else {
        let read = yaml::read_text(&text, &input.budget.limits);
        facts.root = read.documents.into_iter().next().unwrap_or_default();
        facts.yaml = true;
        facts.tags = tags(&text);
        defects.extend(read.defects);
    }
    let members = encoded(input, &mut facts, &mut defects);
    Parsed { format: FORMAT.name, facts: Facts::Keras(facts), defects, members }
}

/// Tags like `!!python/object/apply:os.system`.
fn tags(text: &str) -> Vec<(u32, String)> {
    const WORDS: [&str; 2] = ["!!python/", "tag:yaml.org,2002:python/"];
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for word in WORDS {
            for (at, _) in line.match_indices(word) {
                let rest = line.get(at + word.len()..).unwrap_or_default();
                let end = rest
                    .find(|char: char| char.is_whitespace() || ">[]{},".contains(char))
                    .unwrap_or(rest.len());
                if found.len() < 1000 {
                    found.push((
                        u32::try_from(index + 1).unwrap_or(u32::MAX),
                        rest.get(..end).unwrap_or_default().to_owned(),
                    ));
                }
            }
        }
    }
    found
}

/// Decodes what is kept in Base64 and lets other formats read it.
fn encoded(input: &Input<'_>, facts: &mut Keras, defects: &mut Vec<Defect>) -> Vec<Member> {
    let mut members = Vec::new();
    let mut encoded = Vec::new();
    facts.root.visit_scalars(|path, node| {
        let text = node.text_or_empty();
        if text.len() < 24 || members.len() >= 1000 {
            return;
        }
        let Some(bytes) = base64(text.as_bytes()) else { return };
        let extension = match bytes.as_slice() {
            // A code object of `marshal`, with and without the flag for references.
            [0xe3 | 0x63, _, 0, 0, 0, ..] => "marshal",
            [b'P', b'K', 3, 4, ..] => "pt",
            [0x80, 2..=5, ..] => "pkl",
            [0x7f, b'E', b'L', b'F', ..] => "so",
            _ => return,
        };
        encoded.push(path.to_owned());
        if !input.budget.inflate(bytes.len() as u64) {
            return;
        }
        let name = format!("{path}.{extension}");
        let parsed = crate::parse(&input.member(&name, &bytes));
        members.push(Member { name, size: bytes.len() as u64, parsed });
    });
    if members.len() >= 1000 {
        defects.push(Defect::whole("limit-members", "more values in Base64 than are looked at"));
    }
    facts.encoded = encoded;
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn read(name: &str, text: &str) -> (Parsed, Keras) {
        let budget = Budget::default();
        let parsed = crate::parse(&Input::new(name, text.as_bytes(), &budget));
        let Facts::Keras(facts) = parsed.facts.clone() else {
            panic!("{} is no configuration", parsed.format)
        };
        (parsed, facts)
    }

    #[test]
    fn objects_are_found_wherever_they_are_nested() {
        let (parsed, facts) = read(
            "config.json",
            r#"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense", "config": {"name": "d"}}]}}"#,
        );
        assert_eq!(parsed.defects, []);
        let mut paths = Vec::new();
        facts.visit(&mut |path, node| {
            paths.push(format!("{path}={}", node.get("class_name").text_or_empty()))
        });
        assert_eq!(paths, ["=Sequential", ".config.layers[d]=Dense"]);
    }

    #[test]
    fn code_in_base64_is_handed_on() {
        let text = r#"{"class_name": "Lambda", "config": {"function": ["4wEAAAAAAAAAAAAAAAIAAAADAAAA8w==\n", null, null]}}"#;
        let (parsed, facts) = read("model_config", text);
        assert_eq!(facts.encoded, ["config.function[0]"]);
        assert_eq!(parsed.members[0].name, "config.function[0].marshal");
    }

    #[test]
    fn tags_of_yaml_are_kept() {
        let text =
            "backend: tensorflow\nclass_name: Sequential\nconfig: !!python/object/apply:os.getcwd []\n";
        let (_, facts) = read("model.yaml", text);
        assert_eq!(facts.tags, [(3, "object/apply:os.getcwd".to_owned())]);
    }

    #[test]
    fn truncations_are_survived() {
        let text = r#"{"class_name": "Lambda", "config": {"function": ["4wEAAAAA\n", null], "a": [1, {"class_name": 2}]}}"#;
        for length in 0..text.len() {
            let budget = Budget::default();
            let _ = crate::parse(&Input::new("config.json", &text.as_bytes()[..length], &budget));
        }
    }
}
