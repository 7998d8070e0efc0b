//! Statistics of one block of floating-point numbers.

use std::collections::BTreeSet;

use super::Element;
use crate::payload::prose;

/// Elements of the stretches whose exponents are compared with an even spread.
const STRETCH: usize = 1024;
/// Chi-square of 256 classes below which bytes count as evenly spread: six standard deviations above its mean.
const EVEN: f64 = 391.0;
/// Different NaNs that no computation leaves: it knows one quiet NaN, perhaps with either sign.
const NANS: usize = 8;
/// Characters of text that do not occur among numbers.
const TEXT: usize = 128;

/// What cannot be left by training: code and words.
pub(super) fn judge(block: &[u8], element: Element) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if !element.is_float() {
        return found;
    }
    let width = element.bytes();
    if let Some(index) = block.chunks_exact(STRETCH * width).position(|stretch| is_even(stretch, width)) {
        let detail = format!(
            "from element {} of the block on, {STRETCH} exponents are as evenly spread as in encrypted or compressed data",
            index * STRETCH
        );
        found.push(("weights-even-exponents", detail));
    }
    let nans: BTreeSet<u64> =
        block.chunks_exact(width).filter_map(|value| nan(value, element)).take(4096).collect();
    if nans.len() >= NANS {
        found.push(("weights-nan-payload", format!("{} different NaNs; computation leaves one", nans.len())));
    }
    if let Some(at) = prose(block, TEXT) {
        found.push(("weights-text", format!("text {at} bytes into the block")));
    }
    found
}

/// Whether the bytes with sign and exponent are evenly spread over all values.
fn is_even(stretch: &[u8], width: usize) -> bool {
    let mut counts = [0_u32; 256];
    for value in stretch.chunks_exact(width) {
        if let Some(count) = value.last().and_then(|byte| counts.get_mut(usize::from(*byte))) {
            *count += 1;
        }
    }
    let expected = (stretch.len() / width) as f64 / 256.0;
    let chi_square: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    chi_square < EVEN
}

/// The payload of a NaN without its sign.
fn nan(value: &[u8], element: Element) -> Option<u64> {
    let bits = value.iter().rev().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let (exponent, mantissa) = match element {
        Element::F16 => (0x7c00, 0x03ff),
        Element::Bf16 => (0x7f80, 0x007f),
        Element::F32 => (0x7f80_0000, 0x007f_ffff),
        Element::F64 => (0x7ff0_0000_0000_0000, 0x000f_ffff_ffff_ffff),
        Element::Byte | Element::Other => return None,
    };
    (bits & exponent == exponent && bits & mantissa != 0).then_some(bits & mantissa)
}
