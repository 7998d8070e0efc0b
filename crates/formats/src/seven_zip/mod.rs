//! 7z: the directory at the end, perhaps packed itself, and solid streams that several members share.
//!
//! Source: `DOC/7zFormat.txt` and `DOC/Methods.txt` of the LZMA SDK.

mod decode;
mod header;
mod numbers;
#[cfg(test)]
mod tests;

use crate::compression::flow;
use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};
use header::{Directory, Folder};

/// How 7z archives are found and read.
pub const FORMAT: Format = Format { name: "7z", extensions: &["7z"], recognise, parse };

const MAGIC: &[u8] = b"7z\xbc\xaf\x27\x1c";
/// Bytes before the packed streams.
const START: usize = 32;
/// Bytes of directory that are read; a hundred thousand members need about ten mebibytes.
const DIRECTORY: usize = 32 << 20;

/// A 7z archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SevenZip {
    /// Members in stored order.
    pub entries: Vec<Entry>,
}

/// One member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Name, lossily out of UTF-16.
    pub name: String,
    /// Size in bytes, 0 for folders.
    pub size: u64,
    /// What it links to, if it is a symbolic link.
    pub link: Option<String>,
}

fn recognise(input: &Input<'_>) -> Recognised {
    if input.bytes.starts_with(MAGIC) { Recognised::ByMagic } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut facts = SevenZip::default();
    let mut members = Vec::new();
    let mut defects = Vec::new();
    match directory(input) {
        Ok(directory) => read(input, &directory, &mut facts, &mut members, &mut defects),
        Err(defect) => defects.push(defect),
    }
    Parsed { format: FORMAT.name, facts: Facts::SevenZip(facts), defects, members }
}

fn broken(detail: &str) -> Defect {
    Defect::whole("7z-directory-broken", detail)
}

/// The directory, unpacked as often as it is packed.
fn directory(input: &Input<'_>) -> Result<Directory, Defect> {
    let field = |at: usize| input.bytes.get(at..)?.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes));
    let place = || {
        let offset = usize::try_from(field(12)?).ok()?.checked_add(START)?;
        let length = usize::try_from(field(20)?).ok()?;
        input.bytes.get(offset..offset.checked_add(length)?)
    };
    let Some(packed) = place() else { return Err(broken("the directory lies outside the file")) };
    let mut bytes = std::borrow::Cow::Borrowed(packed);
    if bytes.is_empty() {
        return Ok(Directory::default());
    }
    for _ in 0..4 {
        let most = input.budget.limits.members;
        match header::read(&bytes, most)
            .ok_or_else(|| broken("the directory breaks off or contradicts itself"))?
        {
            header::Header::Plain(directory) => return Ok(directory),
            header::Header::Packed(directory) => {
                let folder =
                    directory.folders.first().ok_or_else(|| broken("a packed directory without content"))?;
                let reader = folder_reader(input, &directory, folder)
                    .map_err(|(code, why)| Defect::whole(code, why))?;
                let mut out = Vec::new();
                let mut reader = std::io::Read::take(reader, folder.size.min(DIRECTORY as u64));
                std::io::Read::read_to_end(&mut reader, &mut out)
                    .map_err(|error| broken(&format!("the directory does not inflate: {error}")))?;
                bytes = std::borrow::Cow::Owned(out);
            }
        }
    }
    Err(broken("the directory is packed in itself"))
}

/// The unpacked stream of a folder.
fn folder_reader<'a>(
    input: &Input<'a>,
    directory: &Directory,
    folder: &Folder,
) -> Result<Box<dyn std::io::Read + 'a>, (&'static str, String)> {
    let (offset, length) = directory
        .packed
        .get(folder.first_packed)
        .ok_or_else(|| ("7z-directory-broken", "a folder without a packed stream".to_owned()))?;
    let place = || {
        let start = usize::try_from(*offset).ok()?.checked_add(START)?;
        input.bytes.get(start..start.checked_add(usize::try_from(*length).ok()?)?)
    };
    let data =
        place().ok_or_else(|| ("7z-data-past-end", "a packed stream ends after the file".to_owned()))?;
    decode::chain(folder, data)
}

fn read(
    input: &Input<'_>,
    directory: &Directory,
    facts: &mut SevenZip,
    members: &mut Vec<Member>,
    defects: &mut Vec<Defect>,
) {
    let mut files = directory.files.iter();
    for folder in &directory.folders {
        let packed = directory.packed.get(folder.first_packed).map_or(0, |(_, length)| *length as usize);
        let mut reader = match folder_reader(input, directory, folder) {
            Ok(reader) => Some(reader),
            Err((code, why)) => {
                defects.push(Defect::whole(code, why));
                None
            }
        };
        for size in &folder.contents {
            let Some(file) = next(&mut files, facts) else { break };
            let mut entry = Entry { name: file.name.clone(), size: *size, link: None };
            if input.budget.is_stopped() {
                defects.push(Defect::whole(
                    "limit-time",
                    "the time for the file was over before its last member",
                ));
                return;
            }
            if let Some(reader) = &mut reader {
                let part = std::io::Read::take(reader, *size);
                let flow = flow(input, &file.name, part, packed, *size);
                if file.is_link() {
                    entry.link = flow.parsed.as_ref().and_then(|parsed| match &parsed.facts {
                        Facts::Text(text) => Some(text.text.clone()),
                        _ => None,
                    });
                }
                if flow.whole && flow.size < *size {
                    let detail = format!("`{}` has {} bytes where {size} are stated", file.name, flow.size);
                    defects.push(Defect::whole("7z-sizes-differ", detail));
                }
                let stopped = !flow.whole;
                defects.extend(flow.defects);
                if let Some(parsed) = flow.parsed {
                    members.push(Member { name: file.name.clone(), size: flow.size, parsed });
                }
                facts.entries.push(entry);
                if stopped {
                    break;
                }
            } else {
                facts.entries.push(entry);
            }
        }
    }
    while next(&mut files, facts).is_some() {}
}

/// The next file with a content; empty ones on the way are listed.
fn next<'f>(
    files: &mut std::slice::Iter<'f, header::File>,
    facts: &mut SevenZip,
) -> Option<&'f header::File> {
    for file in files {
        if !file.empty {
            return Some(file);
        }
        facts.entries.push(Entry { name: file.name.clone(), size: 0, link: None });
    }
    None
}
