//! What a request names, as a list of files.

use std::path::PathBuf;

use vauban_connect::Stamp;
use vauban_connect::live::Recorded;
use vauban_domain::Limit;
use vauban_formats::declaration::Pattern;

use crate::request::{Request, Source};

/// Something to read.
pub(crate) struct Item<'a> {
    /// Path below the root, or the name that was given.
    pub(crate) name: String,
    /// Size in bytes when it was listed.
    pub(crate) size: u64,
    /// Where its bytes are.
    pub(crate) place: Place<'a>,
}

/// Where the bytes of an item are.
pub(crate) enum Place<'a> {
    /// On the disk, with what the system says about it.
    File(PathBuf, Option<Stamp>),
    /// In memory already.
    Memory(&'a [u8]),
}

/// Every file that the sources hold, each once, by name.
pub(crate) fn list<'a>(
    request: &'a Request,
    recorded: &'a [Recorded],
    limits: &mut Vec<Limit>,
) -> anyhow::Result<Vec<Item<'a>>> {
    let mut items: Vec<Item<'a>> = recorded
        .iter()
        .map(|recorded| Item {
            name: recorded.base.clone(),
            size: recorded.bytes.len() as u64,
            place: Place::Memory(&recorded.bytes),
        })
        .collect();
    for source in &request.sources {
        match source {
            Source::Bytes { name, bytes } => {
                let size = bytes.len() as u64;
                items.push(Item { name: name.clone(), size, place: Place::Memory(bytes) });
            }
            Source::Path { path, name: prefix } => {
                let is_folder = path.is_dir();
                let called = |name: String| match (prefix.is_empty(), is_folder) {
                    (true, _) => name,
                    (false, true) => format!("{prefix}/{name}"),
                    (false, false) => prefix.clone(),
                };
                let walked = vauban_connect::walk(path, &request.walk)?;
                limits.extend(
                    walked
                        .skipped
                        .into_iter()
                        .map(|skipped| Limit { place: called(skipped.name), what: skipped.why }),
                );
                items.extend(walked.entries.into_iter().map(|entry| Item {
                    name: called(entry.name),
                    size: entry.size,
                    place: Place::File(entry.path, entry.stamp),
                }));
            }
        }
    }
    for pattern in &request.exclude {
        let Pattern::Path(_, glob) = Pattern::new(pattern) else {
            anyhow::bail!("`{pattern}` is no pattern of file names; write it as `*.log` or `docs/**`");
        };
        let before = items.len();
        let named = |name: &str| {
            let last = name.rsplit('/').next().unwrap_or(name);
            glob.is_match(name) || !pattern.contains('/') && glob.is_match(last)
        };
        items.retain(|item| !named(&item.name));
        let what = format!("{} files were left out by --exclude", before - items.len());
        limits.push(Limit { place: pattern.clone(), what });
    }
    items.sort_by(|one, other| one.name.cmp(&other.name));
    items.dedup_by(|one, other| {
        let same =
            matches!((&one.place, &other.place), (Place::File(one, _), Place::File(other, _)) if one == other);
        same && one.name == other.name
    });
    Ok(items)
}
