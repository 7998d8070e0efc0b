//! Small decoders inside pages: the hybrid of runs and packed bits, and raw Snappy.

/// Numbers of a fixed bit width as runs and packed groups of eight (`Encodings.md`, RLE).
pub(super) struct Hybrid<'a> {
    bytes: &'a [u8],
    width: u8,
    run: u64,
    value: u32,
    /// Packed numbers left, and the bit of the next.
    packed: u64,
    bit: usize,
}

impl<'a> Hybrid<'a> {
    /// `width` is at most 32.
    pub(super) fn new(bytes: &'a [u8], width: u8) -> Self {
        Self { bytes, width: width.min(32), run: 0, value: 0, packed: 0, bit: 0 }
    }

    fn header(&mut self) -> Option<()> {
        let header = varint(&mut self.bytes)?;
        let count = header >> 1;
        if header & 1 == 1 {
            self.packed = count.checked_mul(8)?;
            self.bit = 0;
            return Some(());
        }
        let length = usize::from(self.width.div_ceil(8));
        let (value, rest) = self.bytes.split_at_checked(length)?;
        self.value = value.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
        (self.bytes, self.run) = (rest, count);
        Some(())
    }
}

impl Iterator for Hybrid<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        // A header may state nothing; each takes a byte at least, so this ends.
        while self.run == 0 && self.packed == 0 {
            self.header()?;
        }
        if self.run > 0 {
            self.run -= 1;
            return Some(self.value);
        }
        let mut value = 0_u64;
        for place in 0..usize::from(self.width) {
            let bit = self.bit + place;
            value |= u64::from(*self.bytes.get(bit / 8)? >> (bit % 8) & 1) << place;
        }
        self.bit += usize::from(self.width);
        self.packed -= 1;
        if self.packed == 0 {
            self.bytes = self.bytes.get(self.bit / 8..)?;
            self.bit = 0;
        }
        u32::try_from(value).ok()
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Raw Snappy (`format_description.txt`) of exactly `size` bytes.
pub(super) fn snappy(mut bytes: &[u8], size: usize) -> Option<Vec<u8>> {
    if varint(&mut bytes)? != size as u64 {
        return None;
    }
    let mut out: Vec<u8> = Vec::new();
    while let Some((tag, rest)) = bytes.split_first() {
        bytes = rest;
        let mut little = |count: usize| -> Option<usize> {
            let (number, rest) = bytes.split_at_checked(count)?;
            bytes = rest;
            Some(number.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte)))
        };
        let high = usize::from(tag >> 2);
        let (offset, length) = match tag & 3 {
            0 => {
                let length = 1 + if high < 60 { high } else { little(high - 59)? };
                let (literal, rest) = bytes.split_at_checked(length)?;
                bytes = rest;
                if out.len() + literal.len() > size {
                    return None;
                }
                out.extend_from_slice(literal);
                continue;
            }
            1 => ((high >> 3) << 8 | little(1)?, 4 + (high & 7)),
            2 => (little(2)?, 1 + high),
            _ => (little(4)?, 1 + high),
        };
        let from = out.len().checked_sub(offset).filter(|_| offset > 0 && out.len() + length <= size)?;
        // A copy may overlap what it makes.
        for at in from..from + length {
            out.push(out[at]);
        }
    }
    (out.len() == size).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_groups_come_out() {
        // The example of Encodings.md: 0 to 7 in three bits; then five times 3.
        let bytes = [0x03, 0x88, 0xc6, 0xfa, 0x0a, 0x03];
        let found: Vec<u32> = Hybrid::new(&bytes, 3).collect();
        assert_eq!(found, [0, 1, 2, 3, 4, 5, 6, 7, 3, 3, 3, 3, 3]);
        assert_eq!(Hybrid::new(&[0x02], 3).count(), 0);
    }

    #[test]
    fn snappy_copies_overlap_and_broken_ones_are_refused() {
        // "ab", then six bytes from two back.
        let bytes = [8, 0x04, b'a', b'b', 0x09, 2];
        assert_eq!(snappy(&bytes, 8).as_deref(), Some(&b"abababab"[..]));
        assert_eq!(snappy(&bytes, 7), None);
        assert_eq!(snappy(&[8, 0x09, 2], 8), None);
        assert_eq!(snappy(&[8, 0xfc, 0xff, 0xff, 0xff, 0xff], 8), None);
    }
}
