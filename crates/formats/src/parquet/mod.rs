//! Parquet: the footer's schema, metadata and the places of pages.
//!
//! Source: Apache Parquet format 2.11, `parquet.thrift`; Thrift compact protocol.

mod bits;
mod columns;
mod thrift;

pub use columns::{Cells, columns};

use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};
use thrift::{Thrift, Value};

/// How Parquet files are found and read.
pub const FORMAT: Format = Format { name: "parquet", extensions: &["parquet", "pq"], recognise, parse };

/// A table in columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parquet {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows as stated.
    pub rows: u64,
    /// What wrote it.
    pub writer: String,
    /// The metadata as key and value, cut.
    pub metadata: Vec<(String, String)>,
    /// Other files that hold its columns.
    pub files: Vec<String>,
    /// Whether the footer is encrypted, so that nothing could be read.
    pub encrypted: bool,
}

const MAGIC: &[u8] = b"PAR1";
const ENCRYPTED: &[u8] = b"PARE";
/// Most rows that any table has.
const ROWS: i64 = 1 << 48;

fn recognise(input: &Input<'_>) -> Recognised {
    let magic = input.bytes.starts_with(MAGIC) || input.bytes.starts_with(ENCRYPTED);
    if magic && input.bytes.len() >= 12 { Recognised::ByMagic } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut parquet = Parquet::default();
    let mut members = Vec::new();
    let defects = read(input, &mut parquet, &mut members).err().into_iter().collect();
    Parsed { format: FORMAT.name, facts: Facts::Parquet(parquet), defects, members }
}

fn read(input: &Input<'_>, parquet: &mut Parquet, members: &mut Vec<Member>) -> Result<(), Defect> {
    let bytes = input.bytes;
    if bytes.ends_with(ENCRYPTED) {
        parquet.encrypted = true;
        return Err(Defect::whole("limit-encrypted", "the footer is encrypted, so nobody looked into it"));
    }
    if !bytes.ends_with(MAGIC) {
        return Err(Defect::whole("parquet-no-footer", "a file that does not end with its magic"));
    }
    let Some(tail) = bytes.len().checked_sub(8) else {
        return Err(Defect::whole("parquet-footer", "too short for a footer and its length"));
    };
    let length =
        bytes.get(tail..tail + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes);
    let start = tail.checked_sub(length as usize).filter(|start| *start >= MAGIC.len());
    let Some(footer) = start.and_then(|start| bytes.get(start..tail)) else {
        return Err(Defect::at("parquet-footer", tail as u64, format!("a footer of {length} bytes")));
    };
    let footer = Thrift::new(footer, start.unwrap_or(0), input.budget).root()?;
    parquet.rows = footer.integer(3).unwrap_or(0).max(0).cast_unsigned();
    parquet.writer = footer.text(6);
    for pair in footer.items(5) {
        let key = pair.text(1);
        members.extend(crate::arrow::metadata_value(input, &key, pair.bytes(2)));
        parquet.metadata.push((key, pair.text(2).chars().take(1 << 16).collect()));
    }
    let (columns, leaves) = schema(&footer)?;
    parquet.columns = columns;
    check(&footer, leaves, bytes.len() as i64, parquet)
}

/// Names of all elements, and how many of them are columns.
fn schema(footer: &Value<'_>) -> Result<(Vec<String>, usize), Defect> {
    let wrong = |detail: String| Err(Defect::whole("parquet-schema", detail));
    let elements = footer.items(2);
    let mut names = Vec::new();
    let mut leaves = 0;
    // Elements in depth-first order: the root says how many follow it.
    let mut open = 1_i64;
    for element in elements {
        if open == 0 {
            return wrong("elements that belong to no group".to_owned());
        }
        let children = element.integer(5).unwrap_or(0);
        if !(0..=elements.len() as i64).contains(&children) {
            return wrong(format!("a group of {children} elements among {}", elements.len()));
        }
        open += children - 1;
        if element.integer(1).is_some() {
            leaves += 1;
            names.push(element.text(4));
        }
    }
    if open != 0 {
        return wrong(format!("{open} elements are missing"));
    }
    Ok((names, leaves))
}

fn check(footer: &Value<'_>, leaves: usize, size: i64, parquet: &mut Parquet) -> Result<(), Defect> {
    let wrong = |code, detail: String| Err(Defect::whole(code, detail));
    let rows = footer.integer(3).unwrap_or(0);
    if !(0..ROWS).contains(&rows) {
        return wrong("parquet-rows", format!("{rows} rows"));
    }
    let groups = footer.items(4);
    let mut sum = 0_i64;
    for group in groups {
        sum = sum.saturating_add(group.integer(3).unwrap_or(0));
        let chunks = group.items(1);
        if chunks.len() != leaves {
            return wrong(
                "parquet-columns",
                format!("{} columns in a group, {leaves} in the schema", chunks.len()),
            );
        }
        for chunk in chunks {
            let file = chunk.text(1);
            let elsewhere = !file.is_empty();
            if elsewhere && !parquet.files.contains(&file) && parquet.files.len() < 10_000 {
                parquet.files.push(file);
            }
            let Some(column) = chunk.field(3) else { continue };
            let stored = column.integer(7).unwrap_or(0);
            let first = [11, 9].into_iter().filter_map(|id| column.integer(id)).filter(|at| *at > 0).min();
            let first = first.unwrap_or(0);
            let fits = first.checked_add(stored).is_some_and(|end| end <= size);
            if !elsewhere && (stored < 0 || first < 0 || !fits) {
                return wrong(
                    "parquet-page-bounds",
                    format!("pages of {stored} bytes at {first} end after the file"),
                );
            }
            if column.integer(5).unwrap_or(0) < 0 || column.integer(6).unwrap_or(0) < 0 {
                return wrong("parquet-page-bounds", "a column of less than nothing".to_owned());
            }
        }
    }
    // Summaries beside a data set list no groups, or all of them.
    if !groups.is_empty() && sum != rows {
        return wrong("parquet-rows", format!("{rows} rows are stated, groups have {sum}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    /// A footer with a root and one column, and no rows.
    const FOOTER: &[u8] = b"\x15\x04\x19\x2c\x48\x01r\x15\x02\x00\x15\x02\x38\x01c\x00\x16\x00\x19\x0c\x19\x1c\x18\x01k\x18\x01v\x00\x00";

    fn file(footer: &[u8]) -> Vec<u8> {
        [MAGIC, footer, &(footer.len() as u32).to_le_bytes(), MAGIC].concat()
    }

    fn read_file(bytes: &[u8]) -> (Parquet, Vec<&'static str>) {
        let budget = Budget::default();
        let parsed = parse(&Input::new("m.parquet", bytes, &budget));
        let Facts::Parquet(parquet) = parsed.facts else { panic!("no table") };
        (parquet, parsed.defects.into_iter().map(|defect| defect.code).collect())
    }

    #[test]
    fn a_footer() {
        let (parquet, defects) = read_file(&file(FOOTER));
        assert!(defects.is_empty(), "{defects:?}");
        assert_eq!(parquet.columns, ["c"]);
        assert_eq!(parquet.metadata, [("k".to_owned(), "v".to_owned())]);
        assert_eq!(read_file(&[MAGIC, &[0xff; 4], MAGIC].concat()).1, ["parquet-footer"]);
    }

    #[test]
    fn broken_bytes_never_panic() {
        for at in 0..FOOTER.len() {
            read_file(&file(&FOOTER[..at]));
            for value in [0, 0x19, 0x1c, 0xff, 0x48] {
                let mut bytes = FOOTER.to_vec();
                bytes[at] = value;
                read_file(&file(&bytes));
            }
        }
    }
}
