//! One member of an archive, as its headers describe it.

/// One member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Name in the central directory, lossily as UTF-8.
    pub name: String,
    /// Compression method: 0 stored, 8 deflated, 12 bzip2, 14 LZMA, 93 Zstandard, 95 XZ.
    pub method: u16,
    /// Stored size.
    pub compressed: u64,
    /// Size when inflated, as stated.
    pub size: u64,
    /// CRC-32 of the content, as stated.
    pub crc: u32,
    /// General purpose flags; bit 0 is encryption.
    pub flags: u16,
    /// Unix mode in the upper half, if the archive was made on Unix.
    pub attributes: u32,
    /// Where the content starts.
    pub data_offset: u64,
    /// Whether the central directory has it.
    pub listed: bool,
    /// What it links to, if it is a symbolic link and short.
    pub link: Option<String>,
}

impl Entry {
    /// Whether it stands for a folder. An empty deflated stream is two bytes long.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/') && self.size == 0 && self.compressed <= 2
    }

    /// Where its stored bytes are in an archive of `length` bytes, start and end, cut where the archive ends.
    ///
    /// A streaming reader does not know the size when it stands behind the data: then that is the rest.
    pub(crate) fn span(&self, length: usize) -> (usize, usize) {
        let start = usize::try_from(self.data_offset).map_or(length, |start| start.min(length));
        let stored = usize::try_from(self.compressed).unwrap_or(usize::MAX);
        let end = if !self.listed && stored == 0 { length } else { start.saturating_add(stored).min(length) };
        (start, end)
    }

    /// Whether its content is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether it is a symbolic link.
    pub fn is_link(&self) -> bool {
        self.attributes >> 16 & 0o170_000 == 0o120_000
    }
}
