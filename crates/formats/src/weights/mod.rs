//! The numbers themselves: what training leaves in them, and what it cannot.
//!
//! Low bits of trained weights are as good as random, so that alone says nothing. What is looked for: content that can be
//! read out of low bits and bytes (EvilModel, least-significant-bit steganography), exponents that are evenly spread
//! (compressed or encrypted bytes in the place of numbers), NaNs that carry different payloads, text among floats.
//! Blocks of every tensor are sampled within a budget; tensors are not copied.
//!
//! Source: Wang et al., "EvilModel 2.0" (2021); Gilkarov and Dubin, "Steganalysis of AI models LSB attacks" (2024).

mod block;
mod planes;

use crate::payload::scan;
use crate::{Budget, Defect};

pub(crate) use crate::payload::Found;

/// Type of the elements, as far as its statistics are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    /// Half precision.
    F16,
    /// Brain floating point.
    Bf16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
    /// Bytes: quantised weights, or anything at all.
    Byte,
    /// Integers, truth values, blocks of quantised weights.
    Other,
}

impl Element {
    /// Bytes of one element; 1 where that says nothing.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
            Self::Byte | Self::Other => 1,
        }
    }

    /// Whether it is a floating-point number.
    pub(crate) const fn is_float(self) -> bool {
        matches!(self, Self::F16 | Self::Bf16 | Self::F32 | Self::F64)
    }
}

/// Where the values of one tensor lie.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) element: Element,
    /// First byte, in the file.
    pub(crate) offset: u64,
    /// Bytes.
    pub(crate) length: u64,
}

/// Bytes of one block.
const BLOCK: usize = 64 << 10;
/// Least bytes looked at per tensor.
const LEAST: usize = 8 << 10;
/// Tensors looked at; the budget is over long before.
const TENSORS: usize = 20_000;

/// Samples the tensors. Content that is hidden in one is told with the place of the block, statistics come back as
/// defects, one of each kind.
pub(crate) fn look(
    bytes: &[u8],
    tensors: &[Span],
    budget: &Budget,
    tell: &mut dyn FnMut(&Span, u64, &Found),
) -> Vec<Defect> {
    let mut defects: Vec<Defect> = Vec::new();
    let most = usize::try_from(budget.limits.sampled_bytes).unwrap_or(usize::MAX);
    let quota = (most / tensors.len().max(1)).max(LEAST);
    for tensor in tensors.iter().take(TENSORS) {
        if budget.is_stopped() {
            break;
        }
        let start = usize::try_from(tensor.offset).unwrap_or(usize::MAX);
        let length = usize::try_from(tensor.length).unwrap_or(usize::MAX);
        let Some(values) = bytes.get(start..start.saturating_add(length).min(bytes.len())) else { continue };
        for (from, to) in blocks(values.len(), quota) {
            let Some(block) = values.get(from..to) else { continue };
            if !budget.sample(block.len() as u64) {
                return defects;
            }
            let at = (start + from) as u64;
            if tensor.element != Element::Other || from == 0 {
                for found in scan(block).iter().filter(|found| counts(tensor.element, found)) {
                    tell(tensor, at + found.at as u64, found);
                }
            }
            if !tensor.element.is_float() && tensor.element != Element::Byte {
                continue;
            }
            for found in planes::hidden(block, tensor.element) {
                tell(tensor, at, &found);
            }
            for (code, detail) in block::judge(block, tensor.element) {
                if !defects.iter().any(|defect| defect.code == code) {
                    defects.push(Defect::at(code, at, format!("`{}`: {detail}", tensor.name)));
                }
            }
        }
    }
    defects
}

/// Whether something found among raw values counts: bytes may be anything that a program keeps.
fn counts(element: Element, found: &Found) -> bool {
    use crate::payload::Kind;
    match found.kind {
        Kind::Executable | Kind::Script => true,
        Kind::Pickle => element != Element::Other,
        Kind::Archive | Kind::Text => element.is_float(),
    }
}

/// Which bytes of a tensor are looked at: all, or its beginning and evenly spaced blocks.
fn blocks(length: usize, quota: usize) -> Vec<(usize, usize)> {
    if length <= quota.max(BLOCK) {
        return (0..length).step_by(BLOCK).map(|from| (from, (from + BLOCK).min(length))).collect();
    }
    let block = BLOCK.min(quota);
    let count = (quota / block).max(1);
    // Whole elements, whatever their width.
    let step = length / count / 8 * 8;
    (0..count).map(|index| (index * step, index * step + block)).collect()
}

#[cfg(test)]
mod tests;
