//! Reading of the compiled-in CSV tables: `#` lines are headers, cells may hold lists separated by blanks.

use serde::de::DeserializeOwned;

/// All rows of a table.
///
/// # Panics
/// When a compiled-in table is broken; the crate's tests load every one of them.
pub(crate) fn rows<Row: DeserializeOwned>(name: &str, text: &str) -> Vec<Row> {
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes())
        .deserialize()
        .map(|row| match row {
            Ok(row) => row,
            Err(error) => panic!("compiled-in table {name}: {error}"),
        })
        .collect()
}

/// The words of a cell.
pub(crate) fn words(cell: &str) -> Vec<String> {
    cell.split_ascii_whitespace().map(str::to_owned).collect()
}

/// Empty cells are absent facts.
pub(crate) fn present(cell: String) -> Option<String> {
    (!cell.is_empty()).then_some(cell)
}
