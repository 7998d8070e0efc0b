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
        for bytes in 1..width.min(4) {
            let mut low = plane(block, width, bytes, false);
            read(&low, &mut found);
            if bytes == 1 {
                // Bits may have been written one by one, the lowest first.
                low.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
                read(&low, &mut found);
            } else {
                // Whoever writes numbers with the first byte first leaves the payload backwards.
                read(&plane(block, width, bytes, true), &mut found);
            }
        }
    }
    for bits in [1, 2, 3, 4] {
        for lowest_first in [false, true] {
            let mut packed = packed(block, width, bits, lowest_first);
            read(&packed, &mut found);
            packed.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
            read(&packed, &mut found);
        }
        if !found.is_empty() {
            break;
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

/// The lowest `bits` of every element one after another, eight together, each element's highest or lowest first.
fn packed(block: &[u8], width: usize, bits: u32, lowest_first: bool) -> Vec<u8> {
    let mask = (1_u32 << bits) - 1;
    let mut out = Vec::with_capacity(block.len() / width * bits as usize / 8 + 1);
    let (mut value, mut held) = (0_u32, 0_u32);
    for low in block.iter().step_by(width) {
        let low = u32::from(*low) & mask;
        let low = if lowest_first && bits > 1 { low.reverse_bits() >> (32 - bits) } else { low };
        value = value << bits | low;
        held += bits;
        if held >= 8 {
            held -= 8;
            out.push((value >> held & 0xff) as u8);
        }
    }
    out
}
