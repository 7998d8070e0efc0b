//! OpenVINO's intermediate representation: layers, the places of their weights, and what it asks for from elsewhere.
//!
//! Source: OpenVINO `src/core/src/xml_util`, `src/frontends/ir/src/ir_deserializer.cpp`; custom layers of the GPU plugin.

use std::collections::BTreeSet;

use crate::xml::{self, Seen, Xml, attribute, attributes};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// How OpenVINO models are found and read.
pub const FORMAT: Format = Format { name: "openvino", extensions: &["xml"], recognise, parse };

/// A model of OpenVINO.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenVino {
    /// Version of the representation, 10 or 11.
    pub version: String,
    /// Layers in it.
    pub layers: usize,
    /// Operators that no operator set of OpenVINO has: kind and set.
    pub custom: BTreeSet<(String, String)>,
    /// Files that it names, by element and attribute.
    pub files: Vec<(String, String)>,
    /// Source code of kernels, cut.
    pub kernels: Vec<String>,
    /// Bytes of weights that it refers to.
    pub weights: u64,
    /// The document.
    pub xml: Xml,
}

/// Operators of OpenVINO's operator sets 1 to 17 and of its representations before 10; files write some in other case.
const OPERATORS: &str = include_str!("operators.txt");

/// Operators of OpenVINO's own tokenizer extension.
const TOKENIZERS: &[&str] = &[
    "BPETokenizer",
    "ByteFallback",
    "BytesToChars",
    "CaseFold",
    "CharsMapNormalization",
    "CharsToBytes",
    "CombineSegments",
    "EqualStr",
    "FuzeRagged",
    "NormalizeUnicode",
    "RaggedTensorPack",
    "RaggedToDense",
    "RaggedToRagged",
    "RaggedToSparse",
    "RegexNormalization",
    "RegexSplit",
    "SentencepieceDetokenizer",
    "SentencepieceStreamDetokenizer",
    "SentencepieceTokenizer",
    "SpecialTokensSplit",
    "StringTensorPack",
    "StringTensorUnpack",
    "StringToHashBucket",
    "TrieTokenizer",
    "Truncate",
    "UTF8Validate",
    "UnigramTokenizer",
    "VocabDecoder",
    "VocabEncoder",
    "WordpieceTokenizer",
];

fn recognise(input: &Input<'_>) -> Recognised {
    if !matches!(input.bytes.first(), Some(b'<' | 0xef | 0xfe | 0xff | 0 | b' ' | b'\t' | b'\n' | b'\r')) {
        return Recognised::No;
    }
    let Some(head) = xml::head(input) else { return Recognised::No };
    let net = xml::begins_with(&head, &["net"])
        && (head.contains("<layers") || head.contains("<layer ") || input.extension() == "xml");
    if net || xml::begins_with(&head, &["CustomLayer"]) { Recognised::ByMagic } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut model = OpenVino::default();
    let mut lies: Vec<Defect> = Vec::new();
    let mut constant = false;
    let mut open: Vec<String> = Vec::new();
    // Bodies of loops count their layers anew: what is in no list of layers at all is nowhere.
    let mut layers: BTreeSet<String> = BTreeSet::new();
    let mut edges: BTreeSet<String> = BTreeSet::new();
    let (document, mut defects) = xml::walk(input, |seen, depth, _| match seen {
        Seen::Start(name, element) => {
            match name {
                "net" if depth == 0 => model.version = attribute(element, "version").unwrap_or_default(),
                "layer" => {
                    model.layers += 1;
                    let kind = attribute(element, "type").unwrap_or_default();
                    let set = attribute(element, "version").unwrap_or_default();
                    constant = kind == "Const";
                    let internal = set == "ie_internal_opset";
                    let own = set.is_empty()
                        || set.strip_prefix("opset").is_some_and(|number| number.parse::<u32>().is_ok())
                        || set == "experimental";
                    let known = internal
                        || own && OPERATORS.lines().any(|operator| operator.eq_ignore_ascii_case(&kind))
                        || TOKENIZERS.contains(&kind.as_str());
                    layers.extend(attribute(element, "id"));
                    if !known && model.custom.len() < 1000 {
                        model.custom.insert((kind, set));
                    }
                }
                "edge" => {
                    edges.extend(["from-layer", "to-layer"].iter().filter_map(|end| attribute(element, end)));
                }
                "data" if constant => {
                    if let Some(lie) = weights(element, &mut model)
                        && lies.len() < 16
                    {
                        lies.push(lie);
                    }
                }
                _ => {}
            }
            for (key, value) in attributes(element) {
                let named = matches!(
                    key.as_str(),
                    "filename" | "library" | "path" | "weights_path" | "extension_path"
                );
                let binary = [".so", ".dll", ".dylib", ".cl"].iter().any(|end| value.ends_with(end));
                let place = key == "value" && name == "weights_path";
                if (named || binary || place) && model.files.len() < 1000 && !value.is_empty() {
                    model.files.push((format!("{name}@{key}"), value));
                }
            }
            open.push(name.to_owned());
        }
        Seen::Text(text) => {
            if open.last().is_some_and(|name| name == "Source") && !text.trim().is_empty() {
                model.kernels.push(text.trim().chars().take(400).collect());
            }
        }
        Seen::End => {
            open.pop();
        }
    });
    if let Some(end) = edges.iter().find(|end| !layers.contains(*end)) {
        let detail = format!("an edge ends at layer `{}`, which is not there", end.escape_debug());
        lies.push(Defect::whole("openvino-edge", detail));
    }
    defects.append(&mut lies);
    model.xml = document;
    Parsed { format: FORMAT.name, facts: Facts::OpenVino(model), defects, members: Vec::new() }
}

/// Bits of an element of a type.
fn bits(kind: &str) -> Option<u64> {
    Some(match kind {
        "u1" => 1,
        "u2" => 2,
        "i4" | "u4" | "nf4" | "f4e2m1" => 4,
        "i8" | "u8" | "boolean" | "f8e4m3" | "f8e5m2" | "f8e8m0" => 8,
        "i16" | "u16" | "f16" | "bf16" => 16,
        "i32" | "u32" | "f32" => 32,
        "i64" | "u64" | "f64" => 64,
        _ => return None,
    })
}

/// Checks where a constant says its bytes are, against its shape.
fn weights(element: &quick_xml::events::BytesStart<'_>, model: &mut OpenVino) -> Option<Defect> {
    let text = |key: &str| attribute(element, key);
    let (offset, size) = (text("offset")?, text("size")?);
    let lie = |detail: String| Some(Defect::whole("openvino-weights", detail));
    let (Ok(from), Ok(length)) = (offset.trim().parse::<u64>(), size.trim().parse::<u64>()) else {
        return lie(format!("weights of {size} bytes at {offset}"));
    };
    let Some(end) = from.checked_add(length).filter(|end| *end < 1 << 48) else {
        return lie(format!("weights of {size} bytes at {offset}"));
    };
    model.weights = model.weights.max(end);
    let shape = text("shape").unwrap_or_default();
    let extents: Option<Vec<u64>> = shape
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect();
    let Some(extents) = extents else { return lie(format!("weights of shape {}", shape.escape_debug())) };
    let elements = extents.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent));
    let needed = bits(&text("element_type")?)
        .and_then(|bits| elements?.checked_mul(bits))
        .map(|bits| bits.div_ceil(8));
    match (elements, needed) {
        (None, _) => lie(format!("weights of shape {}", shape.escape_debug())),
        (_, Some(needed)) if needed > length => lie(format!(
            "a constant of shape {} needs {needed} bytes, {length} are stated",
            shape.escape_debug()
        )),
        _ => None,
    }
}
