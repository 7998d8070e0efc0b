//! Gathers assets and relations and makes one estate of them.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Digest, Layer, Locator, Relation, RelationKind};
use vauban_formats::Parsed;

use super::package;

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

/// All assets and relations, merged and sorted.
#[derive(Debug, Default)]
pub struct Estate {
    /// By id.
    pub assets: Vec<Asset>,
    /// By from, kind, to.
    pub relations: Vec<Relation>,
    /// Which asset each file belongs to, by path; files that no mapper claimed belong to [`Estate::tree`].
    pub homes: BTreeMap<String, AssetId>,
    /// The source tree, `pipeline:<subject>`, if some file belongs to nothing more specific.
    pub tree: Option<AssetId>,
}

impl Estate {
    /// Merges what all files added.
    ///
    /// Assets with one id become one. Models and data sets with the same bytes become one as well, named after the
    /// first path in byte order, and so do assets that are known by the same name. A file that no mapper claimed belongs
    /// to the source tree, as do those at `passed`, which add nothing; `passed` is sorted.
    pub fn merge(collectors: Vec<Collector>, passed: &[String], subject: &str) -> Self {
        let mut assets: BTreeMap<AssetId, Asset> = BTreeMap::new();
        let mut relations = Vec::new();
        let mut links = Vec::new();
        let mut names = Vec::new();
        let mut perhaps = Vec::new();
        let mut homes = BTreeMap::new();
        let mut unclaimed = BTreeSet::new();
        for mut collector in collectors {
            for asset in collector.assets.drain(..) {
                match assets.remove(&asset.id) {
                    Some(known) => {
                        let both = join(known, asset);
                        assets.insert(both.id.clone(), both);
                    }
                    None => {
                        assets.insert(asset.id.clone(), asset);
                    }
                }
            }
            relations.append(&mut collector.relations);
            names.append(&mut collector.names);
            perhaps.append(&mut collector.perhaps);
            links.extend(collector.links.drain(..).map(|link| (collector.path.clone(), link)));
            match collector.home {
                Some(home) => {
                    homes.insert(collector.path, home);
                }
                None => {
                    unclaimed.insert(collector.path);
                }
            }
        }
        let mut renamed = one_per_content(&mut assets);
        one_per_name(&mut assets, names, &mut renamed);
        let pairs = only_pairs(&perhaps, &renamed);
        one_per_name(&mut assets, pairs, &mut renamed);
        let current = |id: AssetId| renamed.get(&id).cloned().unwrap_or(id);
        let mut tree = None;
        if !unclaimed.is_empty() || !passed.is_empty() {
            let asset = source_tree(subject);
            tree = Some(asset.id.clone());
            assets.entry(asset.id.clone()).or_insert(asset);
        }
        for home in homes.values_mut() {
            *home = current(home.clone());
        }
        let unclaimed = Unclaimed { seen: &unclaimed, passed };
        let places = Places::of(&homes, &unclaimed, tree.as_ref());
        for (path, link) in links {
            let Some(other) = places.find(&path, &link.path) else { continue };
            let (from, to) = if link.reversed { (other, link.from) } else { (link.from, other) };
            relations.push(Relation::new(from, link.kind, to, Confidence::Inferred, link.locator));
        }
        let mut unique: BTreeMap<(AssetId, RelationKind, AssetId), Relation> = BTreeMap::new();
        for mut relation in relations {
            relation.from = current(relation.from);
            relation.to = current(relation.to);
            let known_ends = assets.contains_key(&relation.from) && assets.contains_key(&relation.to);
            if !known_ends || relation.from == relation.to {
                continue;
            }
            let key = (relation.from.clone(), relation.kind, relation.to.clone());
            let keep = unique.entry(key).or_insert_with(|| relation.clone());
            keep.confidence = keep.confidence.max(relation.confidence);
            if relation.kind == RelationKind::DependsOn {
                package::join_attributes(&mut keep.attributes, &mut relation.attributes);
            }
            keep.attributes.extend(relation.attributes);
        }
        Self {
            assets: assets.into_values().collect(),
            relations: unique.into_values().collect(),
            homes,
            tree,
        }
    }
}

/// The asset for files that are part of nothing more specific.
fn source_tree(subject: &str) -> Asset {
    Asset::new(
        AssetKind::Pipeline,
        "ci_pipeline",
        Layer::Deployment,
        subject,
        Confidence::Inferred,
        Locator::file("."),
    )
    .with("role", "source tree")
}

fn join(mut known: Asset, mut other: Asset) -> Asset {
    if known.kind == AssetKind::Package {
        package::join(&mut known, &mut other);
    }
    known.confidence = known.confidence.max(other.confidence);
    known.digest = known.digest.or(other.digest);
    known.size = known.size.or(other.size);
    let locators: BTreeSet<Locator> = known.locators.drain(..).chain(other.locators).collect();
    known.locators = locators.into_iter().collect();
    for (key, value) in other.attributes {
        known.attributes.entry(key).or_insert(value);
    }
    known
}

/// Joins models and data sets with equal bytes; says which ids gave way to which.
fn one_per_content(assets: &mut BTreeMap<AssetId, Asset>) -> BTreeMap<AssetId, AssetId> {
    let mut first: BTreeMap<(AssetKind, Digest), AssetId> = BTreeMap::new();
    let mut renamed = BTreeMap::new();
    for (id, asset) in assets.iter() {
        let (AssetKind::Model | AssetKind::Dataset, Some(digest)) = (asset.kind, asset.digest) else {
            continue;
        };
        // What was looked at keeps its name; that a document only names by its digest joins it.
        let best = first.entry((asset.kind, digest)).or_insert_with(|| id.clone());
        if assets.get(best).is_some_and(|known| known.confidence < asset.confidence) {
            best.clone_from(id);
        }
    }
    for (id, asset) in assets.iter() {
        let kept = asset.digest.and_then(|digest| first.get(&(asset.kind, digest)));
        if let Some(kept) = kept.filter(|kept| *kept != id) {
            renamed.insert(id.clone(), kept.clone());
        }
    }
    for (gone, kept) in &renamed {
        if let (Some(other), Some(known)) = (assets.remove(gone), assets.remove(kept)) {
            assets.insert(kept.clone(), join(known, other));
        }
    }
    renamed
}

/// Names that exactly one thing that is written and one that runs may have, for both of them.
fn only_pairs(perhaps: &[Perhaps], renamed: &BTreeMap<AssetId, AssetId>) -> Vec<(AssetId, String)> {
    let mut sides: BTreeMap<&str, [BTreeSet<&AssetId>; 2]> = BTreeMap::new();
    for known in perhaps {
        let id = renamed.get(&known.id).unwrap_or(&known.id);
        sides.entry(&known.name).or_default()[usize::from(known.runs)].insert(id);
    }
    let only = |ids: &BTreeSet<&AssetId>| ids.len() == 1;
    sides
        .into_iter()
        .filter(|(_, sides)| sides.iter().all(only))
        .flat_map(|(name, sides)| sides.into_iter().flatten().map(|id| (id.clone(), name.to_owned())))
        .collect()
}

/// Joins assets of one kind that share a name, in the one that is known best; adds to `renamed` which ids gave way.
fn one_per_name(
    assets: &mut BTreeMap<AssetId, Asset>,
    names: Vec<(AssetId, String)>,
    renamed: &mut BTreeMap<AssetId, AssetId>,
) {
    let mut named: BTreeMap<(AssetKind, String), BTreeSet<AssetId>> = BTreeMap::new();
    for (id, name) in names {
        let id = renamed.get(&id).cloned().unwrap_or(id);
        if let Some(asset) = assets.get(&id) {
            named.entry((asset.kind, name)).or_default().insert(id);
        }
    }
    // Which group of assets each belongs to; groups grow together where a name joins them.
    let mut group_of: BTreeMap<AssetId, usize> = BTreeMap::new();
    let mut groups: Vec<BTreeSet<AssetId>> = Vec::new();
    for ids in named.into_values().filter(|ids| ids.len() > 1) {
        let own = groups.len();
        let mut joined = BTreeSet::new();
        for id in ids {
            match group_of.get(&id) {
                Some(&group) => joined.append(&mut groups[group]),
                None => {
                    joined.insert(id);
                }
            }
        }
        group_of.extend(joined.iter().map(|id| (id.clone(), own)));
        groups.push(joined);
    }
    let mut gone_to: BTreeMap<AssetId, AssetId> = BTreeMap::new();
    for group in groups.into_iter().filter(|group| group.len() > 1) {
        let best = group
            .iter()
            .filter_map(|id| assets.get(id))
            .max_by_key(|asset| (asset.confidence, asset.digest.is_some(), std::cmp::Reverse(&asset.id)));
        let Some(kept) = best.map(|asset| asset.id.clone()) else { continue };
        for gone in group.into_iter().filter(|id| *id != kept) {
            if let (Some(other), Some(known)) = (assets.remove(&gone), assets.remove(&kept)) {
                assets.insert(kept.clone(), join(known, other));
            }
            gone_to.insert(gone, kept.clone());
        }
    }
    for kept in renamed.values_mut() {
        if let Some(now) = gone_to.get(kept) {
            kept.clone_from(now);
        }
    }
    renamed.append(&mut gone_to);
}

/// Files that belong to nothing more specific than the source tree.
struct Unclaimed<'a> {
    seen: &'a BTreeSet<String>,
    passed: &'a [String],
}

impl<'a> Unclaimed<'a> {
    fn has(&self, path: &str) -> bool {
        self.seen.contains(path) || self.passed.binary_search_by(|passed| passed.as_str().cmp(path)).is_ok()
    }

    fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.seen.iter().chain(self.passed).map(String::as_str)
    }
}

/// Finds the asset meant by a path as written in some file.
struct Places<'a> {
    homes: &'a BTreeMap<String, AssetId>,
    unclaimed: &'a Unclaimed<'a>,
    tree: Option<&'a AssetId>,
    /// Files by their bare names, if only one file has the name; made when first asked for.
    by_name: OnceCell<HashMap<&'a str, Option<&'a AssetId>>>,
}

impl<'a> Places<'a> {
    fn of(
        homes: &'a BTreeMap<String, AssetId>,
        unclaimed: &'a Unclaimed<'a>,
        tree: Option<&'a AssetId>,
    ) -> Self {
        Self { homes, unclaimed, tree, by_name: OnceCell::new() }
    }

    fn find(&self, from: &str, written: &str) -> Option<AssetId> {
        let written = written.trim_start_matches("file://").trim_start_matches("./");
        let mut folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        loop {
            if let Some(id) = normalise(folder, written).and_then(|path| self.at(&path)) {
                return Some(id.clone());
            }
            if folder.is_empty() {
                break;
            }
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
        let name = written.rsplit(['/', '\\']).next()?;
        self.by_name.get_or_init(|| self.names()).get(name).copied().flatten().cloned()
    }

    fn at(&self, path: &str) -> Option<&'a AssetId> {
        self.homes.get(path).or_else(|| self.tree.filter(|_| self.unclaimed.has(path)))
    }

    fn names(&self) -> HashMap<&'a str, Option<&'a AssetId>> {
        let claimed = self.homes.iter().map(|(path, id)| (path.as_str(), Some(id)));
        let unclaimed = self.unclaimed.paths().map(|path| (path, self.tree));
        let mut names = HashMap::new();
        for (path, id) in claimed.chain(unclaimed) {
            names
                .entry(path.rsplit('/').next().unwrap_or(path))
                .and_modify(|only| *only = None)
                .or_insert(id);
        }
        names
    }
}

/// `folder/written` with `.` and `..` resolved; `None` if it leaves the root.
fn normalise(folder: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in written.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen_as(path: &str, confidence: Confidence, known_as: &[&str]) -> Collector {
        let parsed = Parsed {
            format: "unknown",
            facts: vauban_formats::Facts::Unknown,
            defects: Vec::new(),
            members: Vec::new(),
        };
        let seen = Seen { path, size: 0, digest: None, parsed: &parsed };
        let mut collector = Collector::new(&seen);
        let asset = Asset::new(
            AssetKind::Model,
            "model",
            Layer::FoundationModels,
            path,
            confidence,
            Locator::file(path),
        );
        let id = collector.asset(asset);
        collector.home(&id);
        for name in known_as {
            collector.known_as(&id, *name);
        }
        collector
    }

    #[test]
    fn what_three_sources_call_by_shared_names_is_one_asset() {
        let estate = Estate::merge(
            vec![
                seen_as("a", Confidence::Declared, &["s3://bucket/m"]),
                seen_as("b", Confidence::Verified, &["runs:/1/m"]),
                seen_as("c", Confidence::Inferred, &["runs:/1/m", "s3://bucket/m"]),
                seen_as("d", Confidence::Verified, &["s3://bucket/other"]),
            ],
            &[],
            "all",
        );
        let ids: Vec<&str> = estate.assets.iter().map(|asset| asset.id.as_str()).collect();
        assert_eq!(ids, ["model:b", "model:d"]);
        assert_eq!(estate.assets[0].locators.len(), 3);
        assert_eq!(estate.homes["a"].as_str(), "model:b");
        assert_eq!(estate.homes["c"].as_str(), "model:b");
    }
}
