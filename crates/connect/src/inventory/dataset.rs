//! Tables as data sets.

use vauban_domain::{AssetKind, Layer};
use vauban_formats::Facts;

use super::{Collector, Seen};

/// Maps a table.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Table(table) = &seen.parsed.facts else { return };
    let (rows, columns) = (table.rows.to_string(), table.columns.len().to_string());
    let attributes = [("format", "csv"), ("rows", rows.as_str()), ("columns", columns.as_str())];
    collector.file_asset(AssetKind::Dataset, "dataset", Layer::DataOperations, &attributes);
}
