//! The bytes of a file, mapped where that pays.

use std::fs::File;
use std::io::Read;
use std::ops::Deref;
use std::path::Path;

/// Files from here on are mapped: below it a read is faster than the page faults.
const MAPPED_FROM: u64 = 1 << 16;

/// The bytes of one file, read-only.
#[derive(Debug)]
pub enum Content {
    /// Read into memory.
    Owned(Vec<u8>),
    /// Mapped from the file.
    Mapped(memmap2::Mmap),
}

impl Content {
    /// Opens `path` read-only without following a symbolic link in its last part.
    ///
    /// # Errors
    /// What the system says when it cannot be opened, read or mapped.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let mut file = open_no_follow(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(std::io::Error::other("not a regular file"));
        }
        if metadata.len() < MAPPED_FROM {
            let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
            // A file that grows while it is read must not fill the memory.
            file.by_ref().take(MAPPED_FROM).read_to_end(&mut bytes)?;
            return Ok(Self::Owned(bytes));
        }
        // SAFETY: the map is private to this process and read-only. Another process that truncates the file meanwhile
        // ends ours with a bus error, as it would any scanner that maps; nothing is executed from the map.
        #[allow(unsafe_code)]
        let map = unsafe { memmap2::Mmap::map(&file)? };
        Ok(Self::Mapped(map))
    }

    /// Gives the memory of these bytes back to the system; whoever reads them again gets them from the file again.
    /// So a file of any size passes through a small window of memory.
    pub fn release(&self, from: usize, length: usize) {
        #[cfg(unix)]
        if let Self::Mapped(map) = self
            && from.saturating_add(length) <= map.len()
        {
            // SAFETY: the map is read-only and backed by the file, so pages that are dropped come back unchanged.
            #[allow(unsafe_code)]
            let advised =
                unsafe { map.unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, from, length) };
            // Advice that is not taken costs memory and nothing else.
            drop(advised);
        }
    }
}

/// What the system says about a file that changes whenever its content does: its place on the disk, its size and when it
/// was last written or renamed. The time (`ctime`) cannot be set back by programs without rights, but who owns the disk can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    device: u64,
    file: u64,
    size: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    /// The stamp of a regular file; none where the system does not tell files apart.
    #[cfg(unix)]
    pub(crate) fn of(metadata: &std::fs::Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        metadata.is_file().then(|| Self {
            device: metadata.dev(),
            file: metadata.ino(),
            size: metadata.len(),
            seconds: metadata.ctime(),
            nanoseconds: metadata.ctime_nsec(),
        })
    }

    /// Not known here.
    #[cfg(not(unix))]
    pub(crate) fn of(_metadata: &std::fs::Metadata) -> Option<Self> {
        None
    }
}

impl std::fmt::Display for Stamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}-{}.{:09}", self.device, self.file, self.size, self.seconds, self.nanoseconds)
    }
}

/// The stamp of the file at `path`, as text.
pub fn stamp(path: &Path) -> Option<String> {
    let metadata = std::fs::symlink_metadata(path).ok()?;
    Stamp::of(&metadata).map(|stamp| stamp.to_string())
}

#[cfg(unix)]
fn open_no_follow(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // O_NOFOLLOW and O_NONBLOCK: a link swapped in after the walk fails, a pipe does not hang.
    std::fs::OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

#[cfg(not(unix))]
fn open_no_follow(path: &Path) -> std::io::Result<File> {
    std::fs::OpenOptions::new().read(true).open(path)
}

impl Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}
