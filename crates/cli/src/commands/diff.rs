//! `vauban diff`.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use vauban_export::review_diff::{ReviewDiff, review_diff};
use vauban_export::v1::Document;
use vauban_store::Store;

use crate::arguments::{Common, DiffArguments, DiffGate, Plain};
use crate::{Ended, delivery, present, style, text};

/// Compares two reviews, stored or saved; the last two stored ones unless told otherwise.
pub(crate) fn run(common: &Common, arguments: &DiffArguments) -> anyhow::Result<Ended> {
    let (before, after) = match arguments.reviews.as_slice() {
        [one, other] => {
            if arguments.before.is_some() || arguments.after.is_some() {
                bail!("two reviews are named, and --before or --after besides; name two in one way");
            }
            let mut store = None;
            (named(common, &mut store, one)?, named(common, &mut store, other)?)
        }
        [one] if Path::new(one).is_file() => {
            bail!("`{one}` is a file and wants another to compare it with: `vauban diff EARLIER {one}`")
        }
        subject => {
            let path = subject.first().map_or_else(|| PathBuf::from("."), PathBuf::from);
            stored(common, &path, arguments)?
        }
    };
    let diff = review_diff(&before, &after);
    match arguments.format {
        Plain::Text => delivery::print(text::diff(&diff).as_bytes())?,
        Plain::Json => delivery::print(&as_json(&diff)?)?,
    }
    let regressions = diff.regressions();
    if arguments.fail_on == Some(DiffGate::Regression) && !regressions.is_empty() {
        style::talk(&format!("worse than before: {}", regressions.join(", ")));
        return Ok(Ended::Gated);
    }
    Ok(Ended::Clean)
}

/// The reviews of `path` that the options name.
fn stored(common: &Common, path: &Path, arguments: &DiffArguments) -> anyhow::Result<(Document, Document)> {
    let mut store = present::store(common)?;
    let subject = super::subject_name(path);
    let rows = store.reviews(&subject)?;
    if rows.len() < 2 && (arguments.before.is_none() || arguments.after.is_none()) {
        bail!(
            "{} reviews of `{subject}` are stored and two are needed; make them with `vauban review`",
            rows.len()
        );
    }
    let after = arguments.after.clone().or_else(|| rows.first().map(|row| row.id.clone()));
    let after = after.context("no later review")?;
    let before = arguments
        .before
        .clone()
        .or_else(|| rows.iter().skip_while(|row| row.id != after).nth(1).map(|row| row.id.clone()))
        .with_context(|| {
            format!("no review of `{subject}` is earlier than {after}; name one with --before")
        })?;
    let mut store = Some(store);
    Ok((by_id(common, &mut store, &before)?, by_id(common, &mut store, &after)?))
}

/// A file, or else the id of a stored review.
fn named(common: &Common, store: &mut Option<Store>, name: &str) -> anyhow::Result<Document> {
    let path = Path::new(name);
    if path.is_file() { super::read_document(path) } else { by_id(common, store, name) }
}

fn by_id(common: &Common, store: &mut Option<Store>, id: &str) -> anyhow::Result<Document> {
    let store = match store {
        Some(store) => store,
        None => store.insert(present::store(common)?),
    };
    let bytes = store.document(id)?.with_context(|| {
        format!("`{id}` is no file, and the store has no review of that id; see `vauban report --list`")
    })?;
    Document::read(&bytes).with_context(|| format!("the stored review `{id}` cannot be read"))
}

fn as_json(diff: &ReviewDiff) -> anyhow::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(diff)?;
    bytes.push(b'\n');
    Ok(bytes)
}
