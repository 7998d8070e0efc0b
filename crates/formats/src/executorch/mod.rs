//! ExecuTorch: a program for small devices, as a FlatBuffer with segments behind it.
//!
//! Source: ExecuTorch's `schema/program.fbs`, `exir/_serialize/_program.py` (extended header), identifier `ET12`.

use crate::flatbuffer::{Flatbuffer, Table};
use crate::{Budget, Defect, Facts, Format, Input, Parsed, Recognised};

/// How ExecuTorch programs are found and read.
pub const FORMAT: Format = Format { name: "executorch", extensions: &["pte"], recognise, parse };

/// One program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecuTorch {
    /// Version of the schema.
    pub version: u32,
    /// Methods that can be run.
    pub methods: Vec<String>,
    /// Operators that the methods call, each once: `aten::add.out`.
    pub operators: Vec<String>,
    /// Back ends that parts of the program are handed to as they are: `XnnpackBackend`.
    pub delegates: Vec<String>,
    /// Segments behind the program: offset and size.
    pub segments: Vec<(u64, u64)>,
}

/// Names kept.
const KEPT: usize = 10_000;

fn recognise(input: &Input<'_>) -> Recognised {
    match input.bytes.get(4..8) {
        Some(b"ET12") => Recognised::ByMagic,
        Some([b'E', b'T', b'0'..=b'9', b'0'..=b'9']) if input.extension() == "pte" => Recognised::ByMagic,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (program, defects) = read(input.bytes, input.budget);
    Parsed { format: FORMAT.name, facts: Facts::ExecuTorch(program), defects, members: Vec::new() }
}

/// Reads a program; where an offset lies, what comes before is kept.
pub fn read(bytes: &[u8], budget: &Budget) -> (ExecuTorch, Vec<Defect>) {
    let mut program = ExecuTorch::default();
    let mut defects = Vec::new();
    let size = bytes.len() as u64;
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    // The extended header says where the segments begin.
    let mut base = 0;
    if bytes.get(8..12) == Some(b"eh00") {
        let (length, start) = (number(16).unwrap_or(0), number(24).unwrap_or(0));
        if length > size || start > size {
            let detail = format!(
                "the header says {length} bytes of program and segments from {start} on, the file has {size}"
            );
            defects.push(Defect::at("executorch-past-end", 8, detail));
        }
        base = start;
    }
    let mut walk = Walk { program: &mut program, base, budget };
    if let Err(detail) = walk.program(bytes) {
        defects.push(Defect::whole("executorch-broken", detail));
    }
    for (offset, length) in &program.segments {
        if offset.checked_add(*length).is_none_or(|end| end > size) {
            let detail = format!("a segment of {length} bytes at {offset} ends after the file of {size}");
            defects.push(Defect::at("executorch-past-end", *offset, detail));
            break;
        }
    }
    (program, defects)
}

struct Walk<'p> {
    program: &'p mut ExecuTorch,
    base: u64,
    budget: &'p Budget,
}

impl Walk<'_> {
    fn program(&mut self, bytes: &[u8]) -> Result<(), String> {
        let root = Flatbuffer::new(bytes).root().map_err(|lie| format!("{lie:?}"))?;
        let told = |lie| format!("{lie:?}");
        self.program.version = root.u32(0).map_err(told)?.unwrap_or(0);
        if let Some(plans) = root.vector(1, 4).map_err(told)? {
            for plan in plans.tables().take(KEPT) {
                self.plan(&plan.map_err(told)?)?;
                if self.budget.is_stopped() {
                    return Ok(());
                }
            }
        }
        if let Some(segments) = root.vector(4, 4).map_err(told)? {
            for segment in segments.tables().take(KEPT) {
                let segment = segment.map_err(told)?;
                let offset = segment.u64(0).map_err(told)?.unwrap_or(0);
                let length = segment.u64(1).map_err(told)?.unwrap_or(0);
                self.program.segments.push((self.base.saturating_add(offset), length));
            }
        }
        Ok(())
    }

    fn plan(&mut self, plan: &Table<'_>) -> Result<(), String> {
        let told = |lie| format!("{lie:?}");
        self.program.methods.extend(plan.text(0).map_err(told)?);
        if let Some(operators) = plan.vector(6, 4).map_err(told)? {
            for operator in operators.tables().take(KEPT) {
                let operator = operator.map_err(told)?;
                let name = operator.text(0).map_err(told)?.unwrap_or_default();
                let overload = operator.text(1).map_err(told)?.unwrap_or_default();
                let name = if overload.is_empty() { name } else { format!("{name}.{overload}") };
                if !self.program.operators.contains(&name) && self.program.operators.len() < 1000 {
                    self.program.operators.push(name);
                }
            }
        }
        if let Some(delegates) = plan.vector(7, 4).map_err(told)? {
            for delegate in delegates.tables().take(KEPT) {
                let id = delegate.map_err(told)?.text(0).map_err(told)?.unwrap_or_default();
                if !self.program.delegates.contains(&id) && self.program.delegates.len() < 1000 {
                    self.program.delegates.push(id);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lies_are_told_and_nothing_panics() {
        let mut lie = [0x40_u32.to_le_bytes().as_slice(), b"ET12eh00", &[0x20, 0, 0, 0]].concat();
        lie.extend(0_u64.to_le_bytes());
        lie.extend((1_u64 << 32).to_le_bytes());
        lie.resize(96, 0);
        let (_, defects) = read(&lie, &Budget::default());
        assert!(defects.iter().any(|defect| defect.code == "executorch-past-end"), "{defects:?}");
        for end in 0..lie.len() {
            let _ = read(lie.get(..end).unwrap_or_default(), &Budget::default());
        }
        for at in 0..lie.len() * 8 {
            let mut bytes = lie.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            let _ = read(&bytes, &Budget::default());
        }
    }
}
