//! Brings a result to standard output or to a file.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use vauban_export::Exporter;
use vauban_export::v1::Document;

use crate::arguments::Output;

/// A way to show a document as text on a terminal.
pub(crate) type TextView = fn(&Document) -> String;

/// Renders `document` in the format asked for and brings it where it was asked for.
pub(crate) fn deliver(
    document: &Document,
    output: &Output,
    view: impl Fn(&Document) -> String,
) -> anyhow::Result<()> {
    let bytes = render(document, &output.format, view)?;
    match &output.output {
        Some(path) => write(path, &bytes),
        None => print(&bytes),
    }
}

/// Whether `format` is known, before long work is done for nothing.
pub(crate) fn check_format(format: &str) -> anyhow::Result<()> {
    exporter(format).map(drop)
}

/// The exporter of a format; `None` for text, which is the command line's own.
fn exporter(format: &str) -> anyhow::Result<Option<&'static Exporter>> {
    let found = vauban_export::find(format);
    if format != "text" && found.is_none() {
        let known: Vec<_> = vauban_export::FORMATS.iter().map(|exporter| exporter.name).collect();
        bail!("unknown format `{format}`; use text, {}", known.join(", "));
    }
    Ok(found)
}

fn render(document: &Document, format: &str, view: impl Fn(&Document) -> String) -> anyhow::Result<Vec<u8>> {
    match exporter(format)? {
        Some(exporter) => {
            (exporter.write)(document).with_context(|| format!("cannot write this as {format}"))
        }
        None => Ok(view(document).into_bytes()),
    }
}

/// Writes a file in one step: a reader sees the old one or the new one.
#[expect(clippy::disallowed_methods, reason = "the command line writes what its user asked for")]
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut name = path.file_name().context("the output is a folder; name a file in it")?.to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    std::fs::write(&part, bytes).with_context(|| format!("cannot write `{}`", part.display()))?;
    std::fs::rename(&part, path).with_context(|| format!("cannot write `{}`", path.display()))
}

/// Writes to standard output.
pub(crate) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}
