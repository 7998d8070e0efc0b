//! What earlier runs found out about files, in the user's cache folder.

use std::sync::OnceLock;

use vauban_domain::Digest;

use crate::arguments::CacheArguments;
use crate::present;

/// Bytes that the cache may take.
const LIMIT: u64 = 512 << 20;

/// What is known about files: records in a folder, for this build of the program.
pub(crate) struct FileCache {
    records: vauban_store::Cache,
    build: OnceLock<Option<Digest>>,
    trusts_times: bool,
}

impl FileCache {
    /// The cache that the options ask for, in the folder called `name`; none if there is no place for it.
    pub(crate) fn of(arguments: &CacheArguments, name: &str, trusts_times: bool) -> Option<Self> {
        if arguments.no_cache {
            return None;
        }
        let folder = match &arguments.cache {
            Some(folder) => folder.clone(),
            None => present::cache_folder()?.join("vauban").join(name),
        };
        let records = vauban_store::Cache::new(folder, LIMIT);
        Some(Self { records, build: OnceLock::new(), trusts_times })
    }

    /// Keeps the folder within its bound.
    pub(crate) fn prune(&self) {
        self.records.prune();
    }
}

impl vauban_engine::Cache for FileCache {
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
