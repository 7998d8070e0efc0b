//! Where the bytes of an archive come from: memory that is borrowed, or a stream that is read once.

use std::borrow::Cow;
use std::io::Read;

/// Bytes from front to back.
pub(super) trait Source<'a> {
    /// The next `length` bytes, fewer at the end.
    fn take(&mut self, length: usize) -> Cow<'a, [u8]>;
    /// Leaves out `length` bytes; how many there were.
    fn skip(&mut self, length: u64) -> u64;
    /// Whether taking costs memory.
    fn copies(&self) -> bool;
}

/// Bytes in memory.
pub(super) struct Memory<'a>(pub(super) &'a [u8]);

impl<'a> Source<'a> for Memory<'a> {
    fn take(&mut self, length: usize) -> Cow<'a, [u8]> {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        Cow::Borrowed(taken)
    }

    fn skip(&mut self, length: u64) -> u64 {
        let skipped = usize::try_from(length).unwrap_or(usize::MAX).min(self.0.len());
        self.0 = self.0.get(skipped..).unwrap_or_default();
        skipped as u64
    }

    fn copies(&self) -> bool {
        false
    }
}

/// Bytes of a stream of which the first were taken already.
pub(super) struct Stream<'h, R> {
    pub(super) head: &'h [u8],
    pub(super) reader: R,
}

impl<'a, R: Read> Source<'a> for Stream<'_, R> {
    fn take(&mut self, length: usize) -> Cow<'a, [u8]> {
        let (first, rest) = self.head.split_at(length.min(self.head.len()));
        self.head = rest;
        let mut taken = first.to_vec();
        let more = (length - taken.len()) as u64;
        // A reader that fails keeps its error and ends.
        let _ = self.reader.by_ref().take(more).read_to_end(&mut taken);
        Cow::Owned(taken)
    }

    fn skip(&mut self, length: u64) -> u64 {
        let first = usize::try_from(length).unwrap_or(usize::MAX).min(self.head.len());
        self.head = self.head.get(first..).unwrap_or_default();
        let more = length - first as u64;
        let read = std::io::copy(&mut self.reader.by_ref().take(more), &mut std::io::sink()).unwrap_or(0);
        first as u64 + read
    }

    fn copies(&self) -> bool {
        true
    }
}
