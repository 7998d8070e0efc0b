//! What earlier scans found out, in the user's cache folder.

use std::sync::OnceLock;

use vauban_domain::Digest;

use crate::arguments::ScanArguments;
use crate::present;

/// Bytes that the cache may take.
const LIMIT: u64 = 256 << 20;

/// The cache of scans: records in a folder, for this build of the program.
pub(crate) struct ScanCache {
    records: vauban_store::Cache,
    build: OnceLock<Option<Digest>>,
    trusts_times: bool,
}

impl ScanCache {
    /// The cache that the options ask for; none if there is no folder for it.
    pub(crate) fn of(arguments: &ScanArguments) -> Option<Self> {
        if arguments.no_cache {
            return None;
        }
        let folder =
            arguments.cache.clone().or_else(|| Some(present::cache_folder()?.join("vauban/scan")))?;
        let records = vauban_store::Cache::new(folder, LIMIT);
        Some(Self { records, build: OnceLock::new(), trusts_times: arguments.trust_times })
    }

    /// Keeps the folder within its bound.
    pub(crate) fn prune(&self) {
        self.records.prune();
    }
}

impl vauban_engine::Cache for ScanCache {
    fn get(&self, key: &Digest) -> Option<Vec<u8>> {
        self.records.get(key)
    }

    fn put(&self, key: &Digest, record: &[u8]) {
        self.records.put(key, record);
    }

    /// The installed file itself: rules and knowledge are compiled into it, so another file may judge otherwise.
    fn build(&self) -> Option<Digest> {
        *self.build.get_or_init(|| {
            let program = std::env::current_exe().ok()?;
            let stamp = vauban_engine::stamp(&std::fs::canonicalize(program).ok()?)?;
            Some(Digest::of(format!("{} {stamp}", env!("CARGO_PKG_VERSION")).as_bytes()))
        })
    }

    fn trusts_times(&self) -> bool {
        self.trusts_times
    }
}
