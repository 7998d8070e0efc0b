//! Reads and parses every file, in parallel and one at a time in memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;
use vauban_connect::Content;
use vauban_connect::inventory::{Collector, Seen};
use vauban_connect::live::Recorded;
use vauban_domain::{Digest, Limit};
use vauban_formats::{Budget, FORMATS, Facts, Input, Limits, Parsed};

use crate::cache::{self, Draft, Record};
use crate::digest::digest;
use crate::items::{Item, Place, list};
use crate::ledger::{Entry, Ledger};
use crate::request::{Request, Stages};
use crate::watchdog::Watchdog;
use crate::{Cache, Progress};

/// How much one file may cost.
#[derive(Debug, Clone)]
pub struct FileLimits {
    /// Bounds of the parsers.
    pub parsing: Limits,
    /// Time for parsing one file.
    pub time: Duration,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self { parsing: Limits::default(), time: Duration::from_secs(60) }
    }
}

/// One file after parsing.
#[derive(Debug)]
pub(crate) struct ReadFile {
    /// Path below the root.
    pub(crate) path: String,
    /// Size in bytes.
    pub(crate) size: u64,
    /// Digest of the bytes, if one was asked for.
    pub(crate) digest: Option<Digest>,
    /// Facts.
    pub(crate) parsed: Parsed,
    /// Whether some parser knew it.
    pub(crate) understood: bool,
    /// What it adds to the estate.
    pub(crate) collector: Collector,
    /// What the cache knows about it, or is to know.
    pub(crate) remembered: Option<Remembered>,
    /// What was not looked at.
    limits: Vec<Limit>,
}

/// A file and the cache.
#[derive(Debug, Clone)]
pub(crate) enum Remembered {
    /// The file was not parsed, because there is a record; and where it is, should the record not do.
    Record(Box<Record>, PathBuf),
    /// The file was parsed and gets a record once it is judged.
    Draft(Box<Draft>),
}

/// All files below the root, by path, and what was not read.
#[derive(Debug, Default)]
pub(crate) struct ReadFiles {
    pub(crate) files: Vec<ReadFile>,
    pub(crate) passed: Passed,
    pub(crate) limits: Vec<Limit>,
}

/// Files that add nothing to the estate, in a run that wants nothing else of files.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    /// Sorted.
    pub(crate) paths: Vec<String>,
    /// How many of them some parser knew.
    pub(crate) understood: usize,
}

/// What came of one item.
enum Look {
    File(Box<ReadFile>),
    Passed { path: String, understood: bool },
}

/// Walks what `request` names and parses what is there.
///
/// # Errors
/// When there is nothing at a path that was named. What cannot be read is a stated limit, never an error.
pub(crate) fn read_all(
    request: &Request,
    recorded: &[Recorded],
    cache: Option<&dyn Cache>,
    progress: &dyn Progress,
) -> anyhow::Result<ReadFiles> {
    progress.begin("walk", 0);
    let mut limits_hit = Vec::new();
    let items = list(request, recorded, &mut limits_hit)?;
    progress.begin("read", items.iter().map(|item| item.size).sum());
    let watchdog = Watchdog::new(request.limits.time);
    let discovers = request.stages == Stages::INVENTORY;
    let ledger = cache.filter(|_| discovers).and_then(|cache| Ledger::open(cache, request));
    let cache = cache.filter(|_| !discovers);
    let read: Vec<Result<Look, Limit>> = items
        .par_iter()
        .map(|item| {
            if discovers {
                discover(item, request, ledger.as_ref(), &watchdog, progress)
            } else {
                read(item, request, cache, &watchdog, progress).map(|file| Look::File(Box::new(file)))
            }
        })
        .collect();
    if let Some(ledger) = ledger {
        ledger.close();
    }
    let mut files = Vec::new();
    let mut passed = Passed::default();
    for outcome in read {
        match outcome {
            Ok(Look::File(mut file)) => {
                limits_hit.append(&mut file.limits);
                files.push(*file);
            }
            Ok(Look::Passed { path, understood }) => {
                passed.paths.push(path);
                passed.understood += usize::from(understood);
            }
            Err(limit) => limits_hit.push(limit),
        }
    }
    passed.paths.sort_unstable();
    limits_hit.sort();
    Ok(ReadFiles { files, passed, limits: limits_hit })
}

/// Reads a file for what it adds to the estate and lets go of everything else.
fn discover(
    item: &Item<'_>,
    request: &Request,
    ledger: Option<&Ledger<'_>>,
    watchdog: &Watchdog,
    progress: &dyn Progress,
) -> Result<Look, Limit> {
    let known = match (&item.place, ledger) {
        (Place::File(_, Some(stamp)), Some(ledger)) => Some((ledger, Ledger::key(&item.name, *stamp))),
        _ => None,
    };
    if let Some((ledger, key)) = &known
        && let Some(entry) = ledger.look(key)
        && let Some(look) = recall(item, entry)
    {
        ledger.note(*key, entry.clone());
        progress.advance(item.size);
        return Ok(look);
    }
    let file = read(item, request, None, watchdog, progress)?;
    let understood = file.understood;
    let mut timed_out = false;
    file.parsed.visit(|_, inner| timed_out |= inner.defects.iter().any(|defect| defect.code == "limit-time"));
    let entry = Entry::of(&file.collector, &file.limits, understood);
    let adds = matches!(entry, Entry::Adds { .. });
    if let Some((ledger, key)) = known
        // A file whose time was over may end elsewhere next time.
        && !timed_out
    {
        ledger.note(key, entry);
    }
    if !adds {
        return Ok(Look::Passed { path: file.path, understood });
    }
    Ok(Look::File(Box::new(ReadFile { parsed: unread(), ..file })))
}

/// What an entry says about a file.
fn recall(item: &Item<'_>, entry: &Entry) -> Option<Look> {
    let path = item.name.clone();
    Some(match entry {
        Entry::Unknown => Look::Passed { path, understood: false },
        Entry::Nothing => Look::Passed { path, understood: true },
        Entry::Adds { understood, collector, limits } => {
            let collector = Collector::recall(&path, item.size, collector)?;
            Look::File(Box::new(ReadFile {
                path,
                size: item.size,
                digest: collector.digest(),
                parsed: unread(),
                understood: *understood,
                collector,
                remembered: None,
                limits: limits.clone(),
            }))
        }
    })
}

/// Stands for the facts of a file that nobody will ask for.
fn unread() -> Parsed {
    Parsed { format: "unread", facts: Facts::Unknown, defects: Vec::new(), members: Vec::new() }
}

fn read(
    item: &Item<'_>,
    request: &Request,
    cache: Option<&dyn Cache>,
    watchdog: &Watchdog,
    progress: &dyn Progress,
) -> Result<ReadFile, Limit> {
    let known = match (&item.place, cache) {
        (Place::File(path, _), Some(cache)) => {
            cache::key(cache, request, &path.to_string_lossy(), &item.name, item.size)
                .map(|key| (key, path, cache.get(&key).and_then(|bytes| cache::read(&bytes)), cache))
        }
        _ => None,
    };
    if let Some((_, path, Some(record), cache)) = &known
        && cache.trusts_times()
        && let Some(digest) = record.digest_by_stamp(vauban_connect::stamp(path).as_deref())
    {
        progress.advance(item.size);
        return Ok(remembered(item, record, path, item.size, digest));
    }
    let opened =
        match &item.place {
            Place::Memory(_) => None,
            Place::File(path, _) => Some(Content::open(path).map_err(|error| Limit {
                place: item.name.clone(),
                what: format!("cannot be read: {error}"),
            })?),
        };
    let content: &[u8] = match (&item.place, &opened) {
        (Place::Memory(bytes), _) => bytes,
        (Place::File(..), opened) => opened.as_deref().unwrap_or_default(),
    };
    let release = |from, length| {
        if let Some(opened) = &opened {
            opened.release(from, length);
        }
    };
    let size = content.len() as u64;
    let hash = || digest(content, request.digest, progress, &release);
    let parse = || in_little_memory(opened.as_ref(), || parse(&item.name, content, request, watchdog));
    let (parsed, digest) = if let Some((_, path, Some(record), _)) = &known {
        // The bytes are likely to be those of the record, which makes parsing them idle.
        let digest = hash();
        if let (true, Some(digest)) = (record.is_about(digest), digest) {
            return Ok(remembered(item, record, path, size, digest));
        }
        (parse(), digest)
    } else if content.len() < SPLIT_FROM {
        (parse(), hash())
    } else {
        rayon::join(parse, hash)
    };
    let parsed = parsed?;
    let seen = Seen { path: &item.name, size, digest, parsed: &parsed };
    let collector = vauban_connect::inventory::map(&seen);
    let mut limits = Vec::new();
    limits_of(&item.name, size, &parsed, &mut limits);
    let draft = known.and_then(|(key, path, _, _)| {
        Draft::begin(key, digest, vauban_connect::stamp(path), &parsed, &collector, &limits)
    });
    let remembered = draft.map(|draft| Remembered::Draft(Box::new(draft)));
    let understood = !is_unknown(&parsed);
    Ok(ReadFile { path: item.name.clone(), size, digest, parsed, understood, collector, remembered, limits })
}

/// A file that is not parsed, because what comes of it is known.
fn remembered(item: &Item<'_>, record: &Record, path: &Path, size: u64, digest: Digest) -> ReadFile {
    ReadFile {
        path: item.name.clone(),
        size,
        digest: Some(digest),
        parsed: unread(),
        understood: true,
        collector: record.collector(&item.name, size, digest),
        remembered: Some(Remembered::Record(Box::new(record.clone()), path.to_owned())),
        limits: record.limits().collect(),
    }
}

/// Parses a file that was not parsed for the sake of a record.
pub(crate) fn parse_again(name: &str, path: &Path, request: &Request) -> Result<Parsed, Limit> {
    let content = Content::open(path)
        .map_err(|error| Limit { place: name.to_owned(), what: format!("cannot be read: {error}") })?;
    parse(name, &content, request, &Watchdog::new(request.limits.time))
}

fn parse(name: &str, content: &[u8], request: &Request, watchdog: &Watchdog) -> Result<Parsed, Limit> {
    let judged = request.stages != Stages::INVENTORY;
    let budget = Arc::new(Budget::new(Limits { judged, ..request.limits.parsing.clone() }));
    let watch = watchdog.watch(&budget);
    let parsed =
        catch_unwind(AssertUnwindSafe(|| vauban_formats::parse(&Input::new(name, content, &budget))));
    drop(watch);
    parsed.map_err(|_| Limit {
        place: name.to_owned(),
        what: "the parser panicked; please report the file".to_owned(),
    })
}

/// Mapped files from here on are let go of again and again while they are parsed.
const RELEASED_FROM: usize = 64 << 20;
/// Time between two releases; what is read meanwhile is what a file takes in memory.
const RELEASE_EVERY: Duration = Duration::from_millis(30);

/// Does `work` on a file, so that the parts of it that were read do not stay in memory: compressed members of an archive
/// are read once from front to back, and the system would keep them all.
fn in_little_memory<T>(content: Option<&Content>, work: impl FnOnce() -> T) -> T {
    let Some(content) = content.filter(|content| content.len() >= RELEASED_FROM) else { return work() };
    let (done, working) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while working.recv_timeout(RELEASE_EVERY) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                content.release(0, content.len());
            }
        });
        let worked = work();
        drop(done);
        worked
    })
}

/// Files from here on are parsed and hashed at the same time.
const SPLIT_FROM: usize = 1 << 20;
/// Formats whose extension promises a model or data that someone will load.
const LOADED: &[&str] = &["gguf", "joblib", "npy", "onnx", "pickle", "safetensors", "torch"];

/// States every bound that was hit inside a file, and that a file named like a model holds nothing we can read.
fn limits_of(path: &str, size: u64, parsed: &Parsed, limits: &mut Vec<Limit>) {
    let extension =
        path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, last)| last);
    let promised =
        FORMATS.iter().find(|format| LOADED.contains(&format.name) && format.extensions.contains(&extension));
    if let Some(format) = promised
        && (size == 0 || is_unknown(parsed))
    {
        let what = if size == 0 { "it is empty" } else { "its content is of no format that we know" };
        limits
            .push(Limit { place: path.to_owned(), what: format!("named like {}, but {what}", format.name) });
    }
    parsed.visit(|member, inner| {
        for defect in inner.defects.iter().filter(|defect| defect.is_limit()) {
            let place = if member.is_empty() { path.to_owned() } else { format!("{path}!{member}") };
            limits.push(Limit { place, what: format!("{}: {}", defect.code, defect.detail) });
        }
    });
}

/// Whether no parser knew anything in the file.
pub(crate) fn is_unknown(parsed: &Parsed) -> bool {
    matches!(parsed.facts, Facts::Unknown) && parsed.members.is_empty()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make the files they read")]
mod tests {
    use super::*;
    use crate::Silent;

    #[test]
    fn a_model_that_cannot_be_read_is_never_passed_in_silence() {
        let root = tempfile::tempdir().unwrap();
        for (name, content) in
            [("empty.onnx", &b""[..]), ("noise.safetensors", &[0xfe; 40]), ("notes.txt", b"")]
        {
            std::fs::write(root.path().join(name), content).unwrap();
        }
        let read = read_all(&Request::scan(root.path()), &[], None, &Silent).unwrap();
        let stated: Vec<_> =
            read.limits.iter().map(|limit| format!("{}: {}", limit.place, limit.what)).collect();
        let malformed = read.files.iter().find(|file| file.path == "noise.safetensors").unwrap();
        assert!(stated.contains(&"empty.onnx: named like onnx, but it is empty".to_owned()), "{stated:?}");
        assert!(
            !malformed.parsed.defects.is_empty()
                || stated.iter().any(|line| line.starts_with("noise.safetensors")),
            "{stated:?}"
        );
        assert!(!stated.iter().any(|line| line.starts_with("notes.txt")), "{stated:?}");
    }

    /// A cache in memory that counts what it was asked for.
    #[derive(Default)]
    struct Kept(std::sync::Mutex<std::collections::BTreeMap<Digest, Vec<u8>>>);

    impl Cache for Kept {
        fn get(&self, key: &Digest) -> Option<Vec<u8>> {
            self.0.lock().unwrap().get(key).cloned()
        }
        fn put(&self, key: &Digest, record: &[u8]) {
            self.0.lock().unwrap().insert(*key, record.to_vec());
        }
        fn build(&self) -> Option<Digest> {
            Some(Digest::of(b"this build"))
        }
        fn trusts_times(&self) -> bool {
            true
        }
    }

    #[test]
    fn an_unchanged_tree_is_not_read_again_and_comes_out_the_same() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, content: &[u8]| std::fs::write(root.path().join(name), content).unwrap();
        write("requirements.txt", b"torch==2.1.0\n");
        write("train.py", b"import joblib\njoblib.load('model.joblib')\n");
        write("notes.md", b"# notes\n");
        write("noise.bin", &[0xfe; 40]);
        write("empty.onnx", b"");
        let request = Request { stages: Stages::INVENTORY, ..Request::scan(root.path()) };
        let kept = Kept::default();
        let look = |cache: Option<&dyn Cache>| {
            let reviewed = crate::review_with(&request, cache, &Silent).unwrap();
            (reviewed.review, reviewed.files, reviewed.understood_files)
        };
        let without = look(None);
        assert_eq!((without.1, without.2), (5, 3));
        assert!(look(Some(&kept)) == without, "the ledger and a first look differ");
        let entries = kept.0.lock().unwrap().len();
        assert!(entries > 0);
        // Were a file opened again, its absence of rights would be a limit; as root it would not, so its bytes are
        // replaced behind the entry instead: what the ledger says is what counts.
        for record in kept.0.lock().unwrap().values_mut() {
            while let Some(at) = record.windows(10).position(|bytes| bytes == b"pypi/torch") {
                record[at..at + 10].copy_from_slice(b"pypi/Torch");
            }
        }
        assert!(format!("{:?}", look(Some(&kept)).0.assets).contains("pypi/Torch"));
        std::thread::sleep(Duration::from_millis(20));
        write("requirements.txt", b"numpy==2.1.0\n");
        let changed = look(Some(&kept));
        assert!(format!("{:?}", changed.0.assets).contains("pypi/numpy"));
        assert!(changed == look(None), "the ledger and a new look differ");
    }
}
