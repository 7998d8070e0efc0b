//! safetensors: a JSON header of names, types, shapes and places, then the bytes of the tensors.
//!
//! Source: the format section of the safetensors README; the reference reader refuses what is a defect here.

mod header;

use std::collections::BTreeMap;

use crate::{Defect, Facts, Format, Input, Limits, Parsed, Recognised};

/// How safetensors files are found and read.
pub const FORMAT: Format = Format { name: "safetensors", extensions: &["safetensors"], recognise, parse };

/// Bytes of header that the reference reader accepts.
const HEADER: u64 = 100_000_000;

/// A safetensors file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Safetensors {
    /// Length of the JSON header in bytes.
    pub header_length: u64,
    /// Tensors, by where their bytes begin.
    pub tensors: Vec<Tensor>,
    /// Free text pairs of `__metadata__`.
    pub metadata: BTreeMap<String, String>,
}

impl Safetensors {
    /// Elements in all tensors.
    pub fn elements(&self) -> u64 {
        self.tensors.iter().filter_map(Tensor::elements).fold(0, u64::saturating_add)
    }
}

/// One tensor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tensor {
    /// Name.
    pub name: String,
    /// Element type as written, `F32`.
    pub dtype: String,
    /// Extent per axis.
    pub shape: Vec<u64>,
    /// First byte, counted from the end of the header.
    pub begin: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Tensor {
    /// Number of elements; `None` if it overflows.
    pub fn elements(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent))
    }
}

/// Bits per element of a type.
fn bits(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "F4" => 4,
        "F6_E2M3" | "F6_E3M2" => 6,
        "BOOL" | "U8" | "I8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" | "F8_E5M2FNUZ" | "F8_E4M3FNUZ" => 8,
        "U16" | "I16" | "F16" | "BF16" => 16,
        "U32" | "I32" | "F32" => 32,
        "U64" | "I64" | "F64" | "C64" => 64,
        _ => return None,
    })
}

fn recognise(input: &Input<'_>) -> Recognised {
    let length = input.bytes.first_chunk::<8>().map(|length| u64::from_le_bytes(*length));
    match (length, input.bytes.get(8)) {
        (Some(length), Some(b'{'))
            if length <= input.bytes.len() as u64
                && input.bytes.get(9).is_some_and(|byte| b"\" }\n".contains(byte)) =>
        {
            Recognised::ByShape
        }
        _ if input.extension() == "safetensors" && !input.bytes.is_empty() => Recognised::ByName,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (facts, defects) = read(input.bytes, &input.budget.limits);
    let marked = |text: &str| text.contains("{{") || text.contains("{%");
    let templates = facts.metadata.iter().filter(|(key, text)| key.contains("template") && marked(text));
    let members = templates.map(|(key, text)| crate::jinja::member(input, key, text)).collect();
    Parsed { format: FORMAT.name, facts: Facts::Safetensors(facts), defects, members }
}

/// Reads the header and checks every tensor against the bytes that are there.
pub fn read(bytes: &[u8], limits: &Limits) -> (Safetensors, Vec<Defect>) {
    let mut facts = Safetensors::default();
    let Some(length) = bytes.first_chunk::<8>() else {
        return (facts, vec![Defect::at("safetensors-truncated", 0, "ends before the length of the header")]);
    };
    facts.header_length = u64::from_le_bytes(*length);
    let end = usize::try_from(facts.header_length).ok().and_then(|length| length.checked_add(8));
    let Some(text) = end.and_then(|end| bytes.get(8..end)) else {
        let detail = format!("a header of {} bytes ends after the file", facts.header_length);
        return (facts, vec![Defect::at("safetensors-header-past-end", 0, detail)]);
    };
    let mut defects = Vec::new();
    if facts.header_length > HEADER {
        let detail = format!("a header of {} bytes", facts.header_length);
        return (facts, vec![Defect::at("safetensors-header-too-long", 0, detail)]);
    }
    if text.first() != Some(&b'{') {
        defects.push(Defect::at("safetensors-header", 8, "the header does not begin with `{`"));
    }
    match header::parse(text, limits.nodes) {
        Ok(header) => {
            for key in header.duplicates {
                defects.push(Defect::at("safetensors-duplicate-key", 8, format!("`{key}` is given twice")));
            }
            for (name, why) in header.malformed {
                defects.push(Defect::at("safetensors-entry", 8, format!("`{name}`: {why}")));
            }
            facts.metadata = header.metadata;
            facts.tensors = header.tensors;
        }
        Err(why) => {
            defects.push(Defect::at("safetensors-header", 8, format!("the header is no JSON object: {why}")))
        }
    }
    facts.tensors.sort_by(|a, b| (a.begin, a.end, &a.name).cmp(&(b.begin, b.end, &b.name)));
    let data = bytes.len() as u64 - 8 - facts.header_length;
    check_places(&facts, data, &mut defects);
    (facts, defects)
}

fn check_places(facts: &Safetensors, data: u64, defects: &mut Vec<Defect>) {
    let start = 8 + facts.header_length;
    let mut covered = 0;
    for tensor in &facts.tensors {
        let mut wrong = |code, what: String| {
            if defects.len() < 256 {
                let at = start.saturating_add(tensor.begin);
                defects.push(Defect::at(code, at, format!("`{}`: {what}", tensor.name)));
            }
        };
        if tensor.begin > tensor.end || tensor.end > data {
            let what = format!("bytes {} to {} of {data}", tensor.begin, tensor.end);
            wrong("safetensors-out-of-bounds", what);
        } else {
            let due =
                bits(&tensor.dtype).and_then(|bits| Some(tensor.elements()?.checked_mul(bits)?.div_ceil(8)));
            match due {
                None if bits(&tensor.dtype).is_none() => {
                    wrong("safetensors-dtype", format!("`{}` is no element type", tensor.dtype));
                }
                None => {
                    wrong("safetensors-shape-overflow", "the shape says more bytes than can exist".to_owned())
                }
                Some(due) if due != tensor.end - tensor.begin => {
                    wrong(
                        "safetensors-length",
                        format!("{due} bytes are due, {} there", tensor.end - tensor.begin),
                    );
                }
                Some(_) => {}
            }
        }
        if tensor.begin < covered {
            wrong("safetensors-overlap", "shares bytes with the tensor before it".to_owned());
        } else if tensor.begin > covered {
            wrong(
                "safetensors-hole",
                format!("{} bytes before it belong to no tensor", tensor.begin - covered),
            );
        }
        covered = covered.max(tensor.end);
    }
    if data > covered {
        let detail = format!("{} bytes after the last tensor", data - covered);
        defects.push(Defect::at("safetensors-trailing", start.saturating_add(covered), detail));
    }
}
