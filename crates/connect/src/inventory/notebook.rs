//! Notebooks, with what their cells load and make.

use vauban_domain::{AssetKind, Layer};
use vauban_formats::Facts;

use super::python::relate;
use super::{Collector, Seen};

/// Maps a notebook.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Notebook(notebook) = &seen.parsed.facts else { return };
    let cells = notebook.cells.len().to_string();
    let attributes =
        [("format", "ipynb"), ("language", notebook.language.as_str()), ("cells", cells.as_str())];
    let home =
        collector.file_asset(AssetKind::Notebook, "training_pipeline", Layer::DataOperations, &attributes);
    for cell in &notebook.cells {
        let place = seen.locator().at_key(format!("cells[{}]", cell.index));
        relate(&home, &cell.python, |line| place.clone().at_line(line), collector);
    }
}
