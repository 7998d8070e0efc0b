//! Goes through the headers and parses every content.

use std::collections::BTreeMap;

use super::header::{self, BLOCK, Header};
use super::source::Source;
use super::{Entry, Kind, Tar};
use crate::{Defect, Input, Member, payload};

/// Longest name or extended header.
const META: u64 = 1 << 20;
/// Blocks searched for the next header behind a broken one.
const SEARCH: usize = 4_096;

/// What extended headers said about the next member.
#[derive(Debug, Default)]
struct Extended {
    name: Option<String>,
    link: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

struct Reader<'i, 'a> {
    input: &'i Input<'a>,
    tar: Tar,
    defects: Vec<Defect>,
    members: Vec<Member>,
    at: u64,
    contents: BTreeMap<String, (u64, u32)>,
    ended: bool,
}

pub(super) fn read<'a>(input: &Input<'_>, mut source: impl Source<'a>) -> (Tar, Vec<Defect>, Vec<Member>) {
    let mut reader = Reader {
        input,
        tar: Tar::default(),
        defects: Vec::new(),
        members: Vec::new(),
        at: 0,
        contents: BTreeMap::new(),
        ended: false,
    };
    reader.run(&mut source);
    (reader.tar, reader.defects, reader.members)
}

impl Reader<'_, '_> {
    fn run<'a>(&mut self, source: &mut impl Source<'a>) {
        let mut extended = Extended::default();
        let mut lost = 0;
        let mut zeros = 0_u64;
        loop {
            if self.input.budget.is_stopped() {
                let why = "the time for the file was over before its last member";
                self.defects.push(Defect::at("limit-time", self.at, why));
                return;
            }
            let start = self.at;
            let block = source.take(BLOCK);
            self.at += block.len() as u64;
            if block.len() < BLOCK {
                if !block.iter().all(|byte| *byte == 0) {
                    self.wrong("tar-truncated", start, "ends within a header".to_owned());
                }
                return;
            }
            if block.iter().all(|byte| *byte == 0) {
                zeros += 1;
                self.ended = true;
                continue;
            }
            let Some(header) = Header::read(&block) else { return };
            if !header.sound {
                if !self.stray(&header, &block, start, zeros > 0, lost) {
                    return;
                }
                lost += 1;
                continue;
            }
            if self.ended && zeros > 0 {
                zeros = 0;
                let what = "members behind the end of the archive: some programs go on, some stop";
                self.wrong("tar-behind-end", start, what.to_owned());
            }
            lost = 0;
            if self.tar.entries.len() >= self.input.budget.limits.members {
                let what = format!("more than {} members", self.input.budget.limits.members);
                self.defects.push(Defect::at("limit-members", start, what));
                return;
            }
            if !self.member(&header, &mut extended, source) {
                return;
            }
        }
    }

    fn wrong(&mut self, code: &'static str, at: u64, what: String) {
        if self.defects.len() < 256 {
            self.defects.push(Defect::at(code, at, what));
        }
    }

    /// A block that should be a header and is none; whether to look further.
    fn stray(&mut self, header: &Header, block: &[u8], start: u64, behind: bool, lost: usize) -> bool {
        let found = payload::hidden(block, start, "the archive");
        let hidden = !found.is_empty();
        for defect in found {
            self.wrong(defect.code, start, defect.detail);
        }
        if lost == 0 && !hidden {
            if header.ustar {
                let what =
                    format!("the checksum of `{}` is wrong: some programs stop there", clean(&header.name));
                self.wrong("tar-checksum", start, what);
            } else if behind {
                self.wrong("tar-trailing", start, "bytes behind the end that are no header".to_owned());
            } else {
                self.wrong("tar-broken", start, "bytes where a header should be".to_owned());
            }
        }
        lost < SEARCH
    }

    /// Reads one member; false where the archive ends.
    fn member<'a>(&mut self, header: &Header, extended: &mut Extended, source: &mut impl Source<'a>) -> bool {
        let start = self.at - BLOCK as u64;
        if matches!(header.kind, b'L' | b'K' | b'x' | b'g' | b'X') {
            let content = source.take(usize::try_from(header.size.min(META)).unwrap_or(0));
            self.at += content.len() as u64;
            if header.size > META {
                self.wrong(
                    "tar-header-too-long",
                    start,
                    format!("an extended header of {} bytes", header.size),
                );
            }
            let rest = header.size.saturating_sub(META).saturating_add(padding(header.size));
            self.at += source.skip(rest);
            note(header, &content, extended);
            return content.len() as u64 == header.size.min(META);
        }
        let extended = std::mem::take(extended);
        let name = extended.name.unwrap_or_else(|| header.name.clone());
        let size = match extended.size {
            Some(size) if header.has_content() => {
                let written = header.size;
                // A header that leaves the number to the other one says zero; what follows may then be read as headers.
                if written != size && written != 0 && written != 0o77_777_777_777 {
                    let what =
                        format!("`{}` has {written} bytes by one header, {size} by the other", clean(&name));
                    self.wrong("tar-sizes-differ", start, what);
                }
                size
            }
            _ => header.size,
        };
        let kind = match header.kind {
            b'1' => Kind::HardLink,
            b'2' => Kind::SymbolicLink,
            b'3' | b'4' | b'6' => Kind::Special,
            b'5' => Kind::Folder,
            // Old programs mark folders by their names only.
            0 | b'0' if name.ends_with('/') => Kind::Folder,
            _ => Kind::File,
        };
        if header.kind == b'S' && header.extended {
            // The map of holes goes on in further blocks.
            for _ in 0..10_000 {
                let block = source.take(BLOCK);
                self.at += block.len() as u64;
                if block.get(504).is_none_or(|more| *more == 0) {
                    break;
                }
            }
        }
        let link = if matches!(kind, Kind::HardLink | Kind::SymbolicLink) {
            extended.link.unwrap_or_else(|| header.link.clone())
        } else {
            String::new()
        };
        // The content of a hard link may be there as well; then the size says so.
        let stored =
            if header.has_content() || header.kind == b'1' && extended.size.is_some() { size } else { 0 };
        let mode = (header.mode & 0o7777) as u32;
        self.tar.entries.push(Entry { name: name.clone(), kind, link, size: stored, offset: self.at, mode });
        if stored == u64::MAX {
            self.wrong("tar-size", start, format!("`{}` states a size that is no number", clean(&name)));
            return false;
        }
        let doubtful = extended.size.is_some() && header.size == 0;
        self.content(&name, stored, (doubtful, extended.sparse), source)
    }

    fn content<'a>(
        &mut self,
        name: &str,
        size: u64,
        (doubtful, sparse): (bool, bool),
        source: &mut impl Source<'a>,
    ) -> bool {
        let start = self.at;
        let room = if source.copies() { self.input.budget.memory_left().max(1 << 20) } else { u64::MAX };
        let taken = usize::try_from(size.min(room)).unwrap_or(usize::MAX);
        let content = source.take(taken);
        self.at += content.len() as u64;
        let short = content.len() < taken;
        if doubtful && super::begins(&content) {
            let what = format!("`{}` has no bytes by one header; by the other, headers follow", clean(name));
            self.wrong("tar-sizes-differ", start, what);
        }
        if !content.is_empty() {
            let held = self.input.budget.hold(if source.copies() { content.len() as u64 } else { 0 });
            let mut parsed = crate::parse(&self.input.member(name, &content));
            if size > room || sparse {
                parsed.defects.retain(|defect| defect.is_limit() || defect.code.starts_with("hidden-"));
            }
            if size > room {
                let what = format!("only the first {} bytes were looked at", content.len());
                parsed.defects.push(Defect::whole("limit-held", what));
            }
            self.duplicate(name, &content);
            self.members.push(Member { name: name.to_owned(), size, parsed });
            drop(held);
        }
        if short {
            self.wrong(
                "tar-truncated",
                start,
                format!("the content of `{}` ends after the file", clean(name)),
            );
            return false;
        }
        self.at += source.skip(size - content.len() as u64);
        self.at += source.skip(padding(size));
        true
    }

    /// Tells a second member with the name of an earlier one and another content: extractors keep the last, readers
    /// that search take the first.
    fn duplicate(&mut self, name: &str, content: &[u8]) {
        let mut crc = flate2::Crc::new();
        crc.update(content.get(..1 << 20).unwrap_or(content));
        let this = (content.len() as u64, crc.sum());
        if self.contents.insert(name.to_owned(), this).is_some_and(|earlier| earlier != this) {
            let what = format!("`{}` is there twice with different contents", clean(name));
            self.wrong("tar-duplicate-member", self.at, what);
        }
    }
}

/// Zero bytes after a content of `size` bytes.
fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}

fn clean(name: &str) -> String {
    name.escape_debug().take(200).collect()
}

/// Keeps what an extended header says about the next member.
fn note(header: &Header, content: &[u8], extended: &mut Extended) {
    let text = || String::from_utf8_lossy(content).trim_end_matches('\0').to_owned();
    match header.kind {
        b'L' => extended.name = Some(text()),
        b'K' => extended.link = Some(text()),
        b'x' | b'X' => {
            for (key, value) in header::pax(content) {
                match key.as_str() {
                    "path" | "GNU.sparse.name" => extended.name = Some(value),
                    "linkpath" => extended.link = Some(value),
                    "size" => extended.size = value.parse().ok(),
                    _ => extended.sparse |= key.starts_with("GNU.sparse."),
                }
            }
        }
        _ => {}
    }
}
