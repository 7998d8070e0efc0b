//! Level 4: a header of twenty bytes, a name and numbers, over and over.

use super::{Mat, Variable};
use crate::{Defect, Input};

/// One matrix.
struct Header {
    name: String,
    rows: u64,
    columns: u64,
    /// Bytes of its numbers; `None` where they cannot be counted.
    size: Option<u64>,
    data: usize,
}

/// The matrix at `at`, if the header there is one.
fn header(bytes: &[u8], at: usize) -> Option<Header> {
    let field =
        |index: usize| -> Option<[u8; 4]> { bytes.get(at + index * 4..at + index * 4 + 4)?.try_into().ok() };
    let little = u32::from_le_bytes(field(0)?) < 5000;
    let number = |index| field(index).map(if little { u32::from_le_bytes } else { u32::from_be_bytes });
    let kind = number(0)?;
    let (machine, reserved, precision, matrix) = (kind / 1000, kind / 100 % 10, kind / 10 % 10, kind % 10);
    let (rows, columns, imaginary, length) = (number(1)?, number(2)?, number(3)?, number(4)? as usize);
    if machine > 4
        || reserved != 0
        || precision > 5
        || matrix > 2
        || imaginary > 1
        || !(1..=64).contains(&length)
    {
        return None;
    }
    let name = bytes.get(at + 20..at + 20 + length)?;
    let name = name.strip_suffix(&[0]).unwrap_or(name);
    let plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    if name.is_empty() || !plain || name[0].is_ascii_digit() {
        return None;
    }
    let width = [8, 4, 4, 2, 2, 1][precision as usize];
    let (rows, columns) = (u64::from(rows), u64::from(columns));
    let size =
        rows.checked_mul(columns).and_then(|count| count.checked_mul(width * (1 + u64::from(imaginary))));
    Some(Header {
        name: String::from_utf8_lossy(name).into_owned(),
        rows,
        columns,
        size,
        data: at + 20 + length,
    })
}

pub(super) fn begins(bytes: &[u8]) -> bool {
    header(bytes, 0).is_some()
}

pub(super) fn read(input: &Input<'_>) -> (Mat, Vec<Defect>) {
    let mut facts = Mat { level: 4, ..Mat::default() };
    let mut defects = Vec::new();
    let mut at = 0;
    while at < input.bytes.len() && facts.variables.len() < input.budget.limits.records {
        let Some(found) = header(input.bytes, at) else {
            defects.push(Defect::at("mat-header", at as u64, "no header of a matrix where one is due"));
            break;
        };
        let left = (input.bytes.len() - found.data) as u64;
        let shape = vec![found.rows, found.columns];
        facts.variables.push(Variable { name: found.name, class: 6, shape });
        match found.size.filter(|size| *size <= left).and_then(|size| usize::try_from(size).ok()) {
            Some(size) => at = found.data + size,
            None => {
                let detail =
                    format!("{} by {} numbers where {left} bytes are left", found.rows, found.columns);
                defects.push(Defect::at("mat-size", at as u64, detail));
                break;
            }
        }
    }
    (facts, defects)
}
