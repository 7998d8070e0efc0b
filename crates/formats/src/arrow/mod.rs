//! Arrow: files, streams and Feather, read for their schema, their metadata and the bounds of their buffers.
//!
//! Source: Arrow columnar format 1.5, `format/Message.fbs`, `format/Schema.fbs`, `format/File.fbs`; Feather version 1,
//! `feather.fbs`.

mod message;
mod metadata;
#[cfg(test)]
mod tests;

pub(crate) use metadata::value as metadata_value;

use crate::flatbuffer::{Flatbuffer, Step};
use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};

/// How Arrow data is found and read.
pub const FORMAT: Format =
    Format { name: "arrow", extensions: &["arrow", "arrows", "feather", "ipc"], recognise, parse };

/// Columns with their schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrow {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Types that an extension of Arrow has to know.
    pub extensions: Vec<Extension>,
    /// The schema's metadata as key and value, cut.
    pub metadata: Vec<(String, String)>,
    /// Batches of rows.
    pub batches: usize,
    /// Rows as stated.
    pub rows: u64,
}

/// A type that is Arrow's storage and someone else's meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extension {
    /// Name, `arrow.py_extension_type`.
    pub name: String,
    /// The column.
    pub column: String,
    /// Bytes that the extension makes its type from.
    pub metadata: Vec<u8>,
}

const MAGIC: &[u8] = b"ARROW1";
const FEATHER: &[u8] = b"FEA1";
const CONTINUES: [u8; 4] = [0xff; 4];

fn recognise(input: &Input<'_>) -> Recognised {
    match input.bytes {
        [b'A', b'R', b'R', b'O', b'W', b'1', 0, 0, ..] => Recognised::ByMagic,
        [b'F', b'E', b'A', b'1', ..] if input.bytes.ends_with(FEATHER) => Recognised::ByMagic,
        [0xff, 0xff, 0xff, 0xff, rest @ ..] if is_schema(rest) => Recognised::ByMagic,
        // Streams before Arrow 0.15 have no marker in front of the length.
        bytes if matches!(input.extension().as_str(), "arrow" | "arrows") && is_schema(bytes) => {
            Recognised::ByShape
        }
        _ => Recognised::No,
    }
}

/// Whether a length and a message with a schema stand here.
fn is_schema(bytes: &[u8]) -> bool {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return false };
    let Ok(length) = usize::try_from(i32::from_le_bytes(*length)) else { return false };
    let Some(metadata) = rest.get(..length).filter(|_| length > 16) else { return false };
    let kind = Flatbuffer::new(metadata).root().and_then(|message| message.u8(1));
    matches!(kind, Ok(Some(message::SCHEMA)))
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut arrow = Arrow::default();
    let mut defects = Vec::new();
    let mut members = Vec::new();
    let wrong = if input.bytes.starts_with(FEATHER) {
        feather(input, &mut arrow, &mut members)
    } else {
        let start = if input.bytes.starts_with(MAGIC) { 8 } else { 0 };
        if start > 0 && !input.bytes.ends_with(MAGIC) {
            defects.push(Defect::whole("arrow-no-footer", "a file that does not end with its magic"));
        }
        message::all(input, start, &mut arrow, &mut members)
    };
    defects.extend(wrong.err());
    if input.bytes.starts_with(MAGIC) {
        defects.extend(message::footer(input.bytes).err());
    }
    Parsed { format: FORMAT.name, facts: Facts::Arrow(arrow), defects, members }
}

/// Feather before version 2: columns behind the magic, a table of them at the end.
fn feather(input: &Input<'_>, arrow: &mut Arrow, members: &mut Vec<Member>) -> Step<()> {
    let bytes = input.bytes;
    let tail = bytes.len().saturating_sub(8);
    let length =
        bytes.get(tail..tail + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_le_bytes);
    let start = tail.checked_sub(length as usize);
    let Some(metadata) = start.and_then(|start| bytes.get(start..tail)) else {
        return Err(Defect::at("arrow-footer", tail as u64, format!("a footer of {length} bytes")));
    };
    let root = Flatbuffer::new(metadata).root()?;
    arrow.rows = root.i64(1)?.unwrap_or(0).max(0).cast_unsigned();
    for column in root.vector(2, 4)?.into_iter().flat_map(|columns| columns.tables()).take(100_000) {
        let column = column?;
        arrow.columns.push(column.text(0)?.unwrap_or_default());
        if let Some(user) = column.text(4)? {
            members.extend(metadata::value(input, "user_metadata", user.as_bytes()));
        }
        if let Some(values) = column.table(1)? {
            let (offset, size) = (values.i64(2)?.unwrap_or(0), values.i64(5)?.unwrap_or(0));
            let end = offset.checked_add(size);
            if offset < 0 || size < 0 || end.is_none_or(|end| end.cast_unsigned() > bytes.len() as u64) {
                let detail = format!("a column of {size} bytes at {offset} ends after the file");
                return Err(Defect::whole("arrow-buffer-bounds", detail));
            }
        }
    }
    Ok(())
}
