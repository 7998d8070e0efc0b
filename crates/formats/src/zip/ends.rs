//! End records: where an archive's directory lies, by every way of looking for it.

use super::directory::CENTRAL;
use super::fields::{u16_at, u32_at, u64_at};
use crate::search::places;

const END: [u8; 4] = [b'P', b'K', 5, 6];
const END_64: [u8; 4] = [b'P', b'K', 6, 6];
const END_LENGTH: usize = 22;
/// Longest comment, so the end record is no further from the end of the file than this.
const END_SEARCH: usize = END_LENGTH + 0xffff;

/// Offsets of what looks like end records, last first, among the bytes where loaders look.
pub(super) fn end_records(bytes: &[u8]) -> Vec<usize> {
    let from = bytes.len().saturating_sub(END_SEARCH);
    let tail = bytes.get(from..).unwrap_or_default();
    let mut found: Vec<usize> =
        places(tail, &END).map(|at| from + at).filter(|at| at + END_LENGTH <= bytes.len()).collect();
    found.reverse();
    found
}

/// Whether a loader that searches from the end would find a directory with members.
pub(super) fn has_end_record(bytes: &[u8]) -> bool {
    end_records(bytes).into_iter().any(|at| {
        Directory::all_at(bytes, at)
            .iter()
            .any(|directory| directory.entries > 0 && directory.is_usable(bytes))
    })
}

/// Where one central directory lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) entries: u64,
    /// What must be added to every stored offset, because something was put before the archive.
    pub(super) shift: i64,
    pub(super) after: usize,
    /// Where the end record is.
    pub(super) record: usize,
}

impl Directory {
    /// The directories that the end record at `at` describes, the one most loaders take first: by the 64-bit record, by
    /// the plain one, by the size counted back from the record (CPython) and by the offset as it stands (miniz).
    pub(super) fn all_at(bytes: &[u8], at: usize) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        let plain = Self::plain(bytes, at);
        let wide = Self::wide(bytes, at);
        for stated in [wide, plain].into_iter().flatten() {
            for directory in [stated.before(), stated.absolute()].into_iter().flatten() {
                if !found.iter().any(|known| known.start == directory.start) {
                    found.push(directory);
                }
            }
        }
        found
    }

    fn plain(bytes: &[u8], at: usize) -> Option<Stated> {
        Some(Stated {
            entries: u64::from(u16_at(bytes, at + 10)?),
            size: u64::from(u32_at(bytes, at + 12)?),
            offset: u64::from(u32_at(bytes, at + 16)?),
            end: at,
            after: (at + END_LENGTH + usize::from(u16_at(bytes, at + 20)?)).min(bytes.len()),
            record: at,
        })
    }

    /// By the 64-bit end record, whose locator stands right before the plain one.
    fn wide(bytes: &[u8], at: usize) -> Option<Stated> {
        let locator = at.checked_sub(20)?;
        if bytes.get(locator..locator + 4) != Some(&[b'P', b'K', 6, 7]) {
            return None;
        }
        let stated = usize::try_from(u64_at(bytes, locator + 8)?).ok();
        let record = [stated, locator.checked_sub(56)].into_iter().flatten().find(|record| {
            record.checked_add(4).and_then(|to| bytes.get(*record..to)) == Some(END_64.as_slice())
        })?;
        Some(Stated {
            entries: u64_at(bytes, record + 32)?,
            size: u64_at(bytes, record + 40)?,
            offset: u64_at(bytes, record + 48)?,
            end: record,
            ..Self::plain(bytes, at)?
        })
    }

    /// Whether entries can be read there.
    pub(super) fn is_usable(&self, bytes: &[u8]) -> bool {
        self.entries == 0 || bytes.get(self.start..self.start + 4) == Some(CENTRAL.as_slice())
    }
}

/// What an end record says.
#[derive(Debug, Clone, Copy)]
struct Stated {
    entries: u64,
    size: u64,
    offset: u64,
    end: usize,
    after: usize,
    record: usize,
}

impl Stated {
    /// The directory that ends where the record begins.
    fn before(self) -> Option<Directory> {
        let start = self.end.checked_sub(usize::try_from(self.size).ok()?)?;
        let shift = i64::try_from(start).ok()?.checked_sub(i64::try_from(self.offset).ok()?)?;
        let Self { entries, end, after, record, .. } = self;
        Some(Directory { start, end, entries, shift, after, record })
    }

    /// The directory that begins at the stated offset.
    fn absolute(self) -> Option<Directory> {
        let start = usize::try_from(self.offset).ok()?;
        let end = start.checked_add(usize::try_from(self.size).ok()?)?;
        let Self { entries, after, record, .. } = self;
        (end <= self.end).then_some(Directory { start, end, entries, shift: 0, after, record })
    }
}
