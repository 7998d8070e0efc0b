//! Which members an archive has, by its central directory and by its local headers.

use std::collections::BTreeMap;

use crate::{Defect, Limits};

const LOCAL: [u8; 4] = [b'P', b'K', 3, 4];
const CENTRAL: [u8; 4] = [b'P', b'K', 1, 2];
const END: [u8; 4] = [b'P', b'K', 5, 6];
const END_64: [u8; 4] = [b'P', b'K', 6, 6];
const END_LENGTH: usize = 22;
/// Longest comment, so the end record is no further from the end of the file than this.
const END_SEARCH: usize = END_LENGTH + 0xffff;

/// What an archive holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zip {
    /// Members by the central directory, in its order; those that only local headers know come last.
    pub entries: Vec<Entry>,
    /// Bytes before the first member.
    pub prepended: u64,
    /// Bytes after the end record and its comment.
    pub appended: u64,
}

impl Zip {
    /// The first member with this name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// One member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Name in the central directory, lossily as UTF-8.
    pub name: String,
    /// Compression method: 0 stored, 8 deflated, 12 bzip2, 14 LZMA, 93 Zstandard, 95 XZ.
    pub method: u16,
    /// Stored size.
    pub compressed: u64,
    /// Size when inflated, as stated.
    pub size: u64,
    /// CRC-32 of the content, as stated.
    pub crc: u32,
    /// General purpose flags; bit 0 is encryption.
    pub flags: u16,
    /// Unix mode in the upper half, if the archive was made on Unix.
    pub attributes: u32,
    /// Where the content starts.
    pub data_offset: u64,
    /// Whether the central directory has it.
    pub listed: bool,
}

impl Entry {
    /// Whether it stands for a folder.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/') && self.size == 0
    }

    /// Where its stored bytes are in an archive of `length` bytes, start and end, cut where the archive ends.
    ///
    /// A streaming reader does not know the size when it stands behind the data: then that is the rest.
    pub(crate) fn span(&self, length: usize) -> (usize, usize) {
        let start = usize::try_from(self.data_offset).map_or(length, |start| start.min(length));
        let stored = usize::try_from(self.compressed).unwrap_or(usize::MAX);
        let end = if !self.listed && stored == 0 { length } else { start.saturating_add(stored).min(length) };
        (start, end)
    }

    /// Whether its content is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether it is a symbolic link.
    pub fn is_link(&self) -> bool {
        self.attributes >> 16 & 0o170_000 == 0o120_000
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes)
}

/// Offsets of what looks like end records, last first, among the bytes where loaders look.
fn end_records(bytes: &[u8]) -> Vec<usize> {
    let from = bytes.len().saturating_sub(END_SEARCH);
    let tail = bytes.get(from..).unwrap_or_default();
    let mut found: Vec<usize> = tail
        .windows(4)
        .enumerate()
        .filter(|(_, window)| *window == END)
        .map(|(at, _)| from + at)
        .filter(|at| at + END_LENGTH <= bytes.len())
        .collect();
    found.reverse();
    found
}

/// Whether a loader that searches from the end would find a directory with members.
pub(super) fn has_end_record(bytes: &[u8]) -> bool {
    end_records(bytes).into_iter().any(|at| {
        let entries = u16_at(bytes, at + 10).unwrap_or(0);
        Directory::at(bytes, at).is_some_and(|directory| {
            entries > 0 && bytes.get(directory.start..directory.start + 4) == Some(CENTRAL.as_slice())
        })
    })
}

/// Where one central directory lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Directory {
    start: usize,
    end: usize,
    entries: u64,
    /// What must be added to every stored offset, because something was put before the archive.
    shift: i64,
    after: usize,
}

impl Directory {
    /// The directory that the end record at `at` describes.
    fn at(bytes: &[u8], at: usize) -> Option<Self> {
        let mut entries = u64::from(u16_at(bytes, at + 10)?);
        let mut size = u64::from(u32_at(bytes, at + 12)?);
        let mut offset = u64::from(u32_at(bytes, at + 16)?);
        let comment = usize::from(u16_at(bytes, at + 20)?);
        let mut end = at;
        // The locator of the 64-bit end record stands right before the plain one.
        if let Some(locator) = at.checked_sub(20)
            && bytes.get(locator..locator + 4) == Some(&[b'P', b'K', 6, 7])
        {
            let stated = usize::try_from(u64_at(bytes, locator + 8)?).ok();
            let record = [stated, locator.checked_sub(56)].into_iter().flatten().find(|record| {
                record.checked_add(4).and_then(|to| bytes.get(*record..to)) == Some(END_64.as_slice())
            });
            if let Some(record) = record {
                entries = u64_at(bytes, record + 32)?;
                size = u64_at(bytes, record + 40)?;
                offset = u64_at(bytes, record + 48)?;
                end = record;
            }
        }
        let start = end.checked_sub(usize::try_from(size).ok()?)?;
        let shift = i64::try_from(start).ok()?.checked_sub(i64::try_from(offset).ok()?)?;
        Some(Self { start, end, entries, shift, after: (at + END_LENGTH + comment).min(bytes.len()) })
    }
}

/// Reads the directory of an archive, checking it against the local headers.
pub fn directory(bytes: &[u8], limits: &Limits) -> (Zip, Vec<Defect>) {
    let mut zip = Zip::default();
    let mut defects = Vec::new();
    let mut spans: Vec<(u64, u64)> = Vec::new();
    let ends = end_records(bytes);
    let directories: Vec<Directory> = ends.iter().filter_map(|at| Directory::at(bytes, *at)).collect();
    let usable: Vec<Directory> = directories
        .iter()
        .copied()
        .filter(|directory| {
            directory.entries == 0
                || bytes.get(directory.start..directory.start + 4) == Some(CENTRAL.as_slice())
        })
        .collect();
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
    report_duplicates(&zip, &mut defects);
    (zip, defects)
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
    };
    let mut offset = u64::from(u32_at(bytes, at + 42)?);
    widen(extra, &mut entry, &mut offset);
    if name.contains(&0) {
        let detail =
            format!("`{}` has a zero byte in it: some loaders cut the name there", entry.name.escape_debug());
        defects.push(Defect::at("zip-name-cut", at as u64, detail));
    }
    let local = i64::try_from(offset).ok()?.checked_add(shift).and_then(|at| usize::try_from(at).ok());
    match local.filter(|local| bytes.get(*local..local.saturating_add(4)) == Some(LOCAL.as_slice())) {
        Some(local) => {
            compare_local(bytes, local, name, &mut entry, defects)?;
            spans.push((local as u64, entry.data_offset.saturating_add(entry.compressed)));
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

fn compare_local(
    bytes: &[u8],
    local: usize,
    central_name: &[u8],
    entry: &mut Entry,
    defects: &mut Vec<Defect>,
) -> Option<()> {
    let name_length = usize::from(u16_at(bytes, local + 26)?);
    let extra_length = usize::from(u16_at(bytes, local + 28)?);
    entry.data_offset = (local + 30 + name_length + extra_length) as u64;
    let name = bytes.get(local + 30..local + 30 + name_length)?;
    let flags = u16_at(bytes, local + 6)?;
    let method = u16_at(bytes, local + 8)?;
    let mut differs = |code: &'static str, what: String| {
        defects.push(Defect::at(code, local as u64, format!("`{}`: {what}", entry.name)));
    };
    if name != central_name {
        differs("zip-names-differ", format!("its local header calls it `{}`", String::from_utf8_lossy(name)));
    }
    if method != entry.method {
        differs("zip-methods-differ", format!("method {} in the directory, {method} locally", entry.method));
    }
    if (flags ^ entry.flags) & 1 != 0 {
        differs("zip-flags-differ", "encrypted by one header, plain by the other".to_owned());
    }
    // With a data descriptor the local sizes are zero or absent.
    let sizes = (u32_at(bytes, local + 18)?, u32_at(bytes, local + 22)?);
    let told = |local: u32, central: u64| local == u32::MAX || u64::from(local) == central;
    if flags & 8 == 0 && !(told(sizes.0, entry.compressed) && told(sizes.1, entry.size)) {
        differs("zip-sizes-differ", format!("{} bytes in the directory, {} locally", entry.size, sizes.1));
    }
    Some(())
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
        let Some(found) = gap.windows(4).position(|window| window == LOCAL) else {
            at = gap_end.max(at + 1);
            continue;
        };
        let local = at + found;
        at = local + 4;
        let Some(entry) = local_entry(bytes, local) else { continue };
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
    };
    let mut offset = 0;
    widen(bytes.get(local + 30 + name_length..data_offset)?, &mut entry, &mut offset);
    (!entry.name.is_empty() && data_offset <= bytes.len() && u16_at(bytes, local + 4)? < 100).then_some(entry)
}

fn report_duplicates(zip: &Zip, defects: &mut Vec<Defect>) {
    let mut counts: BTreeMap<String, (u32, &str)> = BTreeMap::new();
    for entry in &zip.entries {
        counts.entry(entry.name.to_lowercase()).or_insert((0, &entry.name)).0 += 1;
    }
    for (count, name) in counts.values().filter(|(count, _)| *count > 1) {
        let detail = format!("`{name}` is there {count} times: the first, the last or another may be loaded");
        defects.push(Defect::whole("zip-duplicate-member", detail));
    }
}
