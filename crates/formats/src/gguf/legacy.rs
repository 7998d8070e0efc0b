//! The formats before GGUF: `ggml`, `ggmf`, `ggjt` and `ggla`, as llama.cpp before August 2023 and its kin wrote them.
//!
//! They state neither the model's kind nor how many numbers its header has, so every layout that is known is tried: the
//! header's numbers, a vocabulary (each token with a score or not), then a tensor. Source: `llama.cpp` at `b1000`
//! (`llama_file_loader`), whisper.cpp and ggml's examples (`gpt-2`, `mnist`).

use crate::{Budget, Defect};

/// Magics as they stand in the file, and their names.
const MAGICS: &[(&[u8; 4], &str)] =
    &[(b"lmgg", "ggml"), (b"fmgg", "ggmf"), (b"tjgg", "ggjt"), (b"algg", "ggla")];
/// Longest token, in bytes; longer ones are no token of any model.
const TOKEN: u64 = 1 << 16;

/// The name of an old format, by its magic.
pub(super) fn named(bytes: &[u8]) -> Option<&'static str> {
    let head = bytes.get(..4)?;
    let (_, name) = MAGICS.iter().find(|(magic, _)| magic.as_slice() == head)?;
    // A version that exists, or a vocabulary that is no text.
    let next = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?);
    (*name == "ggml" || next <= 3).then_some(*name)
}

/// What is wrong with a file of an old format.
pub(super) fn check(bytes: &[u8], name: &str, budget: &Budget) -> Vec<Defect> {
    let file = File { bytes, budget };
    let start = if name == "ggml" { 4 } else { 8 };
    if name == "ggla" {
        // An adapter: two numbers, then tensors.
        return if file.is_tensor(16) { Vec::new() } else { vec![broken(name, 16)] };
    }
    let scored = name != "ggml";
    for numbers in 4..=20_usize {
        let mut at = start + numbers * 4;
        // Whisper has a table of filters there.
        if numbers == 11
            && let (Some(rows), Some(columns)) = (file.number(at), file.number(at + 4))
            && (1..=1024).contains(&rows)
            && (1..=4096).contains(&columns)
        {
            let after = at + 8 + rows as usize * columns as usize * 4;
            if let Some(count) = file.number(after)
                && file.vocabulary(after + 4, count, false).is_some_and(|end| file.ends_well(end))
            {
                return Vec::new();
            }
        }
        let Some(count) = file.number(start) else { break };
        for _ in 0..2 {
            if file.vocabulary(at, count, scored).is_some_and(|end| file.ends_well(end)) || file.is_tensor(at)
            {
                return Vec::new();
            }
            // The size of the vocabulary may be repeated before it.
            if file.number(at) != Some(count) {
                break;
            }
            at += 4;
        }
    }
    vec![broken(name, start)]
}

fn broken(name: &str, at: usize) -> Defect {
    let detail = format!("{name}: neither a vocabulary nor a tensor of any known layout follows the header");
    Defect::at("ggml-layout", at as u64, detail)
}

struct File<'a> {
    bytes: &'a [u8],
    budget: &'a Budget,
}

impl File<'_> {
    fn number(&self, at: usize) -> Option<i32> {
        Some(i32::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?))
    }

    /// Where a vocabulary of `count` tokens ends.
    fn vocabulary(&self, mut at: usize, count: i32, scored: bool) -> Option<usize> {
        let count = usize::try_from(count).ok().filter(|count| *count <= self.bytes.len() / 4)?;
        for token in 0..count {
            if token.is_multiple_of(4096) && self.budget.is_stopped() {
                return None;
            }
            let length = u64::from(u32::from_le_bytes(*self.bytes.get(at..)?.first_chunk()?));
            if length > TOKEN {
                return None;
            }
            at = at.checked_add(4 + usize::try_from(length).ok()? + if scored { 4 } else { 0 })?;
        }
        (at <= self.bytes.len()).then_some(at)
    }

    fn ends_well(&self, at: usize) -> bool {
        at == self.bytes.len() || self.is_tensor(at)
    }

    /// Whether a tensor is described here: dimensions, length of the name, type, extents, a name that can be read.
    fn is_tensor(&self, at: usize) -> bool {
        let (Some(dimensions), Some(name), Some(kind)) =
            (self.number(at), self.number(at + 4), self.number(at + 8))
        else {
            return false;
        };
        if !(1..=4).contains(&dimensions) || !(1..=256).contains(&name) || !(0..64).contains(&kind) {
            return false;
        }
        let start = at + 12 + dimensions as usize * 4;
        let extents = (0..dimensions)
            .all(|axis| self.number(at + 12 + axis as usize * 4).is_some_and(|extent| extent > 0));
        let readable = self.bytes.get(start..start + name as usize);
        extents && readable.is_some_and(|name| name.iter().all(u8::is_ascii_graphic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(numbers: &[i32], tail: &[u8]) -> Vec<u8> {
        let mut out = b"tjgg".to_vec();
        numbers.iter().for_each(|number| out.extend(number.to_le_bytes()));
        out.extend(tail);
        out
    }

    #[test]
    fn a_vocabulary_and_a_tensor_are_expected() {
        let tail = [
            2_i32.to_le_bytes().as_slice(),
            b"ab",
            &[0; 4],
            &1_i32.to_le_bytes(),
            &1_i32.to_le_bytes(),
            &0_i32.to_le_bytes(),
            &4_i32.to_le_bytes(),
            b"w",
            &[0; 16],
        ]
        .concat();
        let good = file(&[3, 1, 8, 8, 8, 1, 8, 0], &tail);
        assert_eq!(named(&good), Some("ggjt"));
        assert_eq!(check(&good, "ggjt", &Budget::default()), []);
        let bad = file(&[3, 0x7fff_ffff, 8, 8, 8, 1, 8, 0], &tail);
        assert_eq!(check(&bad, "ggjt", &Budget::default())[0].code, "ggml-layout");
        for at in 0..good.len() {
            let _ = check(&good[..at], "ggjt", &Budget::default());
        }
    }
}
