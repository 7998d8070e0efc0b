//! What earlier scans found out about files that have not changed: small records in a folder, each as good as gone.
//!
//! Nothing depends on a record being there or whole. One that is damaged, cut or somebody else's is no record; one that
//! cannot be written is not written.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use vauban_domain::Digest;

/// Bytes of one record at most.
const RECORD: u64 = 64 << 20;
/// How every record begins; it changes with the form of the rest.
const MAGIC: &[u8] = b"vauban cache 1\n";

/// Records by key, in a folder of their own.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    limit: u64,
    written: AtomicBool,
}

impl Cache {
    /// The cache in `folder`, which need not be there; it is kept below `limit` bytes.
    pub fn new(folder: impl Into<PathBuf>, limit: u64) -> Self {
        Self { folder: folder.into(), limit, written: AtomicBool::new(false) }
    }

    /// The record under `key`, if there is a whole one.
    #[expect(clippy::disallowed_methods, reason = "the store reads what it keeps")]
    pub fn get(&self, key: &Digest) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        std::fs::File::open(self.place(key)).ok()?.take(RECORD).read_to_end(&mut bytes).ok()?;
        let rest = bytes.strip_prefix(MAGIC)?;
        let (sum, record) = rest.split_at_checked(32)?;
        (checksum(key, record).bytes() == sum).then(|| record.to_owned())
    }

    /// Keeps `record` under `key`, in one step: a reader sees the old one or the new one.
    pub fn put(&self, key: &Digest, record: &[u8]) {
        if record.len() as u64 + 64 > RECORD {
            return;
        }
        // A cache that cannot be written is one without this record.
        if self.try_put(key, record).is_ok() {
            self.written.store(true, Ordering::Relaxed);
        }
    }

    fn try_put(&self, key: &Digest, record: &[u8]) -> std::io::Result<()> {
        let place = self.place(key);
        let folder = place.parent().unwrap_or(&self.folder);
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        let part = place.with_extension(format!("part{}", std::process::id()));
        let mut file = std::fs::File::create(&part)?;
        file.write_all(MAGIC)?;
        file.write_all(checksum(key, record).bytes())?;
        file.write_all(record)?;
        std::fs::rename(&part, &place)
    }

    /// Removes the oldest records until a quarter of the limit is free, if it is passed. Does nothing when nothing was
    /// written.
    pub fn prune(&self) {
        if !self.written.load(Ordering::Relaxed) {
            return;
        }
        let mut records: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for folder in children(&self.folder) {
            for path in children(&folder) {
                if let Ok(metadata) = std::fs::symlink_metadata(&path)
                    && metadata.is_file()
                {
                    let time = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                    records.push((time, metadata.len(), path));
                }
            }
        }
        let mut total: u64 = records.iter().map(|(_, size, _)| size).sum();
        if total <= self.limit {
            return;
        }
        records.sort();
        for (_, size, path) in records {
            if total <= self.limit / 4 * 3 {
                break;
            }
            if std::fs::remove_file(path).is_ok() {
                total -= size;
            }
        }
    }

    fn place(&self, key: &Digest) -> PathBuf {
        let hex = key.hex();
        self.folder.join(hex.get(..2).unwrap_or_default()).join(hex)
    }
}

/// Ties a record to its key, so that one that was moved is no record.
fn checksum(key: &Digest, record: &[u8]) -> Digest {
    Digest::of(&[key.bytes().as_slice(), record].concat())
}

#[expect(clippy::disallowed_methods, reason = "the store lists what it keeps")]
fn children(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests break what is kept")]
mod tests {
    use super::*;

    #[test]
    fn what_is_damaged_or_moved_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"), 1 << 20);
        let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
        assert_eq!(cache.get(&one), None);
        cache.put(&one, b"record");
        assert_eq!(cache.get(&one).unwrap(), b"record");
        std::fs::create_dir_all(cache.place(&other).parent().unwrap()).unwrap();
        std::fs::copy(cache.place(&one), cache.place(&other)).unwrap();
        assert_eq!(cache.get(&other), None, "moved");
        let mut bytes = std::fs::read(cache.place(&one)).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(cache.place(&one), &bytes).unwrap();
        assert_eq!(cache.get(&one), None, "flipped");
        std::fs::write(cache.place(&one), &bytes[..20]).unwrap();
        assert_eq!(cache.get(&one), None, "cut");
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path(), 10_000);
        for number in 0..20_u8 {
            cache.put(&Digest::of(&[number]), &[number; 1000]);
        }
        cache.prune();
        let left = (0..20_u8).filter(|number| cache.get(&Digest::of(&[*number])).is_some()).count();
        assert!((4..=7).contains(&left), "{left}");
    }
}
