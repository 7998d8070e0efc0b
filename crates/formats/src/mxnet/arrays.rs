//! `.params`: arrays one after the other, then their names.

use super::Mxnet;
use crate::{Defect, Input, Member};

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Read<T> = Result<T, Defect>;

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Read<&'a [u8]> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        let taken = end.and_then(|end| self.bytes.get(self.at..end)).ok_or_else(|| {
            let left = self.bytes.len().saturating_sub(self.at);
            Defect::at("mxnet-length", self.at as u64, format!("{length} bytes are due, {left} are there"))
        })?;
        self.at += taken.len();
        Ok(taken)
    }

    fn u32(&mut self) -> Read<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().unwrap_or_default()))
    }

    fn u64(&mut self) -> Read<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().unwrap_or_default()))
    }

    /// Elements of a shape with this many dimensions.
    fn shape(&mut self, dimensions: u32, width: u64) -> Read<u64> {
        let at = self.at as u64;
        let wrong = |detail: String| Defect::at("mxnet-shape", at, detail);
        if dimensions > 32 {
            return Err(wrong(format!("{dimensions} dimensions")));
        }
        let mut elements = 1_u64;
        for _ in 0..dimensions {
            let extent = if width == 4 { u64::from(self.u32()?) } else { self.u64()? };
            elements = elements
                .checked_mul(extent)
                .filter(|elements| *elements <= i64::MAX as u64)
                .ok_or_else(|| wrong("more elements than can be counted".to_owned()))?;
        }
        Ok(elements)
    }

    /// One array; false where its layout is not followed (sparse ones).
    fn array(&mut self) -> Read<bool> {
        let start = self.at as u64;
        let dimensions;
        let mut width = 8;
        match self.u32()? {
            // Versions 2 and 3 say how the array is stored.
            0xf993_fac9 | 0xf993_faca => {
                let storage = self.u32()?;
                if storage != 0 {
                    return Ok(false);
                }
                dimensions = self.u32()?;
            }
            0xf993_fac8 => dimensions = self.u32()?,
            // The first version had no magic: this is the number of dimensions.
            small @ 0..=32 => {
                dimensions = small;
                width = 4;
            }
            other => return Err(Defect::at("mxnet-array", start, format!("{other:#x} begins no array"))),
        }
        let elements = self.shape(dimensions, width)?;
        // No dimensions: an array that was never filled, and nothing follows.
        if dimensions == 0 {
            return Ok(true);
        }
        self.u64()?;
        let size = match self.u32()? {
            0 | 4 => 4,
            1 | 6 => 8,
            2 | 8..=10 | 12 => 2,
            3 | 5 | 7 => 1,
            other => return Err(Defect::at("mxnet-type", start, format!("{other} is no type of elements"))),
        };
        let length = elements.saturating_mul(size);
        self.take(length)?;
        Ok(true)
    }
}

pub(super) fn read(input: &Input<'_>) -> (Mxnet, Vec<Defect>, Vec<Member>) {
    let mut facts = Mxnet::default();
    let mut defects = Vec::new();
    let mut members = Vec::new();
    let mut reader = Reader { bytes: input.bytes, at: 16 };
    match walk(&mut reader, input, &mut facts) {
        Ok(true) => {
            let rest = &input.bytes[reader.at..];
            if rest.iter().any(|byte| *byte != 0) {
                let found =
                    crate::payload::region(input, reader.at as u64, rest, "behind the arrays", &mut members);
                if found.is_empty() {
                    let detail = format!("{} bytes follow the arrays", rest.len());
                    defects.push(Defect::at("mxnet-trailing", reader.at as u64, detail));
                }
                defects.extend(found);
            }
        }
        Ok(false) => {}
        Err(defect) => defects.push(defect),
    }
    (facts, defects, members)
}

/// Whether everything was followed to its end.
fn walk(reader: &mut Reader<'_>, input: &Input<'_>, facts: &mut Mxnet) -> Read<bool> {
    let count = reader.u64()?;
    let left = (input.bytes.len() - reader.at) as u64;
    if count > left / 4 {
        return Err(Defect::at("mxnet-count", 16, format!("{count} arrays in {left} bytes")));
    }
    for round in 0..count {
        if round % 4096 == 4095 && input.budget.is_stopped() {
            return Err(Defect::at("limit-time", reader.at as u64, "the time for the file was over"));
        }
        if !reader.array()? {
            return Ok(false);
        }
    }
    let names = reader.u64()?;
    for _ in 0..names {
        let length = reader.u64()?;
        let name = reader.take(length)?;
        if facts.arrays.len() < input.budget.limits.records {
            facts.arrays.push(String::from_utf8_lossy(name).into_owned());
        }
    }
    Ok(true)
}
