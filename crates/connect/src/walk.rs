//! Walks a folder: in parallel, inside its root, and saying what it left out.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ignore::{WalkBuilder, WalkState};

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

/// Lists the regular files at or below `root`.
///
/// Symbolic links are never followed: one that points to a regular file inside the root is that file, seen there;
/// one that leaves the root or points nowhere is skipped and said so. Version-control folders are left out.
///
/// # Errors
/// [`WalkError`] when the root itself cannot be opened; trouble below it is in [`Walked::skipped`].
pub fn walk(root: &Path, options: &WalkOptions) -> Result<Walked, WalkError> {
    let metadata = std::fs::symlink_metadata(root).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => WalkError::Missing(root.to_owned()),
        _ => WalkError::Unreadable { path: root.to_owned(), source },
    })?;
    if metadata.is_file() {
        let name = root.file_name().unwrap_or(root.as_os_str()).to_string_lossy().into_owned();
        return Ok(Walked {
            entries: vec![Entry { name, path: root.to_owned(), size: metadata.len() }],
            skipped: Vec::new(),
        });
    }
    let root = std::fs::canonicalize(root)
        .map_err(|source| WalkError::Unreadable { path: root.to_owned(), source })?;
    let mut walked = visit(&root, options, options.respect_ignore);
    if options.respect_ignore {
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

fn visit(root: &Path, options: &WalkOptions, respect_ignore: bool) -> Walked {
    let walked = Mutex::new(Walked::default());
    let files = AtomicUsize::new(0);
    builder(root, respect_ignore).build_parallel().run(|| {
        Box::new(|entry| {
            let step = match entry {
                Ok(entry) => look(root, &entry),
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
    walked
}

fn lock(walked: &Mutex<Walked>) -> std::sync::MutexGuard<'_, Walked> {
    walked.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

enum Step {
    Take(Entry),
    Skip(Skipped),
    Pass,
}

fn look(root: &Path, entry: &ignore::DirEntry) -> Step {
    let name = relative(root, entry.path());
    let skip = |why: String| Step::Skip(Skipped { name: name.clone(), why });
    let Some(kind) = entry.file_type() else { return Step::Pass };
    if kind.is_dir() {
        return Step::Pass;
    }
    if kind.is_symlink() {
        return match std::fs::canonicalize(entry.path()) {
            Ok(target) if !target.starts_with(root) => {
                skip(format!("symbolic link leaves the root: {}", target.display()))
            }
            // Its target is visited where it is.
            Ok(_) => Step::Pass,
            Err(error) => skip(format!("symbolic link cannot be resolved: {error}")),
        };
    }
    if !kind.is_file() {
        return skip("neither a regular file nor a folder".to_owned());
    }
    match entry.metadata() {
        Ok(metadata) => Step::Take(Entry { name, path: entry.path().to_owned(), size: metadata.len() }),
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

    #[test]
    fn a_missing_root_is_an_error_that_says_so() {
        let error = walk(Path::new("/nowhere/at/all"), &WalkOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "cannot find `/nowhere/at/all`; check the path");
    }
}
