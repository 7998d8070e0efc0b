//! Walks a folder: in parallel, inside its root, and saying what it left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ignore::{WalkBuilder, WalkState};

use crate::Stamp;

/// What to leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalkOptions {
    /// Leaves out what `.gitignore` and `.ignore` files name.
    pub respect_ignore: bool,
    /// Files to visit at most.
    pub files: usize,
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self { respect_ignore: true, files: 5_000_000 }
    }
}

/// A regular file below the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Path below the root with `/` between parts, lossily as UTF-8: what people and ids see.
    pub name: String,
    /// Where it really is.
    pub path: PathBuf,
    /// Size in bytes when it was listed.
    pub size: u64,
    /// What the system said about it when it was listed, if the system tells files apart.
    pub stamp: Option<Stamp>,
}

/// Something that was not visited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Path below the root, lossily as UTF-8.
    pub name: String,
    /// Why.
    pub why: String,
}

/// Everything below a root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walked {
    /// By name.
    pub entries: Vec<Entry>,
    /// By name.
    pub skipped: Vec<Skipped>,
}

/// Why nothing could be walked.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// There is no such file or folder.
    #[error("cannot find `{0}`; check the path")]
    Missing(PathBuf),
    /// It is there and cannot be opened.
    #[error("cannot open `{path}`: {source}")]
    Unreadable {
        /// The root.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Files of a Hugging Face cache from here on are looked at under one name only, however many revisions have them.
const SHARED_FROM: u64 = 1 << 20;

/// Lists the regular files at or below `root`.
///
/// A root that is itself a symbolic link is what it points to: somebody named it. Below the root links are never
/// followed: one that points to a regular file inside the root is that file, seen there; one that leaves the root or
/// points nowhere is skipped and said so. Version-control folders are left out.
///
/// In a Hugging Face cache the names are the links in `snapshots/` and the content is in `blobs/` beside it: a blob is
/// listed under its names in the snapshots, also when the root is a single snapshot.
///
/// # Errors
/// [`WalkError`] when there is nothing at the root; what cannot be opened is in [`Walked::skipped`].
pub fn walk(root: &Path, options: &WalkOptions) -> Result<Walked, WalkError> {
    std::fs::symlink_metadata(root).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => WalkError::Missing(root.to_owned()),
        _ => WalkError::Unreadable { path: root.to_owned(), source },
    })?;
    let name = root.file_name().unwrap_or(root.as_os_str()).to_string_lossy().into_owned();
    let only =
        |why: String| Walked { skipped: vec![Skipped { name: name.clone(), why }], ..Walked::default() };
    let root = match std::fs::canonicalize(root) {
        Ok(root) => root,
        Err(error) => return Ok(only(format!("cannot be resolved: {error}"))),
    };
    let metadata = match root.metadata() {
        Ok(metadata) => metadata,
        Err(error) => return Ok(only(format!("cannot be examined: {error}"))),
    };
    if metadata.is_file() {
        let stamp = Stamp::of(&metadata);
        let entries = vec![Entry { name, path: root, size: metadata.len(), stamp }];
        return Ok(Walked { entries, skipped: Vec::new() });
    }
    if !metadata.is_dir() {
        return Ok(only(NO_FILE.to_owned()));
    }
    let ignores = AtomicBool::new(false);
    let mut walked = visit(&root, options, options.respect_ignore.then_some(&ignores));
    if ignores.into_inner() {
        tracked_outputs(&mut walked.entries);
        let everything = count(&root, options);
        let seen = walked.entries.len();
        if everything > seen {
            walked.skipped.push(Skipped {
                name: ".".to_owned(),
                why: format!(
                    "{} files named by ignore files were not looked at; add --no-ignore to look at them",
                    everything - seen
                ),
            });
        }
    }
    walked.entries.sort();
    walked.skipped.sort();
    Ok(walked)
}

/// Said of pipes, sockets and devices: opening one may wait for ever.
const NO_FILE: &str = "neither a regular file nor a folder";

fn builder(root: &Path, respect_ignore: bool) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    builder
        .standard_filters(false)
        .hidden(false)
        .follow_links(false)
        .ignore(respect_ignore)
        .git_ignore(respect_ignore)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git" && entry.file_name() != ".hg");
    builder
}

/// Whether files in a folder of the tree name files that are to be left out. They may name themselves, too, so that the
/// walk does not see them.
fn has_ignore_file(folder: &Path) -> bool {
    [".gitignore", ".ignore"].iter().any(|name| folder.join(name).is_file())
}

fn count(root: &Path, options: &WalkOptions) -> usize {
    let files = AtomicUsize::new(0);
    builder(root, false).build_parallel().run(|| {
        Box::new(|entry| {
            if entry.is_ok_and(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
                && files.fetch_add(1, Ordering::Relaxed) >= options.files
            {
                return WalkState::Quit;
            }
            WalkState::Continue
        })
    });
    files.into_inner()
}

/// With `ignores`, leaves out what ignore files name, and says there whether there is such a file.
fn visit(root: &Path, options: &WalkOptions, ignores: Option<&AtomicBool>) -> Walked {
    let walked = Mutex::new(Walked::default());
    let files = AtomicUsize::new(0);
    let blobs = blobs_of(root);
    builder(root, ignores.is_some()).build_parallel().run(|| {
        Box::new(|entry| {
            if let (Some(ignores), Ok(entry)) = (ignores, &entry)
                && !ignores.load(Ordering::Relaxed)
                && entry.file_type().is_some_and(|kind| kind.is_dir())
                && has_ignore_file(entry.path())
            {
                ignores.store(true, Ordering::Relaxed);
            }
            let step = match entry {
                Ok(entry) => look(root, blobs.as_deref(), &entry),
                Err(error) => Step::Skip(Skipped { name: ".".to_owned(), why: error.to_string() }),
            };
            if matches!(step, Step::Take(_)) && files.fetch_add(1, Ordering::Relaxed) >= options.files {
                let why = format!("stopped after {} files; raise --max-files", options.files);
                lock(&walked).skipped.push(Skipped { name: ".".to_owned(), why });
                return WalkState::Quit;
            }
            match step {
                Step::Take(entry) => lock(&walked).entries.push(entry),
                Step::Skip(skipped) => lock(&walked).skipped.push(skipped),
                Step::Pass => {}
            }
            WalkState::Continue
        })
    });
    let mut walked = walked.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    walked.skipped.dedup();
    name_blobs(&mut walked.entries);
    walked
}

/// Takes what DVC keeps beside its note: `dvc add FILE` writes `FILE.dvc` and has Git ignore `FILE`, which is data or a
/// model all the same (<https://dvc.org/doc/command-reference/add>).
fn tracked_outputs(entries: &mut Vec<Entry>) {
    let taken: BTreeSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    let tracked = entries.iter().filter_map(|note| {
        let name = note.name.strip_suffix(".dvc").filter(|name| !name.is_empty() && !taken.contains(name))?;
        let path = note.path.with_extension("");
        let metadata = std::fs::symlink_metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
        let stamp = Stamp::of(&metadata);
        Some(Entry { name: name.to_owned(), path, size: metadata.len(), stamp })
    });
    let tracked: Vec<Entry> = tracked.collect();
    entries.extend(tracked);
}

/// The folder of contents that the links of a snapshot in a Hugging Face cache point to, when the root is a snapshot:
/// `models--owner--name/snapshots/<revision>` has them in `models--owner--name/blobs`.
fn blobs_of(root: &Path) -> Option<PathBuf> {
    let snapshots = root.parent().filter(|folder| folder.ends_with("snapshots"))?;
    let repository = snapshots.parent()?;
    let name = repository.file_name()?.to_str()?;
    let blobs = repository.join("blobs");
    let cached = ["models--", "datasets--", "spaces--"].iter().any(|kind| name.starts_with(kind));
    (cached && blobs.is_dir()).then_some(blobs)
}

/// Takes a blob that a snapshot names off its own name, and large ones off all names but the first.
fn name_blobs(entries: &mut Vec<Entry>) {
    let in_snapshot = |entry: &Entry| {
        entry.path.parent().is_some_and(|folder| folder.ends_with("blobs"))
            && entry.name.split('/').any(|part| part == "snapshots")
    };
    let mut first: BTreeMap<PathBuf, String> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| in_snapshot(entry)) {
        let name = first.entry(entry.path.clone()).or_insert_with(|| entry.name.clone());
        if entry.name < *name {
            name.clone_from(&entry.name);
        }
    }
    if !first.is_empty() {
        entries.retain(|entry| match first.get(&entry.path) {
            Some(name) => entry.name == *name || in_snapshot(entry) && entry.size < SHARED_FROM,
            None => true,
        });
    }
}

fn lock(walked: &Mutex<Walked>) -> std::sync::MutexGuard<'_, Walked> {
    walked.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

enum Step {
    Take(Entry),
    Skip(Skipped),
    Pass,
}

fn look(root: &Path, blobs: Option<&Path>, entry: &ignore::DirEntry) -> Step {
    let name = relative(root, entry.path());
    let skip = |why: String| Step::Skip(Skipped { name: name.clone(), why });
    let Some(kind) = entry.file_type() else { return Step::Pass };
    if kind.is_dir() {
        return Step::Pass;
    }
    if kind.is_symlink() {
        return match std::fs::canonicalize(entry.path()) {
            Ok(target) => {
                let to_blob = target.parent().is_some_and(|folder| folder.ends_with("blobs"))
                    && (blobs.is_some() || name.split('/').any(|part| part == "snapshots"));
                let inside = target.starts_with(root) || blobs.is_some_and(|blobs| target.starts_with(blobs));
                match std::fs::symlink_metadata(&target) {
                    _ if !inside => skip(format!("symbolic link leaves the root: {}", target.display())),
                    Ok(metadata) if to_blob && metadata.is_file() => {
                        let stamp = Stamp::of(&metadata);
                        Step::Take(Entry { name, path: target, size: metadata.len(), stamp })
                    }
                    // Its target is visited where it is.
                    _ => Step::Pass,
                }
            }
            Err(error) => skip(format!("symbolic link cannot be resolved: {error}")),
        };
    }
    if !kind.is_file() {
        return skip(NO_FILE.to_owned());
    }
    match entry.metadata() {
        Ok(metadata) => {
            let (path, stamp) = (entry.path().to_owned(), Stamp::of(&metadata));
            Step::Take(Entry { name, path, size: metadata.len(), stamp })
        }
        Err(error) => skip(format!("cannot be examined: {error}")),
    }
}

fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make the tree they walk")]
mod tests {
    use super::*;

    fn names(walked: &Walked) -> Vec<&str> {
        walked.entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn ignored_files_are_left_out_and_counted() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(".gitignore"), "*.bin\n").unwrap();
        std::fs::write(root.path().join("weights.bin"), "x").unwrap();
        std::fs::write(root.path().join("code.py"), "x").unwrap();
        let walked = walk(root.path(), &WalkOptions::default()).unwrap();
        assert_eq!(names(&walked), [".gitignore", "code.py"]);
        assert_eq!(walked.skipped.len(), 1, "{:?}", walked.skipped);
        assert!(walked.skipped[0].why.starts_with("1 files named by ignore files"));
        let all =
            walk(root.path(), &WalkOptions { respect_ignore: false, ..WalkOptions::default() }).unwrap();
        assert_eq!(names(&all), [".gitignore", "code.py", "weights.bin"]);
        assert!(all.skipped.is_empty());
    }

    #[test]
    fn what_dvc_tracks_is_looked_at_although_git_ignores_it() {
        let root = tempfile::tempdir().unwrap();
        for name in ["sales.csv", "sales.csv.dvc", "notes.csv"] {
            std::fs::write(root.path().join(name), "x").unwrap();
        }
        std::fs::write(root.path().join(".gitignore"), "/sales.csv\n/notes.csv\n").unwrap();
        let walked = walk(root.path(), &WalkOptions::default()).unwrap();
        assert_eq!(names(&walked), [".gitignore", "sales.csv", "sales.csv.dvc"]);
        assert!(walked.skipped[0].why.starts_with("1 files named by ignore files"), "{:?}", walked.skipped);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_out_of_the_root_nor_round_in_circles() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a"), "x").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), root.path().join("out")).unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("circle")).unwrap();
        std::os::unix::fs::symlink("itself", root.path().join("itself")).unwrap();
        let walked = walk(root.path(), &WalkOptions::default()).unwrap();
        assert_eq!(names(&walked), ["a"]);
        let skipped: Vec<_> = walked.skipped.iter().map(|skipped| skipped.name.as_str()).collect();
        assert_eq!(skipped, ["itself", "out"]);
    }

    #[cfg(unix)]
    #[test]
    fn snapshots_of_a_hugging_face_cache_name_their_blobs() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        let repository = root.path().join("models--owner--name");
        std::fs::create_dir_all(repository.join("blobs")).unwrap();
        std::fs::write(repository.join("blobs/aa"), "{}").unwrap();
        std::fs::write(repository.join("blobs/bb"), vec![0; SHARED_FROM as usize]).unwrap();
        std::fs::write(repository.join("blobs/cc"), "of no snapshot").unwrap();
        for revision in ["r1", "r2"] {
            let snapshot = repository.join("snapshots").join(revision);
            std::fs::create_dir_all(&snapshot).unwrap();
            symlink("../../blobs/aa", snapshot.join("config.json")).unwrap();
            symlink("../../blobs/bb", snapshot.join("model.bin")).unwrap();
            symlink("/etc/passwd", snapshot.join("out")).unwrap();
        }
        let walked = walk(root.path(), &WalkOptions::default()).unwrap();
        assert_eq!(
            names(&walked),
            [
                "models--owner--name/blobs/cc",
                "models--owner--name/snapshots/r1/config.json",
                "models--owner--name/snapshots/r1/model.bin",
                "models--owner--name/snapshots/r2/config.json",
            ]
        );
        assert_eq!(walked.skipped.len(), 2);
        let one = walk(&repository.join("snapshots/r2"), &WalkOptions::default()).unwrap();
        assert_eq!(names(&one), ["config.json", "model.bin"]);
        assert_eq!(one.skipped.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_root_that_is_no_file_is_skipped_and_one_that_is_a_link_is_followed() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("a"), "x").unwrap();
        std::os::unix::fs::symlink(root.path().join("a"), root.path().join("link")).unwrap();
        std::os::unix::fs::symlink("nowhere", root.path().join("dangling")).unwrap();
        let look = |name: &str| walk(&root.path().join(name), &WalkOptions::default()).unwrap();
        assert_eq!(names(&look("link")), ["link"]);
        assert!(look("dangling").skipped[0].why.starts_with("cannot be resolved"));
        let device = walk(Path::new("/dev/null"), &WalkOptions::default()).unwrap();
        assert_eq!(device.skipped[0].why, NO_FILE);
    }

    #[test]
    fn a_missing_root_is_an_error_that_says_so() {
        let error = walk(Path::new("/nowhere/at/all"), &WalkOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "cannot find `/nowhere/at/all`; check the path");
    }
}
