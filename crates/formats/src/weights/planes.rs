//! What can be read out of the low bits and bytes of numbers, one plane after another.

use super::Element;
use crate::payload::{Found, is_prose, scan, starts};

/// Characters at the beginning of a plane that make a text.
const TEXT: usize = 40;

/// Everything that hides in a block's low bytes, or low bits.
pub(super) fn hidden(block: &[u8], element: Element) -> Vec<Found> {
    let width = element.bytes();
    let mut found = Vec::new();
    if width > 1 {
        for bytes in 1..width {
            let low = plane(block, width, bytes, false);
            read(&low, &mut found);
            // Whoever writes numbers with the first byte first leaves the payload backwards.
            if bytes > 1 {
                read(&plane(block, width, bytes, true), &mut found);
            }
        }
    }
    for bits in [1, 2, 4] {
        for first_is_low in [false, true] {
            read(&packed(block, width, bits, first_is_low), &mut found);
        }
    }
    found.dedup_by_key(|found| found.kind);
    found
}

/// Adds what a plane holds.
fn read(plane: &[u8], found: &mut Vec<Found>) {
    found.extend(scan(plane));
    // A length of four or eight bytes may stand before the text.
    for start in [0, 4, 8] {
        if plane.get(start..start + TEXT).is_some_and(is_prose) {
            found.push(starts::text(start));
            return;
        }
    }
}

/// The lowest `bytes` of every element of `width`, in stored order or the other way round.
fn plane(block: &[u8], width: usize, bytes: usize, backwards: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(block.len() / width * bytes);
    for value in block.chunks_exact(width) {
        let low = value.get(..bytes).unwrap_or_default();
        if backwards { out.extend(low.iter().rev()) } else { out.extend_from_slice(low) }
    }
    out
}

/// The lowest `bits` of every element, eight together.
fn packed(block: &[u8], width: usize, bits: u32, first_is_low: bool) -> Vec<u8> {
    let per_byte = (8 / bits) as usize;
    let mask = (1_u16 << bits) as u8 - 1;
    block
        .chunks_exact(width * per_byte)
        .map(|group| {
            group.iter().step_by(width).enumerate().fold(0_u8, |byte, (index, value)| {
                let low = value & mask;
                if first_is_low { byte | low << (index as u32 * bits) } else { byte << bits | low }
            })
        })
        .collect()
}
