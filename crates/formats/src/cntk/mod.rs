//! Models of Microsoft Cognitive Toolkit: dictionaries in protobuf (version 2), or the older binary layout.
//!
//! Source: `Source/CNTKv2LibraryDll/proto/CNTK.proto` and `Source/Common/Include/File.h` of CNTK 2.7.

use crate::protobuf::Fields;
use crate::strings::strings;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// How such files are found and read.
pub const FORMAT: Format = Format { name: "cntk", extensions: &["cntk", "dnn"], recognise, parse };

/// What can be read of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cntk {
    /// Readable stretches with their offsets.
    pub texts: Vec<(u64, String)>,
}

/// Keys that every dictionary of a model has some of.
const KEYS: &[&str] = &["inputs", "primitive_functions", "root_uid", "type", "uid", "version"];

fn recognise(input: &Input<'_>) -> Recognised {
    let bytes = input.bytes;
    if bytes.starts_with(b"B\0C\0N\0\0\0") || bytes.starts_with(b"BCN\0B") {
        return Recognised::ByMagic;
    }
    let [0x08, 1..=9, 0x12, ..] = bytes else { return Recognised::No };
    let mut known = 0;
    for field in Fields::new(bytes, 0..bytes.len()).map_while(Result::ok).take(32) {
        let Some(range) = field.bytes().filter(|_| field.number == 2) else { continue };
        let key = Fields::new(bytes, range).next().and_then(Result::ok).filter(|key| key.number == 1);
        let key = key.and_then(|key| key.bytes()).and_then(|range| bytes.get(range)).unwrap_or_default();
        known += usize::from(KEYS.iter().any(|name| name.as_bytes() == key));
    }
    // A dictionary inside a dictionary: the map is a message of its own.
    let nested = || {
        let mut keys = 0;
        let map = Fields::new(bytes, 0..bytes.len()).nth(1)?.ok()?.bytes()?;
        for entry in Fields::new(bytes, map).map_while(Result::ok).take(32) {
            let name = entry.bytes().and_then(|range| bytes.get(range)).unwrap_or_default();
            keys += usize::from(KEYS.iter().any(|key| name == key.as_bytes()));
        }
        Some(keys)
    };
    if known >= 2 || known + nested().unwrap_or(0) >= 2 { Recognised::ByShape } else { Recognised::No }
}

fn defects(bytes: &[u8]) -> Vec<Defect> {
    if bytes.starts_with(b"B") {
        return Vec::new();
    }
    Fields::new(bytes, 0..bytes.len()).filter_map(Result::err).take(1).collect()
}

fn parse(input: &Input<'_>) -> Parsed {
    let facts = Cntk { texts: strings(input.bytes) };
    Parsed {
        format: FORMAT.name,
        facts: Facts::Cntk(facts),
        defects: defects(input.bytes),
        members: Vec::new(),
    }
}
