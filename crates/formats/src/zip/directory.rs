//! Which members an archive has, by its central directory and by its local headers.

use std::collections::BTreeMap;
use std::io::Read as _;

use super::Entry;
use super::ends::{self, Directory};
use super::fields::{u16_at, u32_at, u64_at};
use crate::search::places;
use crate::{Defect, Limits};

const LOCAL: [u8; 4] = [b'P', b'K', 3, 4];
pub(super) const CENTRAL: [u8; 4] = [b'P', b'K', 1, 2];

/// What an archive holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zip {
    /// Members by the central directory, in its order; those that only local headers know come last.
    pub entries: Vec<Entry>,
    /// Bytes before the first member.
    pub prepended: u64,
    /// Bytes after the end record and its comment.
    pub appended: u64,
    /// Bytes between members that belong to none, start and end.
    pub gaps: Vec<(u64, u64)>,
    /// The comment of the whole, start and end.
    pub comment: (u64, u64),
}

impl Zip {
    /// The first member with this name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// Reads the directory of an archive, checking it against the local headers.
pub fn directory(bytes: &[u8], limits: &Limits) -> (Zip, Vec<Defect>) {
    let mut zip = Zip::default();
    let mut defects = Vec::new();
    let mut spans: Vec<(u64, u64)> = Vec::new();
    let ends = ends::end_records(bytes);
    let mut usable: Vec<Directory> = ends
        .iter()
        .flat_map(|at| Directory::all_at(bytes, *at))
        .filter(|directory| directory.is_usable(bytes))
        .collect();
    // An empty directory beside a full one is what the offset of a moved archive happens to point at.
    if usable.iter().any(|directory| directory.entries > 0) {
        usable.retain(|directory| {
            directory.entries > 0 || directory.record == ends.first().copied().unwrap_or(0)
        });
    }
    let mut known: Vec<(u64, u64)> = Vec::new();
    match usable.first() {
        Some(last) => {
            read_central(bytes, *last, limits, &mut zip, &mut spans, &mut defects);
            zip.appended = bytes.len().saturating_sub(last.after) as u64;
            if last.shift > 0 {
                zip.prepended = last.shift as u64;
            }
        }
        None if ends.is_empty() => defects.push(Defect::whole("zip-no-directory", "there is no end record")),
        None => defects.push(Defect::whole("zip-no-directory", "the end record points at no directory")),
    }
    if let Some(last) = usable.first() {
        zip.comment = (last.record as u64 + 22, last.after as u64);
    }
    known.extend(usable.iter().map(|directory| (directory.start as u64, directory.after as u64)));
    for other in usable.iter().skip(1).filter(|other| other.entries > 0) {
        // An archive stored inside the last member is no second directory of this one.
        let inside = spans.iter().any(|(from, to)| (*from..*to).contains(&(other.start as u64)));
        if !inside {
            let detail = "a second directory lists members: loaders choose differently";
            defects.push(Defect::at("zip-two-directories", other.start as u64, detail));
            let mut ignored = Vec::new();
            read_central(bytes, *other, limits, &mut zip, &mut ignored, &mut defects);
        }
    }
    report_overlap(&spans, &mut defects);
    find_unlisted(bytes, limits, &mut zip, &mut spans, &mut defects);
    let first = spans.iter().map(|(from, _)| *from).min().unwrap_or(0);
    zip.prepended = zip.prepended.max(if usable.is_empty() { 0 } else { first.min(bytes.len() as u64) });
    if zip.prepended > 0 {
        defects.push(Defect::at(
            "zip-prepended",
            0,
            format!("{} bytes before the first member", zip.prepended),
        ));
    }
    if zip.appended > 0 {
        defects.push(Defect::whole("zip-appended", format!("{} bytes after the end record", zip.appended)));
    }
    spans.extend(known);
    zip.gaps = gaps(bytes, &mut spans);
    report_duplicates(&zip, &mut defects);
    (zip, defects)
}

/// What neither members nor directories cover, longer than a data descriptor and not zero.
fn gaps(bytes: &[u8], spans: &mut [(u64, u64)]) -> Vec<(u64, u64)> {
    const DESCRIPTOR: u64 = 24;
    spans.sort_unstable();
    let mut found = Vec::new();
    let mut covered = 0;
    for (start, end) in spans.iter() {
        if *start > covered + if covered == 0 { 0 } else { DESCRIPTOR } && found.len() < 1_000 {
            let gap = bytes.get(covered as usize..(*start as usize).min(bytes.len())).unwrap_or_default();
            if gap.iter().any(|byte| *byte != 0) {
                found.push((covered, *start));
            }
        }
        covered = covered.max(*end);
    }
    found
}

/// Members that share bytes: how the densest bombs are made, and what no program writes.
fn report_overlap(spans: &[(u64, u64)], defects: &mut Vec<Defect>) {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable();
    let shared = sorted
        .windows(2)
        .filter(|pair| matches!(pair, [one, two] if two.0 < one.1 && two.0 != one.0))
        .count();
    if shared > 0 {
        let detail = format!("{shared} members begin inside the data of others");
        defects.push(Defect::whole("zip-overlap", detail));
    }
}

fn read_central(
    bytes: &[u8],
    directory: Directory,
    limits: &Limits,
    zip: &mut Zip,
    spans: &mut Vec<(u64, u64)>,
    defects: &mut Vec<Defect>,
) {
    let mut at = directory.start;
    let mut read = 0_u64;
    while at < directory.end && bytes.get(at..at + 4) == Some(CENTRAL.as_slice()) {
        if zip.entries.len() >= limits.members {
            defects.push(Defect::at(
                "limit-members",
                at as u64,
                format!("more than {} members", limits.members),
            ));
            return;
        }
        let Some(next) = read_entry(bytes, at, directory.shift, zip, spans, defects) else {
            defects.push(Defect::at("zip-directory-broken", at as u64, "an entry ends after the file"));
            return;
        };
        at = next;
        read += 1;
    }
    if read != directory.entries && !(directory.entries == 0xffff && read > 0xffff) {
        let detail = format!("the end record says {} members, the directory has {read}", directory.entries);
        defects.push(Defect::at("zip-member-count", directory.start as u64, detail));
    }
}

fn read_entry(
    bytes: &[u8],
    at: usize,
    shift: i64,
    zip: &mut Zip,
    spans: &mut Vec<(u64, u64)>,
    defects: &mut Vec<Defect>,
) -> Option<usize> {
    let name_length = usize::from(u16_at(bytes, at + 28)?);
    let extra_length = usize::from(u16_at(bytes, at + 30)?);
    let comment_length = usize::from(u16_at(bytes, at + 32)?);
    let name = bytes.get(at + 46..at + 46 + name_length)?;
    let extra = bytes.get(at + 46 + name_length..at + 46 + name_length + extra_length)?;
    let mut entry = Entry {
        name: String::from_utf8_lossy(name).into_owned(),
        flags: u16_at(bytes, at + 8)?,
        method: u16_at(bytes, at + 10)?,
        crc: u32_at(bytes, at + 16)?,
        compressed: u64::from(u32_at(bytes, at + 20)?),
        size: u64::from(u32_at(bytes, at + 24)?),
        attributes: if u16_at(bytes, at + 4)? >> 8 == 3 { u32_at(bytes, at + 38)? } else { 0 },
        data_offset: 0,
        listed: true,
        link: None,
    };
    let mut offset = u64::from(u32_at(bytes, at + 42)?);
    widen(extra, &mut entry, &mut offset);
    if name.is_empty() {
        defects.push(Defect::at("zip-name-empty", at as u64, "a member without a name"));
    }
    if let Some(other) = unicode_path(extra, name) {
        let detail = format!("`{}` is also called `{}`", entry.name.escape_debug(), other.escape_debug());
        defects.push(Defect::at("zip-names-differ", at as u64, detail));
    }
    if entry.name.ends_with('/') && !entry.is_folder() {
        let detail = format!("`{}` is named like a folder and has content", entry.name.escape_debug());
        defects.push(Defect::at("zip-folder-with-content", at as u64, detail));
    }
    if name.contains(&0) {
        let detail =
            format!("`{}` has a zero byte in it: some loaders cut the name there", entry.name.escape_debug());
        defects.push(Defect::at("zip-name-cut", at as u64, detail));
    }
    let local = i64::try_from(offset).ok()?.checked_add(shift).and_then(|at| usize::try_from(at).ok());
    match local.filter(|local| bytes.get(*local..local.saturating_add(4)) == Some(LOCAL.as_slice())) {
        Some(local) => {
            let other = compare_local(bytes, local, name, &mut entry, defects)?;
            spans.push((local as u64, entry.data_offset.saturating_add(entry.compressed)));
            entry.link = entry.is_link().then(|| link(bytes, &entry)).flatten();
            zip.entries.extend(other);
        }
        None => {
            let detail = format!("`{}` has no local header where the directory says", entry.name);
            defects.push(Defect::at("zip-no-local-header", at as u64, detail));
            entry.data_offset = bytes.len() as u64;
        }
    }
    zip.entries.push(entry);
    Some(at + 46 + name_length + extra_length + comment_length)
}

/// Takes 64-bit sizes and the offset out of the extra field.
fn widen(extra: &[u8], entry: &mut Entry, offset: &mut u64) {
    let mut at = 0;
    while let (Some(id), Some(length)) = (u16_at(extra, at), u16_at(extra, at + 2)) {
        if id == 1 {
            let mut field = at + 4;
            for value in [&mut entry.size, &mut entry.compressed, offset] {
                if *value == u64::from(u32::MAX) {
                    if let Some(wide) = u64_at(extra, field) {
                        *value = wide;
                    }
                    field += 8;
                }
            }
        }
        at += 4 + usize::from(length);
    }
}

/// Compares with the local header; a member that streaming readers see instead comes back.
fn compare_local(
    bytes: &[u8],
    local: usize,
    central_name: &[u8],
    entry: &mut Entry,
    defects: &mut Vec<Defect>,
) -> Option<Option<Entry>> {
    let name_length = usize::from(u16_at(bytes, local + 26)?);
    let extra_length = usize::from(u16_at(bytes, local + 28)?);
    entry.data_offset = (local + 30 + name_length + extra_length) as u64;
    let name = bytes.get(local + 30..local + 30 + name_length)?;
    let mut other = Entry { attributes: entry.attributes, ..local_entry(bytes, local)? };
    let mut told = false;
    let mut differs = |code: &'static str, what: String| {
        told = true;
        defects.push(Defect::at(code, local as u64, format!("`{}`: {what}", entry.name.escape_debug())));
    };
    if name != central_name {
        differs("zip-names-differ", format!("its local header calls it `{}`", other.name.escape_debug()));
    }
    if other.method != entry.method {
        differs(
            "zip-methods-differ",
            format!("method {} in the directory, {} locally", entry.method, other.method),
        );
    }
    if (other.flags ^ entry.flags) & 1 != 0 {
        differs("zip-flags-differ", "encrypted by one header, plain by the other".to_owned());
    }
    // With a data descriptor the local sizes are zero or absent.
    let streamed = other.flags & 8 != 0;
    if !streamed && (other.compressed, other.size) != (entry.compressed, entry.size) {
        differs("zip-sizes-differ", format!("{} bytes in the directory, {} locally", entry.size, other.size));
    } else if streamed {
        (other.compressed, other.size) = (entry.compressed, entry.size);
    }
    let reads_otherwise = (other.method, other.compressed) != (entry.method, entry.compressed);
    other.listed = false;
    Some((told && reads_otherwise && other.compressed > 0).then_some(other))
}

/// The name in the Unicode path field if it is another one and the plain name needs no such field.
fn unicode_path(extra: &[u8], name: &[u8]) -> Option<String> {
    let mut at = 0;
    while let (Some(id), Some(length)) = (u16_at(extra, at), u16_at(extra, at + 2)) {
        if id == 0x7075 {
            let other = extra.get(at + 9..at + 4 + usize::from(length))?;
            return (name.is_ascii() && other != name).then(|| String::from_utf8_lossy(other).into_owned());
        }
        at += 4 + usize::from(length);
    }
    None
}

/// What a symbolic link leads to.
fn link(bytes: &[u8], entry: &Entry) -> Option<String> {
    const LONGEST: u64 = 4096;
    let (start, end) = entry.span(bytes.len());
    let data = bytes.get(start..end)?;
    let mut target = Vec::new();
    match entry.method {
        0 => data.take(LONGEST).read_to_end(&mut target).ok()?,
        8 => flate2::read::DeflateDecoder::new(data).take(LONGEST).read_to_end(&mut target).ok()?,
        _ => return None,
    };
    Some(String::from_utf8_lossy(&target).into_owned())
}

/// Looks for local headers that no directory lists, in what no listed member covers: readers that stream see them.
fn find_unlisted(
    bytes: &[u8],
    limits: &Limits,
    zip: &mut Zip,
    spans: &mut Vec<(u64, u64)>,
    defects: &mut Vec<Defect>,
) {
    spans.sort_unstable();
    let mut at = 0_usize;
    let mut covered = spans.clone().into_iter().peekable();
    while at + 30 <= bytes.len() && zip.entries.len() < limits.members {
        while covered.peek().is_some_and(|(_, to)| *to <= at as u64) {
            covered.next();
        }
        if let Some((from, to)) = covered.peek()
            && *from <= at as u64
        {
            at = usize::try_from(*to).unwrap_or(usize::MAX).max(at + 1);
            continue;
        }
        let gap_end = covered.peek().map_or(bytes.len(), |(from, _)| *from as usize).min(bytes.len());
        let gap = bytes.get(at..gap_end.max(at)).unwrap_or_default();
        let Some(found) = places(gap, &LOCAL).next() else {
            at = gap_end.max(at + 1);
            continue;
        };
        let local = at + found;
        at = local + 4;
        let Some(entry) = local_entry(bytes, local) else { continue };
        if entry.name.is_empty() || u16_at(bytes, local + 4).is_none_or(|version| version & 0xff >= 100) {
            continue;
        }
        let detail = format!("`{}` has a local header and is in no directory", entry.name);
        defects.push(Defect::at("zip-unlisted-member", local as u64, detail));
        let end = entry.data_offset.saturating_add(entry.compressed);
        at = at.max(usize::try_from(end).unwrap_or(usize::MAX).min(bytes.len()));
        spans.push((local as u64, end));
        zip.entries.push(entry);
    }
}

fn local_entry(bytes: &[u8], local: usize) -> Option<Entry> {
    let name_length = usize::from(u16_at(bytes, local + 26)?);
    let extra_length = usize::from(u16_at(bytes, local + 28)?);
    let name = bytes.get(local + 30..local + 30 + name_length)?;
    let data_offset = local + 30 + name_length + extra_length;
    let mut entry = Entry {
        name: String::from_utf8_lossy(name).into_owned(),
        flags: u16_at(bytes, local + 6)?,
        method: u16_at(bytes, local + 8)?,
        crc: u32_at(bytes, local + 14)?,
        compressed: u64::from(u32_at(bytes, local + 18)?),
        size: u64::from(u32_at(bytes, local + 22)?),
        data_offset: data_offset as u64,
        attributes: 0,
        listed: false,
        link: None,
    };
    let mut offset = 0;
    widen(bytes.get(local + 30 + name_length..data_offset)?, &mut entry, &mut offset);
    (data_offset <= bytes.len()).then_some(entry)
}

fn report_duplicates(zip: &Zip, defects: &mut Vec<Defect>) {
    let mut seen: BTreeMap<&str, &Entry> = BTreeMap::new();
    for entry in zip.entries.iter().filter(|entry| !entry.is_folder()) {
        // The same content twice is no question of who reads what.
        let same = |other: &&Entry| (other.size, other.crc) == (entry.size, entry.crc);
        if let Some(other) = seen.insert(&entry.name, entry).filter(|other| !same(other)) {
            let detail = format!(
                "`{}` is there more than once: the first, the last or another may be loaded",
                other.name.escape_debug()
            );
            defects.push(Defect::whole("zip-duplicate-member", detail));
        }
    }
}
