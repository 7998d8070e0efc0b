//! Jupyter notebooks, versions 3 and 4: cells with their source, Python facts and saved outputs.
//!
//! <https://nbformat.readthedocs.io/en/latest/format_description.html>

#[cfg(test)]
mod tests;

use serde_json::Value as Json;

use crate::python::{Escape, Python, parse_source};
use crate::{Defect, Facts, Format, Input, Limits, Parsed, Recognised};

/// Notebooks.
pub const FORMAT: Format = Format {
    name: "notebook",
    extensions: &["ipynb"],
    recognise: |input| {
        let opens = || input.head(4096).trim_ascii_start().starts_with(b"{");
        if input.extension() == "ipynb" && opens() { Recognised::ByShape } else { Recognised::No }
    },
    parse: |input| {
        let (notebook, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Notebook(notebook), defects, members: Vec::new() }
    },
};

/// Text kept of one output, in bytes.
const OUTPUT: usize = 1 << 20;

/// A notebook.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notebook {
    /// Major version of the format, 3 or 4.
    pub version: i64,
    /// Language of the code cells, `python` unless it says otherwise.
    pub language: String,
    /// In order.
    pub cells: Vec<Cell>,
}

/// What a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Runs.
    Code,
    /// Is read.
    Text,
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Place in the notebook, from 0.
    pub index: usize,
    /// What it is.
    pub kind: CellKind,
    /// Its source.
    pub source: String,
    /// Facts of a Python code cell; lines count from 1 in the cell.
    pub python: Python,
    /// Saved outputs as text: streams, results, errors; images are left out.
    pub outputs: Vec<String>,
}

/// Reads a notebook.
pub fn parse(input: &Input<'_>) -> (Notebook, Vec<Defect>) {
    let limits = &input.budget.limits;
    let (text, mut defects) = crate::yaml::text_of(input.bytes, limits);
    let root: Json = match serde_json::from_str(&text) {
        Ok(root) => root,
        Err(error) => {
            defects.push(Defect::whole("json-syntax", format!("the notebook is no JSON: {error}")));
            return (Notebook::default(), defects);
        }
    };
    let language = root["metadata"]["kernelspec"]["language"]
        .as_str()
        .or_else(|| root["metadata"]["language_info"]["name"].as_str())
        .unwrap_or("python")
        .to_lowercase();
    let mut notebook =
        Notebook { version: root["nbformat"].as_i64().unwrap_or(0), language, cells: Vec::new() };
    let sheets = root["worksheets"].as_array().into_iter().flatten().map(|sheet| &sheet["cells"]);
    let cells = std::iter::once(&root["cells"]).chain(sheets).filter_map(Json::as_array).flatten();
    for (index, cell) in cells.enumerate() {
        if index >= limits.members {
            defects.push(Defect::whole("limit-members", format!("more than {} cells", limits.members)));
            break;
        }
        let source = match &cell["source"] {
            Json::Null => joined(&cell["input"]),
            source => joined(source),
        };
        let kind = if cell["cell_type"] == "code" { CellKind::Code } else { CellKind::Text };
        let python = match kind {
            CellKind::Code if notebook.language.contains("python") => {
                code(&source, index, limits, &mut defects)
            }
            _ => Python::default(),
        };
        let outputs = cell["outputs"].as_array().into_iter().flatten().flat_map(output).collect();
        notebook.cells.push(Cell { index, kind, source, python, outputs });
    }
    (notebook, defects)
}

/// Text that is written in one piece or as a list of lines.
fn joined(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Array(lines) => lines.iter().filter_map(Json::as_str).collect(),
        _ => String::new(),
    }
}

fn code(source: &str, index: usize, limits: &Limits, defects: &mut Vec<Defect>) -> Python {
    let first = source.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    if let Some(magic) = first.strip_prefix("%%") {
        let word = magic.split_whitespace().next().unwrap_or_default();
        if matches!(word, "bash" | "sh" | "script" | "!") {
            let lines = source.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("%%"));
            let escapes = lines.filter(|(_, line)| !line.trim().is_empty()).map(|(at, line)| Escape {
                shell: true,
                command: line.trim().to_owned(),
                line: u32::try_from(at + 1).unwrap_or(u32::MAX),
            });
            return Python { escapes: escapes.collect(), ..Python::default() };
        }
        if !matches!(word, "time" | "timeit" | "capture" | "prun") {
            return Python::default();
        }
    }
    // A cell magic on Python leaves its line empty, so that lines keep their numbers.
    let plain = if first.starts_with("%%") { source.replacen(first, "", 1) } else { source.to_owned() };
    let (python, found) = parse_source(&plain, true, limits);
    defects.extend(found.into_iter().map(|mut defect| {
        defect.detail = format!("cell {index}: {}", defect.detail);
        defect.offset = None;
        defect
    }));
    python
}

/// The texts of one output.
fn output(output: &Json) -> Vec<String> {
    let mut texts = vec![joined(&output["text"])];
    // Version 3 puts representations beside the type, version 4 under `data`.
    for place in [&output["data"], output] {
        for mime in ["text/plain", "text/html", "text/markdown", "application/json", "html"] {
            texts.push(match &place[mime] {
                Json::Object(object) => Json::Object(object.clone()).to_string(),
                text => joined(text),
            });
        }
    }
    texts.push(joined(&output["traceback"]));
    texts.retain(|text| !text.is_empty());
    for text in &mut texts {
        if text.len() > OUTPUT {
            let cut = (0..=OUTPUT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(cut);
        }
    }
    texts
}
