//! Tables of delimited text: CSV and TSV.
//!
//! Every row is read and counted; at most [`KEPT_ROWS`] are kept, spread evenly over the whole file, so that what is
//! learnt from them holds for the file and memory stays bounded. RFC 4180, leniently.

mod column;
#[cfg(test)]
mod tests;

use csv::{ReaderBuilder, StringRecord};
use md5::{Digest as _, Md5};

pub use column::{Column, Values};

use crate::text::md5_hex;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// Delimited text.
pub const FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv", "tsv"],
    recognise: |input| {
        let named = FORMAT_EXTENSIONS.contains(&input.extension().as_str());
        if named && !input.head(8192).contains(&0) { Recognised::ByName } else { Recognised::No }
    },
    parse: |input| {
        let (table, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Table(table), defects, members: Vec::new() }
    },
};

const FORMAT_EXTENSIONS: [&str; 2] = ["csv", "tsv"];
/// Rows that are kept at most.
pub const KEPT_ROWS: usize = 20_000;
/// Cells that are kept at most.
const KEPT_CELLS: usize = 1 << 20;
/// Columns that are kept at most.
const COLUMNS: usize = 4_096;

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// Byte between cells.
    pub delimiter: u8,
    /// Whether the first line names the columns.
    pub has_header: bool,
    /// Columns in order, with the values of the kept rows.
    pub columns: Vec<Column>,
    /// Rows in the file, header left out.
    pub rows: u64,
    /// Zero-based numbers of the kept rows, ascending.
    pub kept: Vec<u64>,
    /// One hash per row, in order, bounded by [`crate::Limits::records`]; equal rows have equal hashes.
    pub row_hashes: Vec<u64>,
    /// MD5 of all bytes in lower-case hexadecimal, as DVC records it.
    pub md5: String,
}

impl Table {
    /// The column with this name, in any case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// Reads a table.
pub fn parse(input: &Input<'_>) -> (Table, Vec<Defect>) {
    let mut defects = Vec::new();
    let bytes = input.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input.bytes);
    let delimiter = delimiter(bytes);
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut table = Table { delimiter, md5: md5_hex(input.bytes), ..Table::default() };
    let mut first: Option<StringRecord> = None;
    let mut kept: Vec<(u64, StringRecord)> = Vec::new();
    let (mut stride, mut capacity, mut width, mut ragged) = (1_u64, KEPT_ROWS, 0, 0_u64);
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                defects.push(Defect::whole("csv-broken", format!("the table breaks off: {error}")));
                break;
            }
        }
        // A copy of the record would be as large as the widest one before it.
        let row = || record.iter().take(COLUMNS).map(String::from_utf8_lossy).collect::<StringRecord>();
        if width == 0 {
            width = record.len();
            let row = row();
            capacity = (KEPT_CELLS / width.max(1)).clamp(1, KEPT_ROWS);
            if is_header(&row) {
                table.has_header = true;
                first = Some(row);
                continue;
            }
        }
        ragged += u64::from(record.len() != width);
        if table.row_hashes.len() < input.budget.limits.records {
            table.row_hashes.push(hash(&record));
        }
        if table.rows.is_multiple_of(stride) {
            if kept.len() >= capacity.saturating_mul(2) {
                stride = stride.saturating_mul(2);
                kept.retain(|(number, _)| number.is_multiple_of(stride));
            }
            if table.rows.is_multiple_of(stride) {
                kept.push((table.rows, row()));
            }
        }
        table.rows += 1;
    }
    while kept.len() > capacity {
        stride = stride.saturating_mul(2);
        kept.retain(|(number, _)| number.is_multiple_of(stride));
    }
    if ragged > 0 {
        defects.push(Defect::whole("csv-ragged", format!("{ragged} rows do not have {width} cells")));
    }
    if width > COLUMNS {
        defects
            .push(Defect::whole("limit-columns", format!("{width} columns; the first {COLUMNS} were read")));
    }
    table.columns = (0..width.min(COLUMNS))
        .map(|index| {
            let name = first.as_ref().and_then(|row| row.get(index)).unwrap_or_default().trim().to_owned();
            Column::of(name, kept.iter().map(|(_, row)| row.get(index).unwrap_or_default().trim()))
        })
        .collect();
    table.kept = kept.into_iter().map(|(number, _)| number).collect();
    (table, defects)
}

/// The delimiter that the first lines use most evenly.
fn delimiter(bytes: &[u8]) -> u8 {
    let head = bytes.get(..8192).unwrap_or(bytes);
    let lines: Vec<&[u8]> =
        head.split(|byte| *byte == b'\n').take(10).filter(|line| !line.is_empty()).collect();
    let fewest = |delimiter: u8| {
        lines.iter().map(|line| line.iter().filter(|byte| **byte == delimiter).count()).min().unwrap_or(0)
    };
    // The comma wins a draw.
    [b'\t', b';', b'|', b','].into_iter().max_by_key(|delimiter| fewest(*delimiter)).unwrap_or(b',')
}

/// A first line of distinct, non-empty words without a number among them names the columns.
fn is_header(row: &StringRecord) -> bool {
    let mut names: Vec<&str> = row.iter().map(str::trim).collect();
    let words = names.iter().all(|name| !name.is_empty() && name.parse::<f64>().is_err());
    names.sort_unstable();
    names.dedup();
    words && names.len() == row.len()
}

/// Tells rows apart; MD5 is enough for that, and already here for DVC.
fn hash(record: &csv::ByteRecord) -> u64 {
    let mut hasher = Md5::new();
    for cell in record {
        hasher.update((cell.len() as u64).to_le_bytes());
        hasher.update(cell);
    }
    let digest = hasher.finalize();
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
