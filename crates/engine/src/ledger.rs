//! What each file of a tree added to the inventory before, so that an unchanged tree is listed and not read.
//!
//! Only for runs that do nothing but discover: whatever judges files needs their facts. A file is unchanged when its
//! name and what the system says about it are those of the entry. Entries count only for the very build that wrote them
//! and the same bounds, so that the result is the same to the byte with and without them.

use std::collections::HashMap;
use std::sync::Mutex;

use vauban_connect::Stamp;
use vauban_connect::inventory::Collector;
use vauban_domain::{Digest, Limit};

use crate::{Cache, Request};

/// Into how many records the entries of one tree are divided.
const SHARDS: usize = 16;

/// Identifies a file in its present state.
type Key = [u8; 16];

/// What is known about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// No parser knew it, and it adds nothing.
    Unknown,
    /// Some parser knew it, and it adds nothing.
    Nothing,
    /// What it adds, as [`Collector::record`] writes it, and what was not looked at in it.
    Adds { understood: bool, collector: Vec<u8>, limits: Vec<Limit> },
}

impl Entry {
    /// The entry of a file that was read.
    pub(crate) fn of(collector: &Collector, limits: &[Limit], understood: bool) -> Self {
        match (collector.is_empty() && limits.is_empty(), understood) {
            (true, false) => Self::Unknown,
            (true, true) => Self::Nothing,
            (false, _) => Self::Adds { understood, collector: collector.record(), limits: limits.to_vec() },
        }
    }
}

/// The entries of one tree: those of the last run and those of this one.
pub(crate) struct Ledger<'a> {
    cache: &'a dyn Cache,
    name: String,
    before: Vec<Shard>,
    now: Vec<Mutex<Shard>>,
}

/// Entries by key.
type Shard = HashMap<Key, Entry>;

impl<'a> Ledger<'a> {
    /// The ledger of what the request names; none where the cache does not know which build this is.
    pub(crate) fn open(cache: &'a dyn Cache, request: &Request) -> Option<Self> {
        let build = cache.build()?;
        let root = std::path::absolute(&request.root).ok()?;
        let name = format!(
            "ledger {build}\n{}\n{:?}\n{:?}\n{:?}",
            root.display(),
            request.limits,
            request.digest,
            request.walk
        );
        let mut ledger = Self { cache, name, before: Vec::new(), now: Vec::new() };
        for shard in 0..SHARDS {
            let entries = cache.get(&ledger.place(shard)).and_then(|bytes| read(&bytes));
            ledger.before.push(entries.unwrap_or_default());
            ledger.now.push(Mutex::default());
        }
        Some(ledger)
    }

    fn place(&self, shard: usize) -> Digest {
        Digest::of(format!("{}\n{shard}", self.name).as_bytes())
    }

    /// Which file in which state.
    pub(crate) fn key(name: &str, stamp: Stamp) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(name.as_bytes()).update(&[0]).update(stamp.to_string().as_bytes());
        let mut key = [0; 16];
        hasher.finalize_xof().fill(&mut key);
        key
    }

    /// What is known about the file from the last run.
    pub(crate) fn look(&self, key: &Key) -> Option<&Entry> {
        self.before.get(shard_of(key))?.get(key)
    }

    /// Keeps what is known now.
    pub(crate) fn note(&self, key: Key, entry: Entry) {
        if let Some(shard) = self.now.get(shard_of(&key)) {
            let mut shard = shard.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            shard.insert(key, entry);
        }
    }

    /// Writes the shards that changed.
    pub(crate) fn close(self) {
        let now: Vec<Shard> = self
            .now
            .iter()
            .map(|shard| {
                std::mem::take(&mut *shard.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
            })
            .collect();
        for (number, (before, now)) in self.before.iter().zip(&now).enumerate() {
            if before != now {
                self.cache.put(&self.place(number), &write(now));
            }
        }
    }
}

fn shard_of(key: &Key) -> usize {
    usize::from(key[0]) % SHARDS
}

/// A shard as bytes, sorted: key, kind, and what it adds behind its length.
fn write(shard: &Shard) -> Vec<u8> {
    let mut entries: Vec<(&Key, &Entry)> = shard.iter().collect();
    entries.sort_unstable_by_key(|(key, _)| **key);
    let mut bytes = Vec::with_capacity(entries.len() * 17);
    for (key, entry) in entries {
        bytes.extend_from_slice(key);
        match entry {
            Entry::Unknown => bytes.push(0),
            Entry::Nothing => bytes.push(1),
            Entry::Adds { understood, collector, limits } => {
                bytes.push(if *understood { 3 } else { 2 });
                part(&mut bytes, collector);
                let mut told = Vec::new();
                for limit in limits {
                    part(&mut told, limit.place.as_bytes());
                    part(&mut told, limit.what.as_bytes());
                }
                part(&mut bytes, &told);
            }
        }
    }
    bytes
}

fn part(bytes: &mut Vec<u8>, part: &[u8]) {
    // A part is far smaller than a record of the cache may be.
    bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(part);
}

/// Reads what [`write`] wrote; `None` if the bytes are anything else.
fn read(mut bytes: &[u8]) -> Option<Shard> {
    let mut shard = Shard::new();
    while !bytes.is_empty() {
        let key: Key = bytes.split_off(..16)?.try_into().ok()?;
        let entry = match *bytes.split_off_first()? {
            0 => Entry::Unknown,
            1 => Entry::Nothing,
            kind @ (2 | 3) => {
                let collector = next(&mut bytes)?.to_vec();
                let mut told = next(&mut bytes)?;
                let mut limits = Vec::new();
                while !told.is_empty() {
                    let place = String::from_utf8(next(&mut told)?.to_vec()).ok()?;
                    let what = String::from_utf8(next(&mut told)?.to_vec()).ok()?;
                    limits.push(Limit { place, what });
                }
                Entry::Adds { understood: kind == 3, collector, limits }
            }
            _ => return None,
        };
        shard.insert(key, entry);
    }
    Some(shard)
}

fn next<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = u32::from_le_bytes(bytes.split_off(..4)?.try_into().ok()?);
    bytes.split_off(..usize::try_from(length).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_read_as_it_was_written_and_a_broken_one_is_none() {
        let limits = vec![Limit { place: "a".to_owned(), what: "b".to_owned() }];
        let shard = Shard::from([
            ([1; 16], Entry::Unknown),
            ([2; 16], Entry::Nothing),
            ([3; 16], Entry::Adds { understood: true, collector: b"{}".to_vec(), limits }),
            ([4; 16], Entry::Adds { understood: false, collector: Vec::new(), limits: Vec::new() }),
        ]);
        let bytes = write(&shard);
        assert_eq!(read(&bytes).unwrap(), shard);
        for end in 1..bytes.len() {
            assert!(read(&bytes[..end]).is_none_or(|read| read.len() < shard.len()), "{end}");
        }
    }
}
