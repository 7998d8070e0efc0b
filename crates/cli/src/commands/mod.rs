//! One file per command.

pub(crate) mod accept;
pub(crate) mod asking;
pub(crate) mod attack;
pub(crate) mod bom;
pub(crate) mod completions;
pub(crate) mod compliance;
pub(crate) mod db;
pub(crate) mod diff;
pub(crate) mod drill;
pub(crate) mod explain;
mod forecasts;
pub(crate) mod harden;
pub(crate) mod init;
pub(crate) mod knowledge;
pub(crate) mod part;
pub(crate) mod report;
pub(crate) mod review;
pub(crate) mod rules;
pub(crate) mod scan;
pub(crate) mod schedule;
pub(crate) mod serving;
pub(crate) mod sign;
mod signed;
pub(crate) mod verify;
pub(crate) mod what_if;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use vauban_domain::Timestamp;
use vauban_engine::{DeclarationSource, FileLimits, Request, Stages, WalkOptions};

use crate::arguments::{Numbers, Subject};

/// The request that a command's options make.
fn request(subject: &Subject, numbers: Option<&Numbers>, stages: Stages, now: Timestamp) -> Request {
    Request {
        subject: subject_name(&subject.path),
        declaration: match &subject.config {
            Some(path) => DeclarationSource::File(path.clone()),
            None => DeclarationSource::AtRoot,
        },
        stages,
        now,
        seed: numbers.map_or(1, |numbers| numbers.seed),
        trials: numbers.map_or(0, |numbers| numbers.trials),
        walk: WalkOptions { respect_ignore: !subject.no_ignore, files: subject.bounds.max_files },
        limits: FileLimits {
            time: Duration::from_secs(subject.bounds.file_seconds),
            ..FileLimits::default()
        },
        ..Request::scan(&subject.path)
    }
}

/// The name under which a path is reviewed and stored: its last part, so that a checkout elsewhere is the same subject.
fn subject_name(path: &Path) -> String {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut parts = full.components().filter_map(|part| match part {
        std::path::Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        _ => None,
    });
    parts.next_back().unwrap_or_else(|| "root".to_owned())
}

/// Reads a saved review.
#[expect(clippy::disallowed_methods, reason = "the user named the file")]
fn read_document(path: &Path) -> anyhow::Result<vauban_export::v1::Document> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    vauban_export::v1::Document::read(&bytes)
        .with_context(|| format!("`{}` is no review in JSON v1", path.display()))
}
