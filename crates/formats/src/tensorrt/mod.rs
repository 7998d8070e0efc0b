//! Engines of TensorRT: serialised for one kind of device, with the names of the plugins they need.
//!
//! Source: NVIDIA TensorRT 10 Developer Guide, version compatibility of engines; the layout is not published.

use crate::strings::strings;
use crate::{Facts, Format, Input, Parsed, Recognised};

/// How such files are found and read.
pub const FORMAT: Format =
    Format { name: "tensorrt", extensions: &["engine", "plan", "trt"], recognise, parse };

/// What can be read of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tensorrt {
    /// Readable stretches with their offsets.
    pub texts: Vec<(u64, String)>,
}

fn recognise(input: &Input<'_>) -> Recognised {
    // The magic is a number in either order of bytes.
    match input.bytes {
        [b'f' | b'p', b't', b'r', b't', ..] | [b't', b'r', b't', b'f' | b'p', ..] => Recognised::ByMagic,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let facts = Tensorrt { texts: strings(input.bytes) };
    Parsed { format: FORMAT.name, facts: Facts::Tensorrt(facts), defects: Vec::new(), members: Vec::new() }
}
