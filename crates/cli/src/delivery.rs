//! Brings a result to standard output or to a file.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use vauban_export::v1::Document;

use crate::arguments::Output;

/// A way to show a document as text on a terminal.
pub(crate) type TextView = fn(&Document) -> String;

/// Renders `document` in the format asked for and brings it where it was asked for.
pub(crate) fn deliver(document: &Document, output: &Output, view: TextView) -> anyhow::Result<()> {
    let bytes = render(document, &output.format, view)?;
    match &output.output {
        Some(path) => write(path, &bytes),
        None => print(&bytes),
    }
}

/// Whether `format` is known, before long work is done for nothing.
pub(crate) fn check_format(format: &str) -> anyhow::Result<()> {
    if format == "text" || vauban_export::find(format).is_some() {
        return Ok(());
    }
    let known: Vec<_> = vauban_export::FORMATS.iter().map(|exporter| exporter.name).collect();
    bail!("unknown format `{format}`; use text, {}", known.join(", "))
}

fn render(document: &Document, format: &str, view: TextView) -> anyhow::Result<Vec<u8>> {
    if format == "text" {
        return Ok(view(document).into_bytes());
    }
    check_format(format)?;
    let exporter = vauban_export::find(format).with_context(|| format!("unknown format `{format}`"))?;
    (exporter.write)(document).with_context(|| format!("cannot write this as {format}"))
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
