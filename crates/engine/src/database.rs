//! Reads advisory databases: archives and folders of OSV records, and tables of our own.
//!
//! What OSV publishes is one archive for each ecosystem (`PyPI/all.zip`), as osv-scanner keeps them below a folder; the
//! databases of PyPA, GitHub, RustSec and Go are folders of records. All of them are read by what their files are.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use rayon::prelude::*;
use vauban_connect::{Content, WalkOptions, walk};
use vauban_domain::Timestamp;
use vauban_formats::{Budget, Input, Limits, zip};
use vauban_knowledge::advisories::{Builder, Table, import_json, import_yaml};

use crate::Progress;

/// Members of an archive that are read, at most: the largest ecosystem has a quarter of a million records.
const MEMBERS: usize = 4_000_000;
/// Bytes that may be inflated out of one archive.
const INFLATED: u64 = 32 << 30;
/// Records that one thread reads in one go.
const SOME: usize = 256;

/// A database that was read.
#[derive(Debug)]
pub struct Database {
    /// The table, as it is to be written.
    pub text: String,
    /// Records seen.
    pub records: u64,
    /// What was not taken: reasons and how often.
    pub skipped: Vec<(String, u64)>,
}

/// Reads everything at `paths` into one table. Ecosystems that nothing there has are kept from `known`.
///
/// # Errors
/// When a path cannot be read, or nothing in any of them is a record.
pub fn import(
    paths: &[PathBuf],
    known: Option<&Table>,
    now: Timestamp,
    progress: &dyn Progress,
) -> anyhow::Result<Database> {
    let mut builder = Builder::default();
    for path in paths {
        builder.append(read(path, progress)?);
    }
    if builder.rows() == 0 {
        let reasons: Vec<String> =
            builder.skipped().iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        let why = if reasons.is_empty() {
            "there is no file of OSV records".to_owned()
        } else {
            reasons.join(", ")
        };
        bail!(
            "no advisory was found: {why}; give an all.zip of OSV, a folder of OSV records or a table of ours"
        );
    }
    let mut sources: Vec<String> = paths.iter().map(|path| format!("{} on {now}", path.display())).collect();
    if let Some(known) = known {
        let imported = builder.ecosystems();
        builder.add_table(known, |ecosystem| !imported.contains(&ecosystem));
        sources.extend(
            known.sources().iter().filter(|source| !sources.contains(source)).cloned().collect::<Vec<_>>(),
        );
    }
    let records = builder.records();
    let skipped = builder.skipped().clone().into_iter().collect();
    Ok(Database { text: builder.finish(now, &sources), records, skipped })
}

/// Reads what is at one path.
fn read(path: &Path, progress: &dyn Progress) -> anyhow::Result<Builder> {
    let options = WalkOptions { respect_ignore: false, ..WalkOptions::default() };
    let walked = walk(path, &options)?;
    let (archives, files): (Vec<_>, Vec<_>) = walked
        .entries
        .into_iter()
        .filter(|entry| is_wanted(&entry.name) || entry.path == path)
        .partition(|entry| entry.name.ends_with(".zip"));
    let mut builder = Builder::default();
    for _ in &walked.skipped {
        builder.skip("files that could not be opened");
    }
    for archive in archives {
        let content =
            Content::open(&archive.path).with_context(|| format!("cannot read `{}`", archive.name))?;
        builder.append(read_archive(&archive.name, &content, progress));
    }
    progress.begin("import", files.len() as u64);
    let parts: Vec<Builder> = files
        .par_chunks(SOME)
        .map(|some| {
            let mut builder = Builder::default();
            for entry in some {
                match Content::open(&entry.path) {
                    Ok(content) => read_file(&entry.name, &content, &mut builder),
                    Err(_) => builder.skip("files that could not be opened"),
                }
            }
            progress.advance(some.len() as u64);
            builder
        })
        .collect();
    for part in parts {
        builder.append(part);
    }
    Ok(builder)
}

fn is_wanted(name: &str) -> bool {
    [".csv", ".json", ".yaml", ".yml", ".zip"].iter().any(|ending| name.ends_with(ending))
}

/// One record, or a table of ours.
fn read_file(name: &str, bytes: &[u8], builder: &mut Builder) {
    if Table::is_one(bytes) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        match Table::read(text.into(), vauban_knowledge::advisories::Origin::Imported) {
            Ok(table) => builder.add_table(&table, |_| true),
            Err(error) => builder.skip(format!("table of ours in which {error}")),
        }
    } else if name.ends_with(".yaml") || name.ends_with(".yml") {
        builder.add(import_yaml(bytes));
    } else if name.ends_with(".csv") {
        builder.skip("table that is none of ours");
    } else {
        builder.add(import_json(bytes));
    }
}

/// Every record of an archive, a few hundred at a time on every core; within bounds, whatever its headers say.
fn read_archive(name: &str, bytes: &[u8], progress: &dyn Progress) -> Builder {
    let limits = Limits { members: MEMBERS, inflated_bytes: INFLATED, ..Limits::default() };
    let budget = Budget::new(limits);
    // The budget learns how large the file is, to which what comes out of it is held.
    let input = Input::new(name, bytes, &budget);
    let (archive, defects) = zip::directory(input.bytes, &budget.limits);
    let mut whole = Builder::default();
    if defects.iter().any(|defect| defect.is_limit()) {
        whole.skip("members of an archive with too many of them");
    }
    let entries: Vec<&zip::Entry> = archive
        .entries
        .iter()
        .filter(|entry| {
            entry.listed && !entry.is_folder() && is_wanted(&entry.name) && !entry.name.ends_with(".zip")
        })
        .collect();
    progress.begin("import", entries.len() as u64);
    let parts: Vec<Builder> = entries
        .par_chunks(SOME)
        .map(|some| {
            let mut builder = Builder::default();
            for entry in some {
                match zip::content(bytes, entry, &budget) {
                    Ok(content) if content.defect.is_none() => {
                        read_file(&entry.name, content.bytes(), &mut builder);
                    }
                    _ => builder.skip("members that do not inflate, or to too much"),
                }
            }
            progress.advance(some.len() as u64);
            builder
        })
        .collect();
    for part in parts {
        whole.append(part);
    }
    whole
}
