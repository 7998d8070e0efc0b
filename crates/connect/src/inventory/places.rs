//! Finds assets by paths as they are written in files.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use vauban_domain::AssetId;

/// Files that belong to nothing more specific than the source tree.
pub(super) struct Unclaimed<'a> {
    pub(super) seen: &'a BTreeSet<String>,
    pub(super) passed: &'a [String],
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
pub(super) struct Places<'a> {
    homes: &'a BTreeMap<String, AssetId>,
    unclaimed: &'a Unclaimed<'a>,
    tree: Option<&'a AssetId>,
    /// Files by their bare names, if only one file has the name; made when first asked for.
    by_name: OnceCell<HashMap<&'a str, Option<&'a AssetId>>>,
}

impl<'a> Places<'a> {
    pub(super) fn of(
        homes: &'a BTreeMap<String, AssetId>,
        unclaimed: &'a Unclaimed<'a>,
        tree: Option<&'a AssetId>,
    ) -> Self {
        Self { homes, unclaimed, tree, by_name: OnceCell::new() }
    }

    pub(super) fn find(&self, from: &str, written: &str) -> Option<AssetId> {
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
