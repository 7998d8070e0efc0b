//! Gathers the assets and relations of one file.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Digest, Layer, Locator, Relation, RelationKind};
use vauban_formats::Parsed;

/// One file as mappers see it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Path below the root, `/` between parts.
    pub path: &'a str,
    /// Size in bytes.
    pub size: u64,
    /// Digest of the bytes, if they were hashed.
    pub digest: Option<Digest>,
    /// What the parsers saw.
    pub parsed: &'a Parsed,
}

impl Seen<'_> {
    /// Last part of the path.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// The whole file as a locator.
    pub fn locator(&self) -> Locator {
        Locator::file(self.path)
    }
}

/// What one file adds to the estate.
#[derive(Debug)]
pub struct Collector {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) digest: Option<Digest>,
    pub(super) home: Option<AssetId>,
    pub(super) assets: Vec<Asset>,
    pub(super) relations: Vec<Relation>,
    pub(super) links: Vec<Link>,
    pub(super) names: Vec<(AssetId, String)>,
    pub(super) perhaps: Vec<Perhaps>,
}

/// A name that only ties two assets together where nothing else has it.
#[derive(Debug)]
pub(super) struct Perhaps {
    pub(super) id: AssetId,
    pub(super) name: String,
    pub(super) runs: bool,
}

/// A relation whose other end is only known by a path, resolved once all files are known.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) from: AssetId,
    pub(super) kind: RelationKind,
    pub(super) path: String,
    pub(super) reversed: bool,
    pub(super) locator: Locator,
}

impl Collector {
    pub(super) fn new(seen: &Seen<'_>) -> Self {
        Self {
            path: seen.path.to_owned(),
            size: seen.size,
            digest: seen.digest,
            home: None,
            assets: Vec::new(),
            relations: Vec::new(),
            links: Vec::new(),
            names: Vec::new(),
            perhaps: Vec::new(),
        }
    }

    /// Adds the asset that the file itself is, named by its path, with the file's size and digest; the file belongs
    /// to it. Returns its id.
    pub fn file_asset(
        &mut self,
        kind: AssetKind,
        component: &str,
        layer: Layer,
        attributes: &[(&str, &str)],
    ) -> AssetId {
        let mut asset =
            Asset::new(kind, component, layer, &self.path, Confidence::Verified, Locator::file(&self.path));
        asset.digest = self.digest;
        asset.size = Some(self.size);
        for (key, value) in attributes {
            asset.attributes.insert((*key).to_owned(), (*value).to_owned());
        }
        let id = self.asset(asset);
        self.home(&id);
        id
    }

    /// The file's own asset, if the file added that and nothing else.
    pub fn only_file_asset(&self) -> Option<&Asset> {
        let [asset] = self.assets.as_slice() else { return None };
        let only = self.relations.is_empty()
            && self.links.is_empty()
            && self.names.is_empty()
            && self.perhaps.is_empty()
            && self.home.as_ref() == Some(&asset.id);
        (only && asset.locators == [Locator::file(&self.path)] && asset.size == Some(self.size))
            .then_some(asset)
    }

    /// A collector of the file at `path` whose own asset is all it adds, as [`Collector::only_file_asset`] gave it.
    pub fn of_file(path: &str, size: u64, digest: Option<Digest>, asset: Asset) -> Self {
        let home = Some(asset.id.clone());
        let (relations, links, names) = (Vec::new(), Vec::new(), Vec::new());
        let (path, perhaps) = (path.to_owned(), Vec::new());
        Self { path, size, digest, home, assets: vec![asset], relations, links, names, perhaps }
    }

    /// Adds an asset; one with the same id is merged with it. Returns the id.
    pub fn asset(&mut self, asset: Asset) -> AssetId {
        let id = asset.id.clone();
        self.assets.push(asset);
        id
    }

    /// Whether this file added the asset.
    pub fn has(&self, id: &AssetId) -> bool {
        self.assets.iter().any(|asset| asset.id == *id)
    }

    /// Says by which name the asset is known elsewhere: assets of one kind that share a name are one asset, seen
    /// through several sources. Only for names of the thing itself (`s3://bucket/key`, see
    /// [`super::identity`]), never for those of a part of it or of what it was made from.
    pub fn known_as(&mut self, id: &AssetId, name: impl Into<String>) {
        self.names.push((id.clone(), name.into()));
    }

    /// Says that the asset has a name that others may have as well, as things in two accounts do. What is written (`runs`
    /// false) and what runs become one asset if there is one of each with that name.
    pub fn perhaps_known_as(&mut self, id: &AssetId, name: impl Into<String>, runs: bool) {
        self.perhaps.push(Perhaps { id: id.clone(), name: name.into(), runs });
    }

    /// Says which asset findings about the file belong to; the first to say so wins.
    pub fn home(&mut self, id: &AssetId) {
        self.home.get_or_insert_with(|| id.clone());
    }

    /// Adds a relation between two assets known by id.
    pub fn relation(&mut self, relation: Relation) {
        self.relations.push(relation);
    }

    /// Adds a relation to whatever asset is found at `path`, which is tried relative to this file, to the folders
    /// above it up to the root, and as a bare file name if only one file has it. Dropped if nothing is there.
    pub fn link(&mut self, from: &AssetId, kind: RelationKind, path: &str, locator: Locator) {
        self.links.push(Link { from: from.clone(), kind, path: path.to_owned(), reversed: false, locator });
    }

    /// Like [`Collector::link`], from the asset at `path` to `to`.
    pub fn link_from(&mut self, path: &str, kind: RelationKind, to: &AssetId, locator: Locator) {
        self.links.push(Link { from: to.clone(), kind, path: path.to_owned(), reversed: true, locator });
    }
}
