//! Labelled data for attacks, from NPY, CSV or Parquet, told apart by content.

use std::path::Path;

use anyhow::{Context, bail};
use vauban_attacks::Samples;
use vauban_connect::Content;
use vauban_domain::TestScope;
use vauban_formats::dataset;
use vauban_formats::declaration::render_problem;
use vauban_formats::parquet::Cells;
use vauban_formats::tabular_schema::{self, TabularSchema};

/// Where labelled data is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Path of the inputs.
    pub(crate) inputs: &'a str,
    /// Path of the labels; empty when they are a column of the inputs.
    pub(crate) labels: &'a str,
    /// That column; empty for the last.
    pub(crate) label_column: &'a str,
}

impl<'a> Place<'a> {
    /// The data to attack with.
    pub(crate) fn of(test: &'a TestScope) -> Self {
        Self { inputs: &test.inputs, labels: &test.labels, label_column: &test.label_column }
    }
}

fn open(root: &Path, path: &str) -> anyhow::Result<Content> {
    Content::open(&root.join(path)).with_context(|| format!("cannot read `{path}`"))
}

/// Inputs and labels; with a schema, the columns it names in its order.
///
/// # Errors
/// When a file cannot be read or holds no labelled numbers; the message names file, column and row.
pub(crate) fn samples(
    root: &Path,
    place: Place<'_>,
    schema: Option<&TabularSchema>,
) -> anyhow::Result<Samples> {
    let inputs = open(root, place.inputs)?;
    let labels = if place.labels.is_empty() { None } else { Some(open(root, place.labels)?) };
    let column = Some(place.label_column).filter(|name| !name.is_empty());
    read(&inputs, labels.as_deref(), column, schema).with_context(|| {
        let beside = if place.labels.is_empty() { String::new() } else { format!(" and `{}`", place.labels) };
        format!("`{}`{beside} cannot be used as samples", place.inputs)
    })
}

/// Inputs and labels from the bytes of files, or of one with a column of labels.
///
/// # Errors
/// When they hold no labelled numbers.
pub(crate) fn read(
    inputs: &[u8],
    labels: Option<&[u8]>,
    column: Option<&str>,
    schema: Option<&TabularSchema>,
) -> anyhow::Result<Samples> {
    let read = dataset::samples(inputs, labels, column, schema)?;
    Ok(Samples { inputs: read.inputs, shape: read.shape, labels: read.labels })
}

/// The schema of the columns; `None` if none is given.
///
/// # Errors
/// When it cannot be read or says something wrong.
pub(crate) fn schema(root: &Path, path: &str) -> anyhow::Result<Option<TabularSchema>> {
    if path.is_empty() {
        return Ok(None);
    }
    let bytes = open(root, path)?;
    let text =
        std::str::from_utf8(&bytes).with_context(|| format!("`{path}` is not UTF-8; save it as UTF-8"))?;
    let (schema, problems) = tabular_schema::read(text);
    if !problems.is_empty() {
        let shown: Vec<_> = problems.iter().take(10).map(|problem| render_problem(text, problem)).collect();
        bail!("`{path}` has {} mistakes\n{}", problems.len(), shown.join("\n"));
    }
    Ok(Some(schema))
}

/// The group of each sample, from a file of one column.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn groups(root: &Path, path: &str) -> anyhow::Result<Vec<String>> {
    let table =
        dataset::read_table(&open(root, path)?).with_context(|| format!("`{path}` holds no groups"))?;
    Ok(match table.cells.last() {
        Some(Cells::Numbers(numbers)) => numbers.iter().map(ToString::to_string).collect(),
        Some(Cells::Texts(texts)) => texts.clone(),
        None => Vec::new(),
    })
}
