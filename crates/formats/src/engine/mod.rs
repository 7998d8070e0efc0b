//! Models compiled for one runtime, whose layout is not published: TensorRT engines, RKNN, CNTK of version 1. What can
//! be told without it: the frame, programs inside, and texts that name libraries or say commands.
//!
//! Sources: the headers as netron reads them (`rknn.js`, `tensorrt.js`, `cntk.js`).

#[cfg(test)]
mod tests;
mod texts;

use crate::executable::{self, Kind};
use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};

/// How compiled models are found and read.
pub const FORMAT: Format =
    Format { name: "engine", extensions: &["engine", "plan", "rknn", "trt"], recognise, parse };

/// A compiled model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// Its runtime.
    pub runtime: Runtime,
    /// Programs for the host inside it: kind and offset. Kernels for the accelerator are none.
    pub programs: Vec<(Kind, u64)>,
    /// Texts inside it: offset and text.
    pub texts: Vec<(u64, String)>,
}

/// The runtime that a model is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Runtime {
    /// Microsoft's CNTK, binary models of version 1.
    Cntk,
    /// Rockchip's NPU.
    Rknn,
    /// NVIDIA TensorRT.
    TensorRt,
}

impl Runtime {
    /// Its name for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cntk => "CNTK",
            Self::Rknn => "RKNN",
            Self::TensorRt => "TensorRT",
        }
    }
}

fn runtime(bytes: &[u8]) -> Option<Runtime> {
    match bytes {
        [b'p' | b'f', b't', b'r', b't', _, _, _, _, ..] => Some(Runtime::TensorRt),
        [b'R', b'K', b'N', b'N', 0, 0, 0, 0, ..] => Some(Runtime::Rknn),
        [b'B', 0, b'C', 0, b'N', 0, 0, 0, ..] | [b'B', b'C', b'N', 0, b'B', ..] => Some(Runtime::Cntk),
        _ => None,
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    runtime(input.bytes).map_or(Recognised::No, |_| Recognised::ByMagic)
}

/// ELF's number of NVIDIA's processors: kernels, which every engine has.
const CUDA: u8 = 190;

fn parse(input: &Input<'_>) -> Parsed {
    let bytes = input.bytes;
    let runtime = runtime(bytes).unwrap_or(Runtime::TensorRt);
    let mut defects = Vec::new();
    if runtime == Runtime::Rknn {
        defects.extend(frame(bytes));
    }
    let mut programs = Vec::new();
    let mut from = 16;
    // Magics begin with one of these bytes; all else is passed over quickly.
    while let Some(place) =
        bytes.get(from..).and_then(|rest| rest.iter().position(|byte| matches!(byte, 0x7f | b'M' | 0xcf)))
    {
        let at = from + place;
        from = at + 1;
        if input.budget.is_stopped() || programs.len() >= 64 {
            break;
        }
        if let Some(found) = executable::at(bytes, at)
            && !(found.kind == Kind::Elf && bytes.get(at + 18) == Some(&CUDA))
        {
            programs.push((found.kind, at as u64));
        }
    }
    let mut members = Vec::new();
    if let Some(at) = pickle(bytes) {
        let name = format!("pickle@{at}");
        let parsed = crate::parse(&input.member(&name, &bytes[at..]));
        members.push(Member { name, size: (bytes.len() - at) as u64, parsed });
    }
    let facts = Engine { runtime, programs, texts: texts::texts(bytes) };
    Parsed { format: FORMAT.name, facts: Facts::Engine(facts), defects, members }
}

/// Where a pickle with a frame begins behind the header.
fn pickle(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..1 << 20).unwrap_or(bytes);
    (8..head.len()).find(|at| matches!(head.get(*at..at + 11), Some([0x80, 4 | 5, 0x95, .., 0, 0, 0, 0, 0])))
}

/// RKNN: version, length of the data, and where they begin; from version 2 a text with its length follows.
fn frame(bytes: &[u8]) -> Option<Defect> {
    let number =
        |at: usize| bytes.get(at..at + 8).and_then(|field| field.try_into().ok()).map(u64::from_le_bytes);
    let (version, length) = (number(8)?, number(16)?);
    let start = if version & 0xfff == 1 { 24 } else { 64 };
    let left = (bytes.len() as u64).saturating_sub(start);
    (length > left)
        .then(|| Defect::at("rknn-length", 16, format!("{length} bytes of data where {left} are left")))
}
