//! The configurations of a model repository as Hugging Face's libraries read them: code that they name, files that they
//! name, templates and prompts that they carry.
//!
//! `config.json`, `tokenizer_config.json`, `tokenizer.json`, `processor_config.json`, `generation_config.json`,
//! `adapter_config.json`, `model_index.json`, `modules.json`, `*.index.json` and their kin, and YAML files with prompt templates.
//! Source: transformers `dynamic_module_utils.py`, PEFT `config.py`, diffusers `pipeline_utils.py`, sentence-transformers
//! `SentenceTransformer.py`, tokenizers' serialisation.

#[cfg(test)]
mod tests;
mod tokenizer;

use crate::yaml::{Node, Value, text_of};
use crate::{Defect, Facts, Format, Input, Limits, Member, Parsed, Recognised, json, yaml};

/// How they are found and read.
pub const FORMAT: Format =
    Format { name: "hugging-face", extensions: &["json", "yaml", "yml"], recognise, parse };

/// One configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HuggingFace {
    /// The text itself, for what looks at lines; empty if it is larger than a mebibyte.
    pub source: String,
    /// Code that loading it brings in.
    pub code: Vec<Code>,
    /// Files and addresses that it names.
    pub places: Vec<Place>,
    /// Texts for the model: prompts, instructions.
    pub texts: Vec<Text>,
    /// What a tokenizer turns into what.
    pub replacements: Vec<Replacement>,
    /// Regular expressions of a tokenizer.
    pub patterns: Vec<String>,
    /// Keys that let foreign code run, such as `trust_remote_code`.
    pub consents: Vec<String>,
}

/// How code is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `module.Class` of a file beside, or `owner/repository--module.Class`.
    Dynamic,
    /// A module and a name that are imported as they stand.
    Import,
    /// A repository whose code is run.
    Repository,
}

/// A reference to code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Key that names it, `auto_map.AutoModel`.
    pub key: String,
    /// As written.
    pub name: String,
    /// How.
    pub way: Way,
    /// One-based line.
    pub line: u32,
}

/// A reference to a file or address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Key.
    pub key: String,
    /// As written.
    pub path: String,
    /// Whether it must lie in the repository.
    pub inside: bool,
    /// Whether it is a shard of safetensors.
    pub shard: bool,
    /// One-based line.
    pub line: u32,
}

/// A text for the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Key.
    pub key: String,
    /// The text.
    pub text: String,
    /// One-based line.
    pub line: u32,
}

/// What a normaliser or decoder replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    /// What is looked for.
    pub pattern: String,
    /// What it becomes.
    pub content: String,
}

/// Bytes of the head that decide.
const HEAD: usize = 64 << 10;
/// Templates, references and texts kept of one file.
const KEPT: usize = 4096;

/// Bytes of text that are kept.
const SOURCE: usize = 1 << 20;

/// Keys that only these files have.
const KEYS: &[&str] = &[
    "\"_class_name\"",
    "\"_name_or_path\"",
    "\"added_tokens\"",
    "\"architectures\"",
    "\"auto_map\"",
    "\"auto_mapping\"",
    "\"base_model_name_or_path\"",
    "\"bos_token\"",
    "\"chat_template\"",
    "\"custom_generate\"",
    "\"custom_pipelines\"",
    "\"model_type\"",
    "\"peft_type\"",
    "\"sentence_transformers",
    "\"tokenizer_class\"",
    "\"torch_dtype\"",
    "\"transformers_version\"",
    "\"trust_remote_code\"",
    "\"weight_map\"",
];
/// Parts of keys whose values reach the model.
const TOLD: &[&str] =
    &["context", "instruction", "message", "prompt", "suffix", "prefix", "system", "template", "token"];
/// Ends of names that only these files have.
const NAMES: &[&str] = &[
    "adapter_config.json",
    "chat_template.json",
    "generation_config.json",
    "model_index.json",
    "preprocessor_config.json",
    "processor_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
];

fn recognise(input: &Input<'_>) -> Recognised {
    let extension = input.extension();
    if !matches!(extension.as_str(), "json" | "yaml" | "yml") {
        return Recognised::No;
    }
    let head = input.head(HEAD);
    if head.contains(&0) {
        return Recognised::No;
    }
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if extension == "json" {
        let json = start.starts_with(['{', '[']);
        let named = NAMES.iter().any(|name| input.file_name().ends_with(name));
        let modules = start.starts_with('[') && input.file_name().ends_with("modules.json");
        let keyed =
            KEYS.iter().any(|key| text.contains(key)) || text.contains("template\"") && text.contains("{%");
        if json && (named || keyed || modules) { Recognised::ByShape } else { Recognised::No }
    } else {
        // Prompt templates of text generation programs; whatever else YAML may be comes first.
        let template = text.contains("template:") || text.contains("prompt:");
        if template && (text.contains("{{") || text.contains("{%")) {
            Recognised::ByName
        } else {
            Recognised::No
        }
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let done = |facts, defects, members| Parsed {
        format: FORMAT.name,
        facts: Facts::HuggingFace(facts),
        defects,
        members,
    };
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let name = input.file_name();
    if name.ends_with("tokenizer.json")
        || text.contains("\"added_tokens\"") && text.contains("\"pre_tokenizer\"")
    {
        let (facts, defect) = tokenizer::read(&text);
        defects.extend(defect);
        return done(facts, defects, Vec::new());
    }
    let documents = if input.extension() == "json" {
        let (node, more) = json::read_text(&text, &input.budget.limits);
        defects.extend(more);
        vec![node]
    } else {
        let read = yaml::read_text(&text, &input.budget.limits);
        defects.extend(read.defects);
        read.documents
    };
    let mut facts = HuggingFace::default();
    if text.len() <= SOURCE {
        facts.source = text.clone().into_owned();
    }
    let mut members = Vec::new();
    for root in &documents {
        let mut walk = Walk { input, name, facts: &mut facts, members: &mut members };
        walk.root(root);
    }
    done(facts, defects, members)
}

struct Walk<'a, 'i> {
    input: &'a Input<'i>,
    name: &'a str,
    facts: &'a mut HuggingFace,
    members: &'a mut Vec<Member>,
}

impl Walk<'_, '_> {
    fn root(&mut self, root: &Node) {
        if self.name.ends_with("modules.json")
            || root.items().iter().any(|item| !item.get("type").is_null() && !item.get("idx").is_null())
        {
            for item in root.items() {
                self.code("type", item.get("type"), Way::Import);
                self.place("path", item.get("path"), true, false);
            }
        }
        let class = root.get("_class_name");
        if self.name.ends_with("model_index.json")
            || !root.get("_diffusers_version").is_null()
            || class.is_list()
        {
            if let [module, name] = class.items() {
                let named = format!("{}.{}", module.text_or_empty(), name.text_or_empty());
                self.add_code("_class_name", named, Way::Dynamic, class.line);
            }
            for entry in root.entries() {
                if let [module, name] = entry.node.items()
                    && let (Some(module), Some(name)) = (module.text(), name.text())
                    && entry.key != "_class_name"
                {
                    self.add_code(&entry.key, format!("{module}.{name}"), Way::Import, entry.line);
                }
            }
        }
        let safetensors = self.name.contains("safetensors");
        for entry in root.get("weight_map").entries() {
            let known = self
                .facts
                .places
                .iter()
                .rev()
                .take(8)
                .any(|place| Some(place.path.as_str()) == entry.node.text());
            if !known {
                self.place(&entry.key, &entry.node, true, safetensors);
            }
        }
        self.node("", root, 0);
    }

    fn code(&mut self, key: &str, node: &Node, way: Way) {
        for item in node.one_or_many() {
            if let Some(text) = item.text().filter(|text| !text.is_empty()) {
                self.add_code(key, text.to_owned(), way, item.line);
            }
        }
    }

    fn add_code(&mut self, key: &str, name: String, way: Way, line: u32) {
        if self.facts.code.len() < KEPT {
            self.facts.code.push(Code { key: key.to_owned(), name, way, line });
        }
    }

    fn place(&mut self, key: &str, node: &Node, inside: bool, shard: bool) {
        if let Some(path) = node.text().filter(|path| !path.is_empty() && path.len() < 4096)
            && self.facts.places.len() < KEPT
        {
            self.facts.places.push(Place {
                key: key.to_owned(),
                path: path.to_owned(),
                inside,
                shard,
                line: node.line,
            });
        }
    }

    /// Everything below, by key.
    fn node(&mut self, key: &str, node: &Node, depth: usize) {
        if depth > 24 {
            return;
        }
        match &node.value {
            Value::Map(entries) => {
                for entry in entries {
                    self.entry(&entry.key, &entry.node, depth);
                }
            }
            Value::List(items) => {
                for item in items {
                    // Templates with names: `{"name": "rag", "template": "…"}`.
                    self.node(key, item, depth + 1);
                }
            }
            Value::Scalar { text, .. } => self.scalar(key, text, node.line),
            Value::Null | Value::Expression(_) => {}
        }
    }

    fn entry(&mut self, key: &str, node: &Node, depth: usize) {
        match key {
            "weight_map" | "vocab" | "id2label" | "label2id" | "added_tokens_decoder" if depth == 0 => {
                if key == "added_tokens_decoder" {
                    for token in node.entries() {
                        let content = token.node.get("content");
                        self.scalar("added token", content.text_or_empty(), content.line);
                    }
                }
                return;
            }
            "auto_map" => {
                for entry in node.entries() {
                    self.code(&format!("auto_map.{}", entry.key), &entry.node, Way::Dynamic);
                }
                self.code("auto_map", node, Way::Dynamic);
                return;
            }
            "custom_pipelines" => {
                for entry in node.entries() {
                    self.code(
                        &format!("custom_pipelines.{}", entry.key),
                        entry.node.get("impl"),
                        Way::Dynamic,
                    );
                }
            }
            "custom_generate" | "custom_pipeline" => self.code(key, node, Way::Repository),
            "parent_library" => self.code(key, node, Way::Import),
            "base_model_name_or_path" => self.place(key, node, false, false),
            "trust_remote_code" if node.is_true() => self.facts.consents.push(key.to_owned()),
            "chat_template_file" | "merges_file" | "tokenizer_file" | "vocab_file" | "spm_file"
            | "template_file" => {
                self.place(key, node, true, false);
            }
            _ => {}
        }
        self.node(key, node, depth + 1);
    }

    fn scalar(&mut self, key: &str, text: &str, line: u32) {
        let marked = text.contains("{{") || text.contains("{%");
        let told = TOLD.iter().any(|part| key.contains(part));
        let yaml = self.input.extension() != "json";
        if marked && (told || !yaml) && self.members.len() < KEPT {
            self.members.push(crate::jinja::member(self.input, key, text));
        } else if told && text.len() > 12 && self.facts.texts.len() < KEPT {
            let key = key.to_owned();
            self.facts.texts.push(Text { key, text: text.chars().take(100_000).collect(), line });
        }
    }
}

/// Reads a configuration from text, for tests and for what carries one inside.
pub fn read(name: &str, text: &str, limits: &Limits) -> (HuggingFace, Vec<Defect>) {
    let budget = crate::Budget::new(limits.clone());
    let parsed = parse(&Input::new(name, text.as_bytes(), &budget));
    match parsed.facts {
        Facts::HuggingFace(facts) => (facts, parsed.defects),
        _ => (HuggingFace::default(), parsed.defects),
    }
}
