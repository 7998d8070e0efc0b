//! The numbers and bit vectors of a directory.

/// Reads a directory from front to back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers<'a>(pub(super) &'a [u8]);

impl<'a> Numbers<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(first)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.bytes(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    /// A number of one to nine bytes: the first says with its leading ones how many follow.
    pub(super) fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let (mut mask, mut value) = (0x80_u8, 0_u64);
        for index in 0..8 {
            if first & mask == 0 {
                let high = u64::from(first & (mask - 1));
                return Some(value | high << (8 * index));
            }
            value |= u64::from(self.byte()?) << (8 * index);
            mask >>= 1;
        }
        Some(value)
    }

    /// A number that counts things of which each takes at least one bit here or elsewhere.
    pub(super) fn count(&mut self, most: usize) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= most)
    }

    pub(super) fn bits(&mut self, count: usize) -> Option<Vec<bool>> {
        let bytes = self.bytes(count.div_ceil(8))?;
        let bit = |index: usize| bytes.get(index / 8).is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0);
        Some((0..count).map(bit).collect())
    }

    /// Which of `count` things have a value: all, or those of a bit vector.
    pub(super) fn defined(&mut self, count: usize) -> Option<Vec<bool>> {
        if self.byte()? != 0 { Some(vec![true; count]) } else { self.bits(count) }
    }

    /// Leaves out the checksums of `count` things; which have one.
    pub(super) fn skip_digests(&mut self, count: usize) -> Option<Vec<bool>> {
        let defined = self.defined(count)?;
        self.bytes(4 * defined.iter().filter(|defined| **defined).count())?;
        Some(defined)
    }
}
