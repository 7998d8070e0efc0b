//! The content of one member, inflated within the budget.

use std::io::Read;

use super::Entry;
use crate::compression::{Codec, flow, inflate};
use crate::{Budget, Defect, Held, Input, Member};

/// The content of a member.
#[derive(Debug)]
pub struct Content<'a> {
    bytes: std::borrow::Cow<'a, [u8]>,
    /// What was wrong with it: shorter than stated, cut by a bound.
    pub defect: Option<Defect>,
    _held: Held,
}

impl Content<'_> {
    /// The bytes, inflated.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Stored members up to this size have their checksum compared; what is larger is tensors.
const CHECKED: usize = 8 << 20;

fn wrong(entry: &Entry, code: &'static str, detail: &str) -> Defect {
    Defect::at(code, entry.data_offset, format!("`{}`: {detail}", entry.name.escape_debug()))
}

/// A reader of what a member inflates to.
///
/// # Errors
/// Why it is not read.
fn reader<'a>(entry: &Entry, data: &'a [u8]) -> Result<Box<dyn Read + 'a>, Defect> {
    let broken = |why: String| wrong(entry, "zip-data-broken", &format!("does not inflate: {why}"));
    Ok(match entry.method {
        0 => Box::new(data),
        8 => Box::new(flate2::read::DeflateDecoder::new(data)),
        12 => Box::new(bzip2::read::BzDecoder::new(data)),
        14 => Box::new(lzma(data, entry.size).ok_or_else(|| broken("no LZMA header".to_owned()))?),
        93 => crate::compression::decoder(Codec::Zstd, data).map_err(broken)?,
        95 => crate::compression::decoder(Codec::Xz, data).map_err(broken)?,
        9 => return Err(wrong(entry, "limit-method", "deflate64 is not read")),
        method => {
            return Err(wrong(entry, "limit-method", &format!("compression method {method} is not read")));
        }
    })
}

/// The LZMA stream of a member: version, length of the properties, properties, raw stream (APPNOTE 5.8.8).
fn lzma(data: &[u8], size: u64) -> Option<impl Read + '_> {
    const DICTIONARY: u32 = 80 << 20;
    let [_, _, 5, 0, properties, a, b, c, d, rest @ ..] = data else { return None };
    let dictionary = u32::from_le_bytes([*a, *b, *c, *d]);
    if dictionary > DICTIONARY {
        return None;
    }
    lzma_rust2::LzmaReader::new_with_props(rest, size, *properties, dictionary, None).ok()
}

/// The stored bytes of a member, and what is wrong if they end early.
fn stored<'a>(bytes: &'a [u8], entry: &Entry) -> (&'a [u8], Option<Defect>) {
    let (start, end) = entry.span(bytes.len());
    let data = bytes.get(start..end).unwrap_or_default();
    let short = entry.compressed > data.len() as u64;
    (data, short.then(|| wrong(entry, "zip-data-past-end", "its data ends after the file")))
}

/// The content of `entry` in the archive `bytes`; stored members are borrowed.
///
/// # Errors
/// A defect that says why there is no content: encrypted, unknown method, past the end, inflates beyond bounds.
pub fn content<'a>(bytes: &'a [u8], entry: &Entry, budget: &Budget) -> Result<Content<'a>, Defect> {
    if entry.is_encrypted() {
        return Err(wrong(entry, "limit-encrypted", "is encrypted, so nobody looked into it"));
    }
    let (data, mut defect) = stored(bytes, entry);
    if entry.method == 0 {
        return Ok(Content { bytes: data.into(), defect, _held: Held::default() });
    }
    let inflated = inflate(reader(entry, data)?, data.len(), budget);
    let mut crc = flate2::Crc::new();
    crc.update(&inflated.bytes);
    if let Some(code) = inflated.stopped {
        defect = Some(wrong(entry, code, &inflated.why));
    } else if defect.is_none() {
        defect = compare(entry, inflated.bytes.len() as u64, crc.sum());
    }
    Ok(Content { bytes: inflated.bytes.into(), defect, _held: inflated.held })
}

/// What a listed member's size and checksum have to say about its content.
fn compare(entry: &Entry, size: u64, crc: u32) -> Option<Defect> {
    if !entry.listed {
        return None;
    }
    if size != entry.size {
        let detail = format!("inflates to {size} bytes, {} are stated", entry.size);
        return Some(wrong(entry, "zip-sizes-differ", &detail));
    }
    (crc != entry.crc)
        .then(|| wrong(entry, "zip-crc", "its checksum is wrong: some loaders refuse it, some do not look"))
}

/// Parses one member; what was wrong with it goes to `defects`.
pub(super) fn parsed(input: &Input<'_>, entry: &Entry, defects: &mut Vec<Defect>) -> Option<Member> {
    let (data, short) = stored(input.bytes, entry);
    if data.is_empty() {
        defects.extend(short);
        return None;
    }
    let mut wrongs: Vec<Defect> = short.into_iter().collect();
    let (member, size, crc, whole) = if entry.method == 0 {
        let parsed = crate::parse(&input.member(&entry.name, data));
        let mut crc = flate2::Crc::new();
        let checked = data.len() <= CHECKED;
        if checked {
            crc.update(data);
        }
        let member = Member { name: entry.name.clone(), size: data.len() as u64, parsed };
        (Some(member), data.len() as u64, crc.sum(), checked)
    } else {
        match reader(entry, data) {
            Ok(reader) => {
                let flow = flow(input, &entry.name, reader, data.len(), entry.size);
                wrongs.extend(flow.defects);
                let member =
                    flow.parsed.map(|parsed| Member { name: entry.name.clone(), size: flow.size, parsed });
                (member, flow.size, flow.crc, flow.whole)
            }
            Err(defect) => {
                defects.push(encrypted(entry).unwrap_or(defect));
                return None;
            }
        }
    };
    let differs = if whole && wrongs.is_empty() { compare(entry, size, crc) } else { None };
    if entry.is_encrypted() {
        // Loaders that ignore the flag read the bytes as they are; so did we, and they made sense.
        let plain = whole && wrongs.is_empty() && (differs.is_none() && entry.crc != 0)
            || member.as_ref().is_some_and(|member| {
                wrongs.is_empty() && !matches!(member.parsed.format, "unknown" | "text" | "unread" | "table")
            });
        if !plain {
            defects.extend(encrypted(entry));
            return None;
        }
        defects.push(wrong(entry, "zip-flags-lie", "says that it is encrypted, and is not"));
    }
    defects.extend(wrongs);
    defects.extend(differs);
    member
}

fn encrypted(entry: &Entry) -> Option<Defect> {
    entry.is_encrypted().then(|| wrong(entry, "limit-encrypted", "is encrypted, so nobody looked into it"))
}
