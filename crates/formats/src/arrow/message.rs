//! Messages of a stream: schemas, dictionaries, batches, and whether their buffers lie where they say.

use super::{Arrow, CONTINUES, Extension, MAGIC, metadata};
use crate::flatbuffer::{Flatbuffer, Step, Table};
use crate::{Defect, Input, Member};

/// Kinds of header in a message.
pub(super) const SCHEMA: u8 = 1;
const DICTIONARY: u8 = 2;
const BATCH: u8 = 3;
const SPARSE: u8 = 5;
/// Fields inside fields.
const DEPTH: u32 = 64;
/// Fields of one schema.
const FIELDS: usize = 200_000;

/// Keys of a field's metadata.
const NAME: &[u8] = b"ARROW:extension:name";
const METADATA: &[u8] = b"ARROW:extension:metadata";

/// Reads messages until the stream ends.
pub(super) fn all(input: &Input<'_>, start: usize, arrow: &mut Arrow, members: &mut Vec<Member>) -> Step<()> {
    let bytes = input.bytes;
    let mut at = start;
    for round in 0_u64.. {
        if round % 1024 == 1023 && input.budget.is_stopped() {
            return Err(Defect::at("limit-time", at as u64, "the time for the file was over"));
        }
        if bytes.get(at..).is_none_or(|rest| rest.len() < 4 || rest.starts_with(MAGIC)) {
            break;
        }
        let marked = bytes.get(at..at + 4) == Some(&CONTINUES);
        let place = at + if marked { 4 } else { 0 };
        let length =
            bytes.get(place..place + 4).and_then(|four| four.try_into().ok()).map_or(0, i32::from_le_bytes);
        if length == 0 {
            break;
        }
        let body = place.saturating_add(4).saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        let Some(metadata) = bytes.get(place + 4..body) else {
            let detail = format!("a message of {length} bytes ends after the file");
            return Err(Defect::at("arrow-message-size", place as u64, detail));
        };
        let message = Flatbuffer::new(metadata).root()?;
        let size = message.i64(3)?.unwrap_or(0);
        let end = usize::try_from(size)
            .ok()
            .and_then(|size| body.checked_add(size))
            .filter(|end| *end <= bytes.len());
        let Some(end) = end else {
            let detail = format!("a body of {size} bytes ends after the file");
            return Err(Defect::at("arrow-body-size", place as u64, detail));
        };
        pairs(&message, 4, |key, value| {
            members.extend(metadata::value(input, &String::from_utf8_lossy(key), value));
        })?;
        if let Some(header) = message.table(2)? {
            match message.u8(1)?.unwrap_or(0) {
                SCHEMA => schema(input, &header, arrow, members)?,
                DICTIONARY => {
                    if let Some(batch) = header.table(1)? {
                        check_batch(&batch, size, place)?;
                    }
                }
                BATCH => {
                    arrow.batches += 1;
                    let rows = header.i64(0)?.unwrap_or(0).max(0).cast_unsigned();
                    arrow.rows = arrow.rows.saturating_add(rows);
                    check_batch(&header, size, place)?;
                }
                4..=SPARSE => {}
                other => {
                    let detail = format!("a message of kind {other}");
                    return Err(Defect::at("arrow-message-kind", place as u64, detail));
                }
            }
        }
        at = end;
    }
    Ok(())
}

/// Shows each key and value in the list of pairs at `slot`.
fn pairs(table: &Table<'_>, slot: usize, mut see: impl FnMut(&[u8], &[u8])) -> Step<()> {
    let Some(list) = table.vector(slot, 4)? else { return Ok(()) };
    for pair in list.tables().take(FIELDS) {
        let pair = pair?;
        let bytes = |slot| -> Step<&[u8]> { Ok(pair.vector(slot, 1)?.map_or(&[], |text| text.bytes())) };
        see(bytes(0)?, bytes(1)?);
    }
    Ok(())
}

fn schema(input: &Input<'_>, schema: &Table<'_>, arrow: &mut Arrow, members: &mut Vec<Member>) -> Step<()> {
    pairs(schema, 2, |key, value| {
        let key = String::from_utf8_lossy(key).into_owned();
        members.extend(metadata::value(input, &key, value));
        arrow.metadata.push((key, String::from_utf8_lossy(value).chars().take(1 << 16).collect()));
    })?;
    for field in schema.vector(1, 4)?.into_iter().flat_map(|fields| fields.tables()) {
        read_field(input, &field?, arrow, members, 0)?;
    }
    Ok(())
}

fn read_field(
    input: &Input<'_>,
    field: &Table<'_>,
    arrow: &mut Arrow,
    members: &mut Vec<Member>,
    depth: u32,
) -> Step<()> {
    let place = field.position() as u64;
    if depth > DEPTH || arrow.columns.len() > FIELDS {
        return Err(Defect::at("limit-depth", place, "more fields, or deeper ones, than are looked at"));
    }
    let name = field.text(0)?.unwrap_or_default();
    let mut extension = Extension { column: name.clone(), ..Extension::default() };
    arrow.columns.push(name);
    pairs(field, 6, |key, value| match key {
        NAME => extension.name = String::from_utf8_lossy(value).into_owned(),
        METADATA => extension.metadata = value.to_vec(),
        key => members.extend(metadata::value(input, &String::from_utf8_lossy(key), value)),
    })?;
    if !extension.name.is_empty() || !extension.metadata.is_empty() {
        members.extend(metadata::value(input, "ARROW:extension:metadata", &extension.metadata));
        arrow.extensions.push(extension);
    }
    for child in field.vector(5, 4)?.into_iter().flat_map(|children| children.tables()) {
        read_field(input, &child?, arrow, members, depth + 1)?;
    }
    Ok(())
}

/// Whether the buffers of a batch lie in its body, and no column has more nulls than values.
fn check_batch(batch: &Table<'_>, body: i64, at: usize) -> Step<()> {
    let wrong = |code, detail: String| Err(Defect::at(code, at as u64, detail));
    let number =
        |bytes: Option<&[u8]>| bytes.and_then(|eight| eight.try_into().ok()).map_or(0, i64::from_le_bytes);
    for node in batch.vector(1, 16)?.into_iter().flat_map(|nodes| nodes.elements()) {
        let (length, nulls) = (number(node.get(..8)), number(node.get(8..16)));
        if length < 0 || nulls < 0 || nulls > length {
            return wrong("arrow-node", format!("a column of {length} values, {nulls} of them null"));
        }
    }
    for buffer in batch.vector(2, 16)?.into_iter().flat_map(|buffers| buffers.elements()) {
        let (offset, length) = (number(buffer.get(..8)), number(buffer.get(8..16)));
        let end = offset.checked_add(length);
        if offset < 0 || length < 0 || end.is_none_or(|end| end > body) {
            let detail = format!("a buffer of {length} bytes at {offset} in a body of {body}");
            return wrong("arrow-buffer-bounds", detail);
        }
    }
    if batch.i64(0)?.unwrap_or(0) < 0 {
        return wrong("arrow-node", "a batch of less than no rows".to_owned());
    }
    Ok(())
}

/// Whether the footer of a file lists blocks that lie in it.
pub(super) fn footer(bytes: &[u8]) -> Step<()> {
    let tail = bytes.len().saturating_sub(MAGIC.len() + 4);
    if !bytes.ends_with(MAGIC) {
        return Ok(());
    }
    let length =
        bytes.get(tail..tail + 4).and_then(|four| four.try_into().ok()).map_or(0, i32::from_le_bytes);
    let start = usize::try_from(length).ok().and_then(|length| tail.checked_sub(length));
    let Some(footer) = start.filter(|_| length > 0).and_then(|start| bytes.get(start..tail)) else {
        return Err(Defect::at("arrow-footer", tail as u64, format!("a footer of {length} bytes")));
    };
    let root = Flatbuffer::new(footer).root()?;
    for slot in [2, 3] {
        for block in root.vector(slot, 24)?.into_iter().flat_map(|blocks| blocks.elements()) {
            let number = |range: std::ops::Range<usize>| {
                block.get(range).and_then(|eight| eight.try_into().ok()).map_or(0, i64::from_le_bytes)
            };
            let (offset, body) = (number(0..8), number(16..24));
            let length = block.get(8..12).and_then(|four| four.try_into().ok()).map_or(0, i32::from_le_bytes);
            let end = offset.checked_add(i64::from(length)).and_then(|end| end.checked_add(body));
            let fits = end.is_some_and(|end| end.cast_unsigned() <= bytes.len() as u64);
            if offset < 0 || length < 0 || body < 0 || !fits {
                let detail = format!("the footer lists a block at {offset} that ends after the file");
                return Err(Defect::at("arrow-block-bounds", tail as u64, detail));
            }
        }
    }
    Ok(())
}
