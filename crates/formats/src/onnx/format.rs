//! How ONNX files are found among others: protobuf carries no magic.

use super::{Onnx, TensorData};
use crate::{Facts, Format, Input, Limits, Member, Parsed, Recognised};

/// How ONNX models are found and read.
pub const FORMAT: Format = Format { name: "onnx", extensions: &["onnx", "ort"], recognise, parse };

fn recognise(input: &Input<'_>) -> Recognised {
    if super::ort::is_ort(input.bytes) {
        return Recognised::ByMagic;
    }
    let named = input.extension() == "onnx";
    // `ir_version`, field 1, comes first in everything that exporters write; then one of the other fields.
    let shaped = matches!(
        input.bytes,
        [0x08, 1..=30, 0x12 | 0x1a | 0x22 | 0x28 | 0x32 | 0x3a | 0x42 | 0x72 | 0xa2 | 0xca, ..]
    );
    if shaped && (named || has_nodes(input.bytes)) {
        return Recognised::ByShape;
    }
    if named && !input.bytes.is_empty() { Recognised::ByName } else { Recognised::No }
}

fn has_nodes(bytes: &[u8]) -> bool {
    let (onnx, _) = super::parse(bytes, &Limits { nodes: 10_000, ..Limits::default() });
    onnx.graph.is_some_and(|graph| !graph.nodes.is_empty())
}

fn parse(input: &Input<'_>) -> Parsed {
    let (onnx, defects) = if super::ort::is_ort(input.bytes) {
        super::ort::parse(input.bytes, &input.budget.limits)
    } else {
        super::parse(input.bytes, &input.budget.limits)
    };
    let members = attached(input, &onnx);
    Parsed { format: FORMAT.name, facts: Facts::Onnx(onnx), defects, members }
}

/// Tensors whose bytes begin as files of other formats do, read as such if they are.
fn attached(input: &Input<'_>, onnx: &Onnx) -> Vec<Member> {
    let mut members = Vec::new();
    onnx.visit_tensors(&mut |tensor| {
        let TensorData::Raw(range) = &tensor.data else { return };
        let bytes = input.bytes.get(range.clone()).unwrap_or_default();
        let begins =
            matches!(bytes, [0x80, 2..=5, ..] | [b'P', b'K', 3, 4, ..] | [0x7f, b'E', b'L', b'F', ..]);
        if !begins || members.len() >= 100 {
            return;
        }
        let inner = input.member(&tensor.name, bytes);
        if crate::identify(&inner).is_some_and(|format| !matches!(format.name, "text" | "onnx")) {
            let parsed = crate::parse(&inner);
            // Weights may begin with any bytes: only what holds together is told.
            if parsed.defects.is_empty() {
                members.push(Member { name: tensor.name.clone(), size: bytes.len() as u64, parsed });
            }
        }
    });
    members
}
