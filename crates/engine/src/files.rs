//! Reads and parses every file, in parallel and one at a time in memory.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rayon::prelude::*;
use vauban_connect::inventory::{Collector, Seen};
use vauban_connect::{Content, Entry, WalkOptions};
use vauban_domain::{Digest, Limit};
use vauban_formats::{Budget, FORMATS, Facts, Input, Limits, Parsed};

use crate::Progress;
use crate::watchdog::Watchdog;

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
    /// SHA-256 of the bytes.
    pub(crate) digest: Digest,
    /// Facts.
    pub(crate) parsed: Parsed,
    /// What it adds to the estate.
    pub(crate) collector: Collector,
}

/// All files below the root, by path, and what was not read.
#[derive(Debug, Default)]
pub(crate) struct ReadFiles {
    pub(crate) files: Vec<ReadFile>,
    pub(crate) limits: Vec<Limit>,
}

/// Walks `root` and parses what is there.
///
/// # Errors
/// When the root itself cannot be opened. A file that cannot be read is a stated limit, never an error.
pub(crate) fn read_all(
    root: &Path,
    walk: &WalkOptions,
    limits: &FileLimits,
    progress: &dyn Progress,
) -> anyhow::Result<ReadFiles> {
    progress.begin("walk", 0);
    let walked = vauban_connect::walk(root, walk)?;
    let mut limits_hit: Vec<Limit> =
        walked.skipped.into_iter().map(|skipped| Limit { place: skipped.name, what: skipped.why }).collect();
    let total = walked.entries.iter().map(|entry| entry.size).sum();
    progress.begin("read", total);
    let watchdog = Watchdog::new(limits.time);
    let read: Vec<Result<ReadFile, Limit>> = walked
        .entries
        .par_iter()
        .map(|entry| {
            let outcome = read(entry, limits, &watchdog);
            progress.advance(entry.size);
            outcome
        })
        .collect();
    let mut files = Vec::with_capacity(read.len());
    for outcome in read {
        match outcome {
            Ok(file) => {
                limits_of(&file.path, file.size, &file.parsed, &mut limits_hit);
                files.push(file);
            }
            Err(limit) => limits_hit.push(limit),
        }
    }
    limits_hit.sort();
    Ok(ReadFiles { files, limits: limits_hit })
}

fn read(entry: &Entry, limits: &FileLimits, watchdog: &Watchdog) -> Result<ReadFile, Limit> {
    let content = Content::open(&entry.path)
        .map_err(|error| Limit { place: entry.name.clone(), what: format!("cannot be read: {error}") })?;
    let budget = Arc::new(Budget::new(limits.parsing.clone()));
    let watch = watchdog.watch(&budget);
    let parsed =
        catch_unwind(AssertUnwindSafe(|| vauban_formats::parse(&Input::new(&entry.name, &content, &budget))))
            .map_err(|_| Limit {
                place: entry.name.clone(),
                what: "the parser panicked; please report the file".to_owned(),
            })?;
    drop(watch);
    let digest = Digest::of(&content);
    let size = content.len() as u64;
    let collector = vauban_connect::inventory::map(&Seen {
        path: &entry.name,
        size,
        digest: Some(digest),
        parsed: &parsed,
    });
    Ok(ReadFile { path: entry.name.clone(), size, digest, parsed, collector })
}

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
        let read = read_all(root.path(), &WalkOptions::default(), &FileLimits::default(), &Silent).unwrap();
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
}
