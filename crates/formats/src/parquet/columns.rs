//! The values of flat columns, whole: numbers as `f64`, texts for labels.
//!
//! What is read: required and optional columns without nesting; INT32, INT64, FLOAT, DOUBLE, BOOLEAN, BYTE_ARRAY; PLAIN and
//! dictionary pages, versions 1 and 2; uncompressed, Snappy, gzip, Zstandard, LZ4 raw. Everything else is refused by name.
//! Source: Apache Parquet format 2.11, `Encodings.md`, `Compression.md`.

use std::cell::Cell;
use std::io::Read as _;

use super::MAGIC;
use super::bits::{Hybrid, snappy};
use super::thrift::{Thrift, Value};
use crate::compression::{Codec, decoder};
use crate::{Budget, Defect};

/// Cells that are read at most.
const CELLS: u64 = 1 << 25;
/// Bytes of text that are kept at most; a dictionary repeats a text for a bit.
const TEXTS: usize = 256 << 20;
/// Bytes of one page when it is unpacked.
const PAGE: usize = 256 << 20;

/// The values of one column; a missing number is NaN, a missing text empty.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Numbers; 64-bit integers beyond 2^53 are rounded.
    Numbers(Vec<f64>),
    /// Texts.
    Texts(Vec<String>),
}

/// Reads every column of the file `bytes`, with its name.
///
/// # Errors
/// A [`Defect`] that says what is broken, or what is not read and how to write the table instead.
pub fn columns(bytes: &[u8], budget: &Budget) -> Result<Vec<(String, Cells)>, Defect> {
    let tail = bytes.len().checked_sub(8).filter(|_| bytes.starts_with(MAGIC) && bytes.ends_with(MAGIC));
    let Some(tail) = tail else { return wrong("a file that does not begin and end as Parquet does") };
    let length =
        bytes.get(tail..tail + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes);
    let footer = tail.checked_sub(length as usize).and_then(|start| bytes.get(start..tail));
    let Some(footer) = footer else { return wrong("a footer longer than the file") };
    let footer = Thrift::new(footer, tail - length as usize, budget).root()?;
    let elements = footer.items(2).get(1..).unwrap_or_default();
    if let Some(group) = elements.iter().find(|element| element.integer(1).is_none()) {
        return wrong(format!("column `{}` is nested; write a table of flat columns", group.text(4)));
    }
    let rows = footer.integer(3).unwrap_or(0).max(0).cast_unsigned();
    if rows.saturating_mul(elements.len() as u64) > CELLS {
        return wrong(format!("{rows} rows of {} columns; up to {CELLS} values are read", elements.len()));
    }
    let room = Cell::new(TEXTS);
    let mut columns = Vec::new();
    for (place, element) in elements.iter().enumerate() {
        let name = element.text(4);
        let kind = kind(element, &name)?;
        let mut cells = if kind == 6 { Cells::Texts(Vec::new()) } else { Cells::Numbers(Vec::new()) };
        for group in footer.items(4) {
            let Some(chunk) = group.items(1).get(place).and_then(|chunk| chunk.field(3)) else {
                return wrong(format!("column `{name}` is missing in a group of rows"));
            };
            let reader = Chunk {
                bytes,
                budget,
                name: &name,
                kind,
                optional: element.integer(3) == Some(1),
                room: &room,
            };
            reader.read(chunk, rows, &mut cells)?;
        }
        let found = match &cells {
            Cells::Numbers(numbers) => numbers.len(),
            Cells::Texts(texts) => texts.len(),
        };
        if found as u64 != rows {
            return wrong(format!("column `{name}` has {found} values, the file states {rows} rows"));
        }
        columns.push((name, cells));
    }
    Ok(columns)
}

fn wrong<T>(what: impl Into<String>) -> Result<T, Defect> {
    Err(Defect::whole("parquet-values", what))
}

fn kind(element: &Value<'_>, name: &str) -> Result<i64, Defect> {
    if element.integer(3) == Some(2) {
        return wrong(format!("column `{name}` is repeated; write a table of flat columns"));
    }
    // Converted types: DECIMAL scales its integers; dates and times are no plain numbers either.
    if let Some(converted @ (5..=10 | 21)) = element.integer(6) {
        return wrong(format!(
            "column `{name}` has converted type {converted} (decimal, date or time); cast it to double"
        ));
    }
    match element.integer(1) {
        Some(kind @ (0 | 1 | 2 | 4 | 5 | 6)) => Ok(kind),
        Some(3) => wrong(format!("column `{name}` is INT96; cast it to double")),
        Some(7) => wrong(format!("column `{name}` is FIXED_LEN_BYTE_ARRAY; cast it to double")),
        other => wrong(format!("column `{name}` has the unknown type {other:?}")),
    }
}

struct Chunk<'a> {
    bytes: &'a [u8],
    budget: &'a Budget,
    name: &'a str,
    kind: i64,
    optional: bool,
    /// Bytes of text left.
    room: &'a Cell<usize>,
}

impl<'a> Chunk<'a> {
    fn wrong<T>(&self, what: impl AsRef<str>) -> Result<T, Defect> {
        wrong(format!("column `{}`: {}", self.name, what.as_ref()))
    }

    fn read(&self, chunk: &Value<'_>, rows: u64, cells: &mut Cells) -> Result<(), Defect> {
        let codec = chunk.integer(4).unwrap_or(0);
        let count = chunk.integer(5).unwrap_or(0).max(0).cast_unsigned();
        if count > rows {
            return self.wrong(format!("{count} values in a group, {rows} rows in the file"));
        }
        let first = [11, 9].into_iter().filter_map(|id| chunk.integer(id)).filter(|at| *at > 0).min();
        let Some(mut at) = first.and_then(|at| usize::try_from(at).ok()) else {
            return self.wrong("no pages");
        };
        let mut dictionary: Option<Cells> = None;
        let mut seen = 0_u64;
        while seen < count {
            let Some(rest) = self.bytes.get(at..) else { return self.wrong("pages end after the file") };
            let mut thrift = Thrift::new(rest, at, self.budget);
            let header = thrift.root()?;
            let start = at + thrift.place();
            let stored = usize::try_from(header.integer(3).unwrap_or(-1)).unwrap_or(usize::MAX);
            let Some(page) = start.checked_add(stored).and_then(|end| self.bytes.get(start..end)) else {
                return self.wrong("a page ends after the file");
            };
            at = start + stored;
            let size = usize::try_from(header.integer(2).unwrap_or(-1)).unwrap_or(usize::MAX);
            if size > PAGE {
                return self.wrong(format!("a page of {size} bytes; up to {PAGE} are read"));
            }
            match header.integer(1) {
                Some(0) => {
                    let Some(data) = header.field(5) else { return self.wrong("a page without its header") };
                    let unpacked = self.unpack(page, codec, size)?;
                    let values = self.values(data.integer(1), count - seen)?;
                    let mut body = unpacked.as_slice();
                    let mut levels: &[u8] = &[];
                    if self.optional {
                        let Some((head, tail)) = body.split_first_chunk::<4>() else {
                            return self.wrong("a page ends inside its levels");
                        };
                        let length = u32::from_le_bytes(*head) as usize;
                        let Some((these, data)) = tail.split_at_checked(length) else {
                            return self.wrong("a page ends inside its levels");
                        };
                        (levels, body) = (these, data);
                    }
                    self.page(levels, body, data.integer(2), values, dictionary.as_ref(), cells)?;
                    seen += values as u64;
                }
                Some(2) => {
                    let Some(data) = header.field(7) else { return self.wrong("a page without its header") };
                    let entries = usize::try_from(data.integer(1).unwrap_or(-1)).unwrap_or(usize::MAX);
                    let unpacked = self.unpack(page, codec, size)?;
                    // Every entry takes a bit at least.
                    if entries > unpacked.len().saturating_mul(8) {
                        return self.wrong("a dictionary of more entries than bits");
                    }
                    dictionary = Some(self.plain(&unpacked, entries)?);
                }
                Some(3) => {
                    let Some(data) = header.field(8) else { return self.wrong("a page without its header") };
                    let values = self.values(data.integer(1), count - seen)?;
                    let length = |id| usize::try_from(data.integer(id).unwrap_or(0)).unwrap_or(usize::MAX);
                    let (definition, repetition) = (length(5), length(6));
                    let split = page
                        .split_at_checked(repetition)
                        .and_then(|(_, rest)| rest.split_at_checked(definition));
                    let Some((levels, body)) = split else {
                        return self.wrong("a page ends inside its levels");
                    };
                    // Compressed unless it says otherwise; levels never are.
                    let codec = if data.integer(7) == Some(0) { 0 } else { codec };
                    let body = self.unpack(body, codec, size.saturating_sub(definition + repetition))?;
                    let levels = if self.optional { levels } else { &[] };
                    self.page(levels, &body, data.integer(4), values, dictionary.as_ref(), cells)?;
                    seen += values as u64;
                }
                Some(1) => {}
                other => return self.wrong(format!("a page of the unknown type {other:?}")),
            }
        }
        Ok(())
    }

    fn keep(&self, bytes: usize) -> bool {
        let left = self.room.get().checked_sub(bytes);
        self.room.set(left.unwrap_or(0));
        left.is_some()
    }

    fn values(&self, stated: Option<i64>, left: u64) -> Result<usize, Defect> {
        let stated =
            stated.and_then(|stated| u64::try_from(stated).ok()).filter(|stated| (1..=left).contains(stated));
        match stated.and_then(|stated| usize::try_from(stated).ok()) {
            Some(values) => Ok(values),
            None => self.wrong("a page states more values than are left, or none"),
        }
    }

    fn unpack(&self, page: &[u8], codec: i64, size: usize) -> Result<Vec<u8>, Defect> {
        let stream = |codec| -> Result<Vec<u8>, String> {
            let mut out = Vec::new();
            let reader = decoder(codec, page)?;
            reader.take(size as u64 + 1).read_to_end(&mut out).map_err(|error| error.to_string())?;
            Ok(out)
        };
        let unpacked = match codec {
            0 => Ok(page.to_vec()),
            1 => snappy(page, size).ok_or_else(|| "broken Snappy data".to_owned()),
            2 => stream(Codec::Gzip),
            6 => stream(Codec::Zstd),
            7 => lz4_flex::block::decompress(page, size).map_err(|error| error.to_string()),
            3 => return self.wrong("compressed with LZO; write it with Snappy or Zstandard"),
            4 => return self.wrong("compressed with Brotli; write it with Snappy or Zstandard"),
            5 => return self.wrong("compressed with the old LZ4 framing; write it with Snappy or Zstandard"),
            other => return self.wrong(format!("the unknown compression {other}")),
        };
        match unpacked {
            Ok(bytes) if bytes.len() == size => Ok(bytes),
            Ok(bytes) => self.wrong(format!("a page of {} bytes, {size} are stated", bytes.len())),
            Err(why) => self.wrong(format!("a page does not unpack: {why}")),
        }
    }

    fn page(
        &self,
        levels: &[u8],
        body: &[u8],
        encoding: Option<i64>,
        values: usize,
        dictionary: Option<&Cells>,
        cells: &mut Cells,
    ) -> Result<(), Defect> {
        let present: Vec<bool> = if self.optional {
            Hybrid::new(levels, 1).take(values).map(|level| level == 1).collect()
        } else {
            vec![true; values]
        };
        if present.len() != values {
            return self.wrong("fewer levels than values");
        }
        let count = present.iter().filter(|present| **present).count();
        let found = match encoding {
            Some(0) => self.plain(body, count)?,
            Some(2 | 8) => {
                let Some(dictionary) = dictionary else {
                    return self.wrong("no dictionary before its indices");
                };
                let (width, indices) = body.split_first().unwrap_or((&0, &[]));
                if *width > 32 {
                    return self.wrong("dictionary indices wider than 32 bits");
                }
                let indices = Hybrid::new(indices, *width).take(count).map(|index| index as usize);
                let found = match dictionary {
                    Cells::Numbers(all) => {
                        indices.map(|at| all.get(at).copied()).collect::<Option<_>>().map(Cells::Numbers)
                    }
                    Cells::Texts(all) => indices
                        .map(|at| all.get(at).filter(|text| self.keep(text.len())).cloned())
                        .collect::<Option<_>>()
                        .map(Cells::Texts),
                };
                match found {
                    Some(found) => found,
                    None => return self.wrong("an index beyond the dictionary, or more text than is kept"),
                }
            }
            Some(3) if self.kind == 0 => {
                let body = body.get(4..).unwrap_or_default();
                Cells::Numbers(Hybrid::new(body, 1).take(count).map(f64::from).collect())
            }
            other => {
                let name = match other {
                    Some(5) => "DELTA_BINARY_PACKED",
                    Some(6) => "DELTA_LENGTH_BYTE_ARRAY",
                    Some(7) => "DELTA_BYTE_ARRAY",
                    Some(9) => "BYTE_STREAM_SPLIT",
                    _ => "an unknown encoding",
                };
                return self.wrong(format!("encoded with {name}; write it plain or with a dictionary"));
            }
        };
        let enough = match (found, cells) {
            (Cells::Numbers(found), Cells::Numbers(cells)) => {
                let mut left = found.into_iter();
                cells.extend(
                    present.iter().map(|is| if *is { left.next().unwrap_or(f64::NAN) } else { f64::NAN }),
                );
                left.len() == 0
            }
            (Cells::Texts(found), Cells::Texts(cells)) => {
                let mut left = found.into_iter();
                cells.extend(
                    present
                        .iter()
                        .map(|is| if *is { left.next().unwrap_or_default() } else { String::new() }),
                );
                left.len() == 0
            }
            _ => false,
        };
        if enough { Ok(()) } else { self.wrong("values of another type than the column") }
    }

    fn plain(&self, body: &[u8], count: usize) -> Result<Cells, Defect> {
        fn all<const N: usize>(body: &[u8], read: fn([u8; N]) -> f64) -> Vec<f64> {
            body.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect()
        }
        let short = "a page ends inside its values";
        let wide = if matches!(self.kind, 1 | 4) { 4 } else { 8 };
        let mut body = body;
        if matches!(self.kind, 1 | 2 | 4 | 5) {
            match count.checked_mul(wide).and_then(|length| body.get(..length)) {
                Some(exact) => body = exact,
                None => return self.wrong(short),
            }
        }
        Ok(match self.kind {
            0 if count.div_ceil(8) > body.len() => return self.wrong(short),
            0 => Cells::Numbers((0..count).map(|at| f64::from(body[at / 8] >> (at % 8) & 1)).collect()),
            1 => Cells::Numbers(all(body, |four| f64::from(i32::from_le_bytes(four)))),
            2 => Cells::Numbers(all(body, |eight| i64::from_le_bytes(eight) as f64)),
            4 => Cells::Numbers(all(body, |four| f64::from(f32::from_le_bytes(four)))),
            5 => Cells::Numbers(all(body, f64::from_le_bytes)),
            _ => {
                let mut texts = Vec::new();
                for _ in 0..count {
                    let split = body.split_first_chunk::<4>();
                    let split = split
                        .and_then(|(head, rest)| rest.split_at_checked(u32::from_le_bytes(*head) as usize));
                    let Some((text, rest)) = split else { return self.wrong(short) };
                    texts.push(String::from_utf8_lossy(text).into_owned());
                    body = rest;
                }
                Cells::Texts(texts)
            }
        })
    }
}
