//! The estate that checks look at.

use vauban_domain::{Asset, AssetId, Declaration, Relation, Timestamp};
use vauban_formats::Parsed;

/// Everything discovered, as checks see it.
#[derive(Debug)]
pub struct Inventory<'a> {
    /// Sorted by id.
    pub assets: &'a [Asset],
    /// Sorted.
    pub relations: &'a [Relation],
    /// What the owner declared.
    pub declaration: &'a Declaration,
    /// Every file that was read, sorted by path.
    pub files: &'a [File],
    /// When the review was taken.
    pub now: Timestamp,
}

impl Inventory<'_> {
    /// The asset with this id.
    pub fn asset(&self, id: &AssetId) -> Option<&Asset> {
        self.assets.binary_search_by(|asset| asset.id.cmp(id)).ok().and_then(|at| self.assets.get(at))
    }

    /// The file at this path below the root.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
            .and_then(|at| self.files.get(at))
    }
}

/// One file that was read.
#[derive(Debug)]
pub struct File {
    /// Path below the root, `/` between parts.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// Digest of the bytes.
    pub digest: Option<vauban_domain::Digest>,
    /// Its facts.
    pub parsed: Parsed,
    /// The asset it belongs to.
    pub home: AssetId,
}
