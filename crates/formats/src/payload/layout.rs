//! Which bytes of a file are tensors, which belong to nobody, and which texts it carries along.

use super::scan::begins;
use crate::weights::{Element, Span};
use crate::{Facts, Input, Parsed, gguf, onnx, safetensors, torch, zip};

/// Bytes that belong to nobody.
#[derive(Debug)]
pub(super) struct Free {
    pub(super) from: u64,
    pub(super) to: u64,
    /// Where that is, for people.
    pub(super) place: &'static str,
}

/// What lies where.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) tensors: Vec<Span>,
    pub(super) free: Vec<Free>,
    pub(super) texts: Vec<(String, String)>,
}

impl Layout {
    fn free(&mut self, from: u64, to: u64, place: &'static str) {
        if from < to {
            self.free.push(Free { from, to, place });
        }
    }

    /// Everything from `start` that no tensor covers.
    fn gaps(&mut self, start: u64, end: u64) {
        let mut spans: Vec<(u64, u64)> =
            self.tensors.iter().map(|span| (span.offset, span.offset.saturating_add(span.length))).collect();
        spans.sort_unstable();
        let mut covered = start;
        for (from, to) in spans {
            if from > covered {
                self.free(covered, from.min(end), "between the tensors");
            }
            covered = covered.max(to);
        }
        self.free(covered.min(end), end, "behind the tensors");
    }
}

/// The comment of an archive, for people to read.
pub(super) const COMMENT: &str = "in the comment";
/// Where text is nothing to wonder about.
pub(super) const ELSEWHERE: &str = "in a file of another kind";
/// The end of a file in which only a pickle that calls something is worth telling.
pub(super) const TAIL_OF_ANYTHING: &str = "at the end";
const TAIL: u64 = 64 << 10;
/// Texts of metadata longer than this are looked at.
const TEXT: usize = 12;

pub(super) fn layout(input: &Input<'_>, parsed: &Parsed) -> Layout {
    let mut layout = Layout::default();
    let size = input.bytes.len() as u64;
    match &parsed.facts {
        Facts::Safetensors(facts) => of_safetensors(facts, size, &mut layout),
        Facts::Gguf(facts) => of_gguf(facts, size, &mut layout),
        Facts::Npy(npy) => {
            if let (Some(element), Some(elements), false) = (npy.element, npy.elements(), npy.objects) {
                let kind = match (element.kind, element.bytes) {
                    ('f', 2) => Element::F16,
                    ('f', 4) => Element::F32,
                    ('f', 8) => Element::F64,
                    ('i' | 'u', 1) => Element::Byte,
                    _ => Element::Other,
                };
                let length = elements.saturating_mul(element.bytes);
                let element = if element.big_endian { Element::Other } else { kind };
                layout.tensors.push(Span {
                    name: "array".to_owned(),
                    element,
                    offset: npy.data_offset,
                    length,
                });
                let end = npy.data_offset.saturating_add(length);
                layout.free(end.min(size), size, "behind the array");
            }
        }
        Facts::Onnx(onnx) => of_onnx(onnx, &mut layout),
        Facts::Torch(torch) => {
            of_torch(torch, &mut layout);
            of_zip(input, &torch.zip, &mut layout);
        }
        Facts::Zip(zip) => of_zip(input, zip, &mut layout),
        Facts::Pickle(pickle) if pickle.trailing > 0 && !pickle.torch_legacy => {
            layout.free(size.saturating_sub(pickle.trailing), size, "behind the pickle");
        }
        Facts::Unknown
            if crate::polyglot::is_picture(input.bytes) || crate::polyglot::is_named_model(input) =>
        {
            layout.free(0, size, ELSEWHERE);
        }
        Facts::Text(_) if crate::polyglot::placeholder(input).is_some() => {
            layout.free(0, size, ELSEWHERE);
        }
        // Behind a text, or what nobody knows, a pickle is all that a loader would find.
        Facts::Text(_)
        | Facts::Unknown
        | Facts::Table(_)
        | Facts::Xml(_)
        | Facts::OpenVino(_)
        | Facts::Pmml(_) => {
            layout.free(size.saturating_sub(TAIL), size, TAIL_OF_ANYTHING);
        }
        _ => {}
    }
    layout
}

fn of_safetensors(facts: &safetensors::Safetensors, size: u64, layout: &mut Layout) {
    let start = facts.header_length.saturating_add(8);
    if facts.tensors.is_empty() && facts.metadata.is_empty() {
        return;
    }
    for tensor in &facts.tensors {
        let element = match tensor.dtype.as_str() {
            "F32" => Element::F32,
            "F16" => Element::F16,
            "BF16" => Element::Bf16,
            "F64" => Element::F64,
            "I8" | "U8" => Element::Byte,
            _ => Element::Other,
        };
        layout.tensors.push(Span {
            name: tensor.name.clone(),
            element,
            offset: start.saturating_add(tensor.begin),
            length: tensor.end.saturating_sub(tensor.begin),
        });
    }
    layout.gaps(start, size);
    layout.texts.extend(
        facts
            .metadata
            .iter()
            .filter(|(_, text)| text.len() >= TEXT)
            .map(|(key, text)| (key.clone(), text.clone())),
    );
}

fn of_gguf(facts: &gguf::Gguf, size: u64, layout: &mut Layout) {
    if facts.data_offset == 0 || facts.tensors.iter().any(|tensor| tensor.size.is_none()) {
        return;
    }
    for tensor in &facts.tensors {
        let element = match tensor.kind {
            _ if facts.big_endian => Element::Other,
            0 => Element::F32,
            1 => Element::F16,
            28 => Element::F64,
            30 => Element::Bf16,
            _ => Element::Other,
        };
        layout.tensors.push(Span {
            name: tensor.name.clone(),
            element,
            offset: facts.data_offset.saturating_add(tensor.offset),
            length: tensor.size.unwrap_or(0),
        });
    }
    layout.gaps(facts.data_offset, size);
    let texts = facts.metadata.iter().filter_map(|(key, value)| match value {
        gguf::Value::Text(text) if text.len() >= TEXT && !key.contains("chat_template") => {
            Some((key.clone(), text.clone()))
        }
        _ => None,
    });
    layout.texts.extend(texts);
}

fn of_onnx(facts: &onnx::Onnx, layout: &mut Layout) {
    for (key, text) in facts.metadata.iter().chain(&facts.texts).filter(|(_, text)| text.len() >= TEXT) {
        layout.texts.push((key.clone(), text.clone()));
    }
    let Some(graph) = &facts.graph else { return };
    for tensor in &graph.initialisers {
        let onnx::TensorData::Raw(range) = &tensor.data else { continue };
        let element = match tensor.dtype {
            onnx::DataType::FLOAT => Element::F32,
            onnx::DataType::FLOAT16 => Element::F16,
            onnx::DataType::BFLOAT16 => Element::Bf16,
            onnx::DataType::DOUBLE => Element::F64,
            onnx::DataType::INT8 | onnx::DataType::UINT8 => Element::Byte,
            _ => Element::Other,
        };
        let (offset, length) = (range.start as u64, range.len() as u64);
        layout.tensors.push(Span { name: tensor.name.clone(), element, offset, length });
    }
}

fn of_torch(facts: &torch::Torch, layout: &mut Layout) {
    for storage in &facts.storages {
        let Some((offset, length)) = storage.place else { continue };
        let element = match storage.kind.as_str() {
            _ if facts.byte_order == "big" => Element::Other,
            "FloatStorage" => Element::F32,
            "HalfStorage" => Element::F16,
            "BFloat16Storage" => Element::Bf16,
            "DoubleStorage" => Element::F64,
            "ByteStorage" | "CharStorage" => Element::Byte,
            _ => Element::Other,
        };
        layout.tensors.push(Span { name: storage.key.clone(), element, offset, length });
    }
    // Storages that the pickle does not refer to are loaded by nobody who reads it, and by anybody who knows.
    let referred: std::collections::BTreeSet<u64> = layout.tensors.iter().map(|span| span.offset).collect();
    let strangers = facts.zip.entries.iter().filter(|entry| {
        entry.method == 0 && entry.name.contains("data/") && !referred.contains(&entry.data_offset)
    });
    layout.tensors.extend(strangers.map(|entry| Span {
        name: entry.name.clone(),
        element: Element::Other,
        offset: entry.data_offset,
        length: entry.compressed,
    }));
}

/// Bytes between members that are neither headers nor descriptors.
fn of_zip(input: &Input<'_>, zip: &zip::Zip, layout: &mut Layout) {
    let size = input.bytes.len() as u64;
    if zip.appended > 0 {
        layout.free(size.saturating_sub(zip.appended), size, "behind the archive");
    }
    for (from, to) in &zip.gaps {
        // A program or script may carry an archive along, and says so by being the file.
        let own = *from == 0 && begins(input.bytes, 0).is_some_and(|found| found.kind.runs());
        layout.free(if own { 16 } else { *from }, *to, "outside the members");
    }
    layout.free(zip.comment.0, zip.comment.1, COMMENT);
}
