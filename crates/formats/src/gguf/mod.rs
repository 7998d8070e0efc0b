//! GGUF: the file format of llama.cpp. Header, key-value pairs, tensor descriptions, then aligned tensor bytes.
//!
//! Source: `docs/gguf.md` of the ggml project, versions 1 to 3.

mod legacy;
mod reader;

use crate::{Defect, Facts, Format, Input, Limits, Parsed, Recognised};
use reader::Reader;

/// How GGUF files are found and read.
pub const FORMAT: Format = Format { name: "gguf", extensions: &["gguf"], recognise, parse };

/// A GGUF file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gguf {
    /// Version of the format.
    pub version: u32,
    /// Whether numbers are stored with the most significant byte first.
    pub big_endian: bool,
    /// Key-value pairs, in stored order; arrays cut to their first items.
    pub metadata: Vec<(String, Value)>,
    /// Tensors, in stored order.
    pub tensors: Vec<Tensor>,
    /// Where the bytes of the tensors begin.
    pub data_offset: u64,
}

/// Items kept of an array.
const ITEMS: usize = 64;
/// Longest name of a tensor that any build of ggml holds, in bytes.
const NAME: usize = 127;
/// Dimensions that ggml supports.
const DIMENSIONS: u32 = 4;

/// A metadata value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any integer type.
    Int(i64),
    /// An unsigned 64-bit integer beyond `i64`.
    Unsigned(u64),
    /// Either float type.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A text, lossily as UTF-8.
    Text(String),
    /// An array: its first items and how many there are.
    Array(Vec<Value>, u64),
}

/// One tensor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tensor {
    /// Name.
    pub name: String,
    /// Extent per dimension, fastest first.
    pub shape: Vec<u64>,
    /// ggml's number of the element type.
    pub kind: u32,
    /// First byte, counted from [`Gguf::data_offset`].
    pub offset: u64,
    /// Bytes, if type and shape are sound.
    pub size: Option<u64>,
}

impl Gguf {
    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.value(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Templates by key: `tokenizer.chat_template`, its named variants, and whatever else is one.
    pub fn chat_templates(&self) -> impl Iterator<Item = (&str, &str)> {
        let is_template = |key: &str, text: &str| {
            key.contains("template") || text.len() > 16 && (text.contains("{{") || text.contains("{%"))
        };
        self.metadata.iter().flat_map(move |(key, value)| {
            let values = match value {
                Value::Array(items, _) => items.as_slice(),
                other => std::slice::from_ref(other),
            };
            values.iter().filter_map(move |value| match value {
                Value::Text(text) if is_template(key, text) => Some((key.as_str(), text.as_str())),
                _ => None,
            })
        })
    }

    /// Elements in all tensors.
    pub fn elements(&self) -> u64 {
        self.tensors.iter().fold(0, |sum, tensor| {
            sum.saturating_add(
                tensor.shape.iter().fold(1, |product: u64, extent| product.saturating_mul(*extent)),
            )
        })
    }
}

/// Elements and bytes of one block of an element type, by ggml's number (`ggml.h`, `ggml_type`).
const KINDS: &[(u32, u64, u64)] = &[
    (0, 1, 4),      // F32
    (1, 1, 2),      // F16
    (2, 32, 18),    // Q4_0
    (3, 32, 20),    // Q4_1
    (6, 32, 22),    // Q5_0
    (7, 32, 24),    // Q5_1
    (8, 32, 34),    // Q8_0
    (9, 32, 36),    // Q8_1
    (10, 256, 84),  // Q2_K
    (11, 256, 110), // Q3_K
    (12, 256, 144), // Q4_K
    (13, 256, 176), // Q5_K
    (14, 256, 210), // Q6_K
    (15, 256, 292), // Q8_K
    (16, 256, 66),  // IQ2_XXS
    (17, 256, 74),  // IQ2_XS
    (18, 256, 98),  // IQ3_XXS
    (19, 256, 50),  // IQ1_S
    (20, 32, 18),   // IQ4_NL
    (21, 256, 110), // IQ3_S
    (22, 256, 82),  // IQ2_S
    (23, 256, 136), // IQ4_XS
    (24, 1, 1),     // I8
    (25, 1, 2),     // I16
    (26, 1, 4),     // I32
    (27, 1, 8),     // I64
    (28, 1, 8),     // F64
    (29, 256, 56),  // IQ1_M
    (30, 1, 2),     // BF16
    (34, 256, 54),  // TQ1_0
    (35, 256, 66),  // TQ2_0
    (39, 32, 17),   // MXFP4
];

fn recognise(input: &Input<'_>) -> Recognised {
    match input.bytes {
        [b'G', b'G', b'U', b'F', ..] if input.bytes.len() >= 8 => Recognised::ByMagic,
        bytes if legacy::named(bytes).is_some() => Recognised::ByMagic,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    if let Some(name) = legacy::named(input.bytes) {
        let defects = legacy::check(input.bytes, name, input.budget);
        return Parsed { format: "ggml", facts: Facts::Gguf(Gguf::default()), defects, members: Vec::new() };
    }
    let (facts, defects) = read(input.bytes, &input.budget.limits);
    let members = facts.chat_templates().map(|(key, text)| crate::jinja::member(input, key, text)).collect();
    Parsed { format: FORMAT.name, facts: Facts::Gguf(facts), defects, members }
}

/// Reads header, pairs and tensor descriptions; the tensors themselves are not touched.
pub fn read(bytes: &[u8], limits: &Limits) -> (Gguf, Vec<Defect>) {
    let mut facts = Gguf::default();
    let mut defects = Vec::new();
    let mut reader = Reader::new(bytes, limits.nodes);
    if let Err(wrong) = read_header(&mut reader, &mut facts, limits, &mut defects) {
        defects.push(wrong);
        return (facts, defects);
    }
    check_tensors(&mut facts, bytes.len() as u64, &mut defects);
    (facts, defects)
}

fn read_header(
    reader: &mut Reader<'_>,
    facts: &mut Gguf,
    limits: &Limits,
    defects: &mut Vec<Defect>,
) -> Result<(), Defect> {
    reader.skip(4)?;
    let version = reader.u32()?;
    // A small version number with its bytes the other way round: a big-endian file.
    if version & 0xffff == 0 && version != 0 {
        reader.big_endian = true;
        facts.big_endian = true;
    }
    facts.version = if reader.big_endian { version.swap_bytes() } else { version };
    if !(1..=3).contains(&facts.version) {
        return Err(Defect::at("gguf-version", 4, format!("version {} is not known", facts.version)));
    }
    reader.short_lengths = facts.version == 1;
    let tensors = reader.length()?;
    let pairs = reader.length()?;
    // A pair takes at least 13 bytes, a tensor 24: more cannot be there.
    for (what, count, least) in [("pairs", pairs, 9), ("tensors", tensors, 20)] {
        if count > reader.left() / least {
            let detail = format!("{count} {what} cannot be in {} bytes", reader.left());
            return Err(Defect::at("gguf-count", 8, detail));
        }
    }
    for _ in 0..pairs {
        if facts.metadata.len() >= limits.records {
            return Err(Defect::at("limit-records", reader.at as u64, "more pairs than are kept"));
        }
        let at = reader.at as u64;
        let key = reader.name()?;
        if facts.metadata.len() < 4096 && facts.value(&key).is_some() {
            defects.push(Defect::at("gguf-duplicate-key", at, format!("`{key}` is given twice")));
        }
        let kind = reader.u32()?;
        if key == "general.alignment" && kind != 4 {
            let detail = "the alignment is no 32-bit number";
            defects.push(Defect::at("gguf-alignment", at, detail));
        }
        let value = reader.value(kind, ITEMS)?;
        facts.metadata.push((key, value));
    }
    for _ in 0..tensors {
        if facts.tensors.len() >= limits.records {
            return Err(Defect::at("limit-records", reader.at as u64, "more tensors than are kept"));
        }
        let at = reader.at as u64;
        let name = reader.name()?;
        if name.len() > NAME {
            let detail = format!("a tensor's name of {} bytes", name.len());
            defects.push(Defect::at("gguf-name-too-long", at, detail));
        }
        let dimensions = reader.u32()?;
        if dimensions > DIMENSIONS {
            return Err(Defect::at(
                "gguf-dimensions",
                at,
                format!("`{name}` has {dimensions} dimensions, four are allowed"),
            ));
        }
        let shape = (0..dimensions).map(|_| reader.length()).collect::<Result<_, _>>()?;
        let (kind, offset) = (reader.u32()?, reader.u64()?);
        facts.tensors.push(Tensor { name, shape, kind, offset, size: None });
    }
    let stated = match facts.value("general.alignment") {
        Some(Value::Int(alignment)) => *alignment,
        _ => 32,
    };
    let alignment = u64::try_from(stated).ok().filter(|alignment| alignment.is_power_of_two());
    if alignment.is_none() {
        defects.push(Defect::whole("gguf-alignment", format!("{stated} is no alignment")));
    }
    defects.append(&mut reader.odd);
    check_vocabulary(facts, defects);
    facts.data_offset = (reader.at as u64).next_multiple_of(alignment.unwrap_or(32).min(1 << 30));
    Ok(())
}

/// Lists about the vocabulary that must have its length, and tokens that must be in it.
fn check_vocabulary(facts: &Gguf, defects: &mut Vec<Defect>) {
    let Some(Value::Array(_, tokens)) = facts.value("tokenizer.ggml.tokens") else { return };
    for key in ["tokenizer.ggml.scores", "tokenizer.ggml.token_type"] {
        if let Some(Value::Array(_, count)) = facts.value(key)
            && count != tokens
        {
            let detail = format!("`{key}` has {count} entries for {tokens} tokens");
            defects.push(Defect::whole("gguf-vocabulary", detail));
        }
    }
    for name in ["bos", "eos", "eot", "eom", "unknown", "padding", "seperator", "separator", "cls", "mask"] {
        let key = format!("tokenizer.ggml.{name}_token_id");
        if let Some(Value::Int(id)) = facts.value(&key)
            && *id != i64::from(u32::MAX)
            && *id >= 0
            && u64::try_from(*id).is_ok_and(|id| id >= *tokens)
        {
            let detail = format!("`{key}` is {id}, beyond {tokens} tokens");
            defects.push(Defect::whole("gguf-vocabulary", detail));
        }
    }
}

fn check_tensors(facts: &mut Gguf, size: u64, defects: &mut Vec<Defect>) {
    let data = size.saturating_sub(facts.data_offset);
    let mut names = std::collections::BTreeSet::new();
    let mut spans = Vec::new();
    for tensor in &mut facts.tensors {
        let mut wrong = |code, what: String| {
            if defects.len() < 256 {
                defects.push(Defect::at(
                    code,
                    tensor.offset,
                    format!("`{}`: {what}", tensor.name.escape_debug()),
                ));
            }
        };
        if !names.insert(tensor.name.clone()) {
            wrong("gguf-duplicate-tensor", "is there twice".to_owned());
        }
        let Some((_, block, bytes)) = KINDS.iter().find(|(kind, ..)| *kind == tensor.kind) else {
            // Types are added upstream; only numbers far off are a lie.
            if tensor.kind > 255 {
                wrong("gguf-type", format!("{} is no element type", tensor.kind));
            }
            continue;
        };
        let elements = tensor.shape.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent));
        // ggml computes with signed 64-bit numbers.
        let elements = elements.filter(|elements| *elements <= i64::MAX as u64);
        let Some(due) = elements.and_then(|elements| elements.div_ceil(*block).checked_mul(*bytes)) else {
            wrong("gguf-shape-overflow", "the shape says more elements than can be counted".to_owned());
            continue;
        };
        if tensor.shape.first().is_some_and(|row| row % block != 0) {
            wrong("gguf-block", format!("rows are no multiple of {block} elements"));
        }
        tensor.size = Some(due);
        match tensor.offset.checked_add(due) {
            Some(end) if end <= data => spans.push((tensor.offset, end, tensor.name.clone())),
            _ => wrong("gguf-out-of-bounds", format!("{due} bytes at {} of {data}", tensor.offset)),
        }
    }
    spans.sort();
    let mut covered = 0;
    for (begin, end, name) in spans {
        if begin < covered && defects.len() < 256 {
            defects.push(Defect::at(
                "gguf-overlap",
                begin,
                format!("`{name}` shares bytes with another tensor"),
            ));
        }
        covered = covered.max(end);
    }
}
