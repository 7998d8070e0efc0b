//! `vauban bom`.

use std::path::Path;

use anyhow::{Context, bail};
use vauban_engine::Stages;
use vauban_export::v1::{Document, Part};
use vauban_export::{bom_diff, score, training_summary};
use vauban_formats::bom::{Bom, FORMAT};
use vauban_formats::{Budget, Input, Recognised};

use crate::arguments::{BomArguments, BomCommand, BomFormat, BomOutput, BomSource, Common, Draft, Prose};
use crate::bars::Bars;
use crate::{Ended, delivery, present, text};

/// Bytes of a bill of materials that are read.
const LARGEST: u64 = 1 << 30;

/// Runs one of the commands.
pub(crate) fn run(common: &Common, arguments: &BomArguments) -> anyhow::Result<Ended> {
    match &arguments.command {
        BomCommand::Export { source, format, output } => {
            let name = match format {
                BomFormat::Cyclonedx => "cyclonedx",
                BomFormat::Cyclonedx17 => "cyclonedx-1.7",
                BomFormat::Spdx => "spdx",
            };
            let exporter = vauban_export::find(name).context("the format is not built in")?;
            let (document, ended) = document(common, source)?;
            let bytes =
                (exporter.write)(&document).with_context(|| format!("cannot write this as {name}"))?;
            deliver(output, &bytes)?;
            Ok(ended)
        }
        BomCommand::Score { source, format, output } => {
            let (document, ended) = document(common, source)?;
            let scores = score::score(&document);
            let bytes = match format {
                Prose::Text => text::bom::score(&scores).into_bytes(),
                Prose::Markdown => text::bom::score_markdown(&scores).into_bytes(),
                Prose::Json => json(&scores)?,
            };
            deliver(output, &bytes)?;
            Ok(ended)
        }
        BomCommand::TrainingSummary { source, format, output } => {
            let (document, ended) = document(common, source)?;
            let bytes = match format {
                Draft::Markdown => training_summary::markdown(&document).into_bytes(),
                Draft::Json => json(&training_summary::summaries(&document))?,
            };
            deliver(output, &bytes)?;
            Ok(ended)
        }
        BomCommand::Diff { before, after, format, fail_on_change } => {
            let diff = bom_diff(&read(before)?, &read(after)?);
            let bytes = match format {
                Prose::Text => text::bom::diff(&diff).into_bytes(),
                Prose::Markdown => text::bom::diff_markdown(&diff).into_bytes(),
                Prose::Json => json(&diff)?,
            };
            delivery::print(&bytes)?;
            Ok(if *fail_on_change && !diff.is_empty() { Ended::Gated } else { Ended::Clean })
        }
    }
}

/// A saved review, or a fresh one of what is there and what the checks say about it.
fn document(common: &Common, source: &BomSource) -> anyhow::Result<(Document, Ended)> {
    if let Some(path) = &source.from {
        return Ok((super::read_document(path)?, Ended::Clean));
    }
    let bars = Bars::new(common.quiet);
    let request = super::request(&source.subject, None, Stages::SCAN, present::now(common)?);
    let reviewed = vauban_engine::review(&request, &bars)?;
    bars.finish();
    let history = super::scan::accepted(common, &reviewed.review)?;
    const PARTS: &[Part] = &[Part::Assets, Part::Relations, Part::Findings, Part::Outcomes];
    let document = Document::of(&reviewed.review, PARTS, &history);
    Ok((document, if reviewed.understood_files == 0 { Ended::Nothing } else { Ended::Clean }))
}

fn deliver(output: &BomOutput, bytes: &[u8]) -> anyhow::Result<()> {
    match &output.output {
        Some(path) => delivery::write(path, bytes),
        None => delivery::print(bytes),
    }
}

fn json(value: &impl serde::Serialize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a bill of materials in any format.
#[expect(clippy::disallowed_methods, reason = "the user named the file")]
fn read(path: &Path) -> anyhow::Result<Bom> {
    let shown = path.display();
    let size = std::fs::metadata(path).with_context(|| format!("cannot read `{shown}`"))?.len();
    if size > LARGEST {
        bail!("`{shown}` is larger than 1 GiB; that is no bill of materials that can be compared");
    }
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{shown}`"))?;
    let budget = Budget::default();
    let name = path.to_string_lossy();
    let input = Input::new(&name, &bytes, &budget);
    if (FORMAT.recognise)(&input) == Recognised::No {
        bail!("`{shown}` is no bill of materials; give CycloneDX in JSON or SPDX in JSON or tag-value");
    }
    let (bom, defects) = vauban_formats::bom::parse(&input);
    for defect in defects {
        crate::style::talk(&format!("{shown}: {}", defect.detail));
    }
    Ok(bom)
}
