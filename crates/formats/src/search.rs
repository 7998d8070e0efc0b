//! Words in bytes, found as fast as the processor reads.

use memchr::memmem;

/// Whether `word` stands somewhere in `bytes`.
pub(crate) fn holds(bytes: &[u8], word: &[u8]) -> bool {
    memmem::find(bytes, word).is_some()
}

/// Where `word` begins in `bytes`, first to last, without overlaps.
pub(crate) fn places<'a>(bytes: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    memmem::find_iter(bytes, word)
}
