//! Core ML models: what runs code of the app, what lies elsewhere. Packages are known by their manifest.
//!
//! Source: `mlmodel/format/Model.proto`, `NeuralNetwork.proto`, `CustomModel.proto`, `LinkedModel.proto` of
//! coremltools 9.

use std::ops::Range;

use crate::protobuf::Fields;
use crate::strings::strings;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json, yaml};

/// How Core ML models are found and read.
pub const FORMAT: Format = Format { name: "coreml", extensions: &["json", "mlmodel"], recognise, parse };

/// A Core ML model, or the manifest of a package of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coreml {
    /// Version of the specification.
    pub version: u64,
    /// Numbers of the kinds of model inside, pipelines included.
    pub kinds: Vec<u32>,
    /// Classes of the app that the model calls: `layer` or `model`, and the name.
    pub classes: Vec<(&'static str, String)>,
    /// Models and weights elsewhere, as stored.
    pub paths: Vec<String>,
    /// Keys and values of the metadata.
    pub texts: Vec<(String, String)>,
}

/// Fields of a model that hold a model of some kind.
fn is_kind(number: u32) -> bool {
    matches!(number, 200..=202 | 300..=304 | 400..=404 | 500..=502 | 555 | 556 | 560 | 600..=610 | 900 | 2000..=2006 | 3000)
}

fn recognise(input: &Input<'_>) -> Recognised {
    let bytes = input.bytes;
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        let head = input.head(1 << 14);
        let has = |word: &str| head.windows(word.len()).any(|window| window == word.as_bytes());
        return if has("\"itemInfoEntries\"") && has("\"rootModelIdentifier\"") {
            Recognised::ByShape
        } else {
            Recognised::No
        };
    }
    let [0x08, 1..=40, second, ..] = bytes else { return Recognised::No };
    let mut kind = false;
    let known = Fields::new(bytes, 0..bytes.len()).take(16).all(|field| {
        field.is_ok_and(|field| {
            kind |= is_kind(field.number) && field.bytes().is_some();
            matches!(field.number, 1 | 2 | 10) || is_kind(field.number)
        })
    });
    let named = input.extension() == "mlmodel";
    if known && kind {
        Recognised::ByShape
    } else if named && matches!(second, 0x12 | 0x50..=0xff) {
        Recognised::ByName
    } else {
        Recognised::No
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut reader =
        Reader { bytes: input.bytes, facts: Coreml::default(), defects: Vec::new(), left: 200_000 };
    if input.bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        let (text, mut defects) = yaml::text_of(input.bytes, &input.budget.limits);
        let (root, more) = json::read_text(&text, &input.budget.limits);
        defects.extend(more);
        for item in root.get("itemInfoEntries").entries() {
            reader.facts.paths.extend(item.node.get("path").text().map(str::to_owned));
            for key in ["author", "description", "name"] {
                reader.facts.texts.push((key.to_owned(), item.node.get(key).text_or_empty().to_owned()));
            }
        }
        reader.defects = defects;
    } else {
        reader.model(0..input.bytes.len(), 0);
        for (_, text) in strings(input.bytes) {
            if let Some(at) = text.find("@model_path/") {
                let path: String = text.get(at + 12..).unwrap_or_default().chars().take(200).collect();
                reader.facts.paths.push(path);
            }
        }
    }
    Parsed {
        format: FORMAT.name,
        facts: Facts::Coreml(reader.facts),
        defects: reader.defects,
        members: Vec::new(),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    facts: Coreml,
    defects: Vec<Defect>,
    left: usize,
}

impl Reader<'_> {
    /// The fields of a message: number, and range if it has one.
    fn fields(&mut self, range: Range<usize>) -> Vec<(u32, Option<Range<usize>>, u64)> {
        let mut found = Vec::new();
        for field in Fields::new(self.bytes, range) {
            match field {
                Ok(field) if self.left > 0 => {
                    self.left -= 1;
                    found.push((field.number, field.bytes(), field.varint().unwrap_or_default()));
                }
                Ok(field) => {
                    self.defects.push(Defect::at(
                        "limit-nodes",
                        field.offset as u64,
                        "more fields than are looked at",
                    ));
                    break;
                }
                Err(defect) if self.defects.len() < 16 => self.defects.push(defect),
                Err(_) => break,
            }
        }
        found
    }

    fn text(&self, range: &Range<usize>) -> String {
        let bytes = self.bytes.get(range.clone()).unwrap_or_default();
        String::from_utf8_lossy(bytes.get(..4096).unwrap_or(bytes)).into_owned()
    }

    fn model(&mut self, range: Range<usize>, depth: u32) {
        if depth > 16 {
            return self.defects.push(Defect::at(
                "limit-depth",
                range.start as u64,
                "models inside one another",
            ));
        }
        for (number, content, value) in self.fields(range) {
            match (number, content) {
                (1, None) if depth == 0 => self.facts.version = value,
                (2, Some(description)) => self.description(description),
                (200 | 201, Some(content)) => {
                    self.facts.kinds.push(number);
                    for (inner, content, _) in self.fields(content) {
                        if let (1, Some(pipeline)) = (inner, content) {
                            self.pipeline(pipeline, depth);
                        }
                    }
                }
                (202, Some(pipeline)) => {
                    self.facts.kinds.push(number);
                    self.pipeline(pipeline, depth);
                }
                (303 | 403 | 500, Some(network)) => {
                    self.facts.kinds.push(number);
                    self.network(network);
                }
                (555, Some(custom)) => {
                    self.facts.kinds.push(number);
                    self.class("model", custom);
                }
                (556, Some(linked)) => {
                    self.facts.kinds.push(number);
                    let texts = strings(self.bytes.get(linked).unwrap_or_default());
                    self.facts.paths.extend(texts.into_iter().map(|(_, text)| text));
                }
                (number, Some(_)) if is_kind(number) => self.facts.kinds.push(number),
                _ => {}
            }
        }
    }

    fn pipeline(&mut self, range: Range<usize>, depth: u32) {
        for (number, content, _) in self.fields(range) {
            if let (1, Some(model)) = (number, content) {
                self.model(model, depth + 1);
            }
        }
    }

    fn network(&mut self, range: Range<usize>) {
        for (number, content, _) in self.fields(range) {
            let (1, Some(layer)) = (number, content) else { continue };
            for (number, content, _) in self.fields(layer) {
                if let (500, Some(custom)) = (number, content) {
                    self.class("layer", custom);
                }
            }
        }
    }

    fn class(&mut self, what: &'static str, range: Range<usize>) {
        let name = self
            .fields(range)
            .into_iter()
            .find(|(number, ..)| *number == 10)
            .and_then(|(_, content, _)| content);
        let name = name.map(|range| self.text(&range)).unwrap_or_default();
        self.facts.classes.push((what, name));
    }

    fn description(&mut self, range: Range<usize>) {
        for (number, content, _) in self.fields(range) {
            let (100, Some(metadata)) = (number, content) else { continue };
            for (number, content, _) in self.fields(metadata) {
                let Some(content) = content else { continue };
                let text = match number {
                    1..=4 => ("metadata".to_owned(), self.text(&content)),
                    100 => {
                        let entry = self.fields(content);
                        let part = |wanted| {
                            let found = entry.iter().find(|(number, ..)| *number == wanted);
                            found
                                .and_then(|(_, content, _)| content.as_ref())
                                .map(|range| self.text(range))
                                .unwrap_or_default()
                        };
                        (part(1), part(2))
                    }
                    _ => continue,
                };
                self.facts.texts.push(text);
            }
        }
    }
}
