//! `.pdiparams`: tensors one after the other, without names.
//!
//! Source: `SerializeToStream` of `paddle/fluid/framework/lod_tensor.cc` and `tensor_util.cc`.

use crate::protobuf::Fields;
use crate::{Defect, Input, Member};

/// The tensor at `at`: where it ends, if its header is one.
fn tensor(bytes: &[u8], at: usize) -> Option<Result<usize, Defect>> {
    let number = |at: usize| bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes);
    let long = |at: usize| bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes);
    // Version, levels of offsets with their bytes, version again, length of the description.
    if number(at)? != 0 {
        return None;
    }
    let levels = long(at + 4)?;
    if levels > 8 {
        return None;
    }
    let mut place = at + 12;
    for _ in 0..levels {
        place = place.checked_add(8)?.checked_add(usize::try_from(long(place)?).ok()?)?;
    }
    if number(place)? != 0 {
        return None;
    }
    let length =
        usize::try_from(number(place.checked_add(4)?)?).ok().filter(|length| (2..4096).contains(length))?;
    let begin = place + 8;
    let end = begin.checked_add(length).filter(|end| *end <= bytes.len())?;
    let (mut kind, mut elements) = (None, Some(1_u64));
    for field in Fields::new(bytes, begin..end) {
        let field = field.ok()?;
        match (field.number, field.varint()) {
            (1, Some(number)) => kind = Some(number),
            (2, Some(extent)) => elements = elements.and_then(|elements| elements.checked_mul(extent)),
            (2, None) => {
                for extent in crate::protobuf::packed_varints(bytes, field.bytes()?) {
                    elements = elements.and_then(|elements| elements.checked_mul(extent.ok()?));
                }
            }
            _ => return None,
        }
    }
    let width = match kind? {
        0 | 20 | 21 => 1,
        1 | 4 | 22 => 2,
        2 | 5 => 4,
        3 | 6 | 23 => 8,
        24 => 16,
        32 | 33 => 1,
        _ => return None,
    };
    let left = (bytes.len() - end) as u64;
    let size = elements.and_then(|elements| elements.checked_mul(width)).filter(|size| *size <= left);
    Some(match size {
        Some(size) => Ok(end + size as usize),
        None => {
            let detail = format!("a tensor has more elements than the {left} bytes that are left");
            Err(Defect::at("paddle-tensor", at as u64, detail))
        }
    })
}

pub(super) fn begins(bytes: &[u8]) -> bool {
    // Most files are told from this by their first bytes.
    bytes.starts_with(&[0; 4]) && tensor(bytes, 0).is_some()
}

pub(super) fn read(input: &Input<'_>) -> (Vec<Defect>, Vec<Member>) {
    let (mut defects, mut members) = (Vec::new(), Vec::new());
    let mut at = 0;
    let mut rounds = 0_u32;
    while at < input.bytes.len() {
        rounds += 1;
        if rounds.is_multiple_of(4096) && input.budget.is_stopped() {
            defects.push(Defect::at("limit-time", at as u64, "the time for the file was over"));
            break;
        }
        match tensor(input.bytes, at) {
            Some(Ok(end)) => at = end,
            Some(Err(defect)) => {
                defects.push(defect);
                break;
            }
            None => {
                let rest = &input.bytes[at..];
                if rest.iter().any(|byte| *byte != 0) {
                    let found =
                        crate::payload::region(input, at as u64, rest, "behind the tensors", &mut members);
                    if found.is_empty() {
                        let detail = format!("{} bytes follow the tensors", rest.len());
                        defects.push(Defect::at("paddle-trailing", at as u64, detail));
                    }
                    defects.extend(found);
                }
                break;
            }
        }
    }
    (defects, members)
}
