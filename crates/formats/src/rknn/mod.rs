//! Models for Rockchip's neural processors: a header, the network, and a description in JSON behind it.
//!
//! Source: files written by RKNN-Toolkit2 2.3; the layout is not published.

use crate::strings::strings;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// How such files are found and read.
pub const FORMAT: Format = Format { name: "rknn", extensions: &["rknn"], recognise, parse };

/// What can be read of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rknn {
    /// Readable stretches with their offsets.
    pub texts: Vec<(u64, String)>,
}

fn recognise(input: &Input<'_>) -> Recognised {
    match input.bytes {
        [b'R', b'K', b'N', b'N', 0, 0, 0, 0, ..] => Recognised::ByMagic,
        [b'R', b'K', b'N', b'N', ..] if input.extension() == "rknn" => Recognised::ByMagic,
        _ => Recognised::No,
    }
}

/// The header: magic, version of the layout, bytes that follow; eight each.
fn defects(bytes: &[u8]) -> Vec<Defect> {
    let stated = bytes.get(16..24).and_then(|raw| raw.try_into().ok()).map(u64::from_le_bytes);
    let held = bytes.len() as u64;
    match stated {
        Some(stated) if stated <= held => Vec::new(),
        Some(stated) => {
            let detail = format!("the header states {stated} bytes in a file of {held}");
            vec![Defect::at("rknn-size", 16, detail)]
        }
        None => vec![Defect::at("rknn-size", 0, "the file ends inside its header")],
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let facts = Rknn { texts: strings(input.bytes) };
    Parsed {
        format: FORMAT.name,
        facts: Facts::Rknn(facts),
        defects: defects(input.bytes),
        members: Vec::new(),
    }
}
