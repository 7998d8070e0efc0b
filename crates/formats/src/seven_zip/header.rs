//! The directory: packed streams, folders of coders, files.

use super::numbers::Numbers;

/// What a directory lists.
#[derive(Debug, Clone, Default)]
pub(super) struct Directory {
    /// Packed streams: offset behind the start header, length.
    pub(super) packed: Vec<(u64, u64)>,
    pub(super) folders: Vec<Folder>,
    pub(super) files: Vec<File>,
}

/// One chain of coders and the contents that come out of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Folder {
    pub(super) coders: Vec<Coder>,
    /// Which output feeds which input.
    pub(super) bonds: Vec<(usize, usize)>,
    pub(super) first_packed: usize,
    /// Packed streams it takes.
    pub(super) streams: usize,
    /// Size of what each coder gives.
    pub(super) sizes: Vec<u64>,
    /// Size of what comes out at the end.
    pub(super) size: u64,
    /// Sizes of the files in it.
    pub(super) contents: Vec<u64>,
    has_digest: bool,
}

/// One coder.
#[derive(Debug, Clone, Default)]
pub(super) struct Coder {
    pub(super) method: u64,
    pub(super) properties: Vec<u8>,
    /// Inputs and outputs; one each for all that are read.
    pub(super) ways: (usize, usize),
}

/// One file.
#[derive(Debug, Clone, Default)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) empty: bool,
    attributes: u32,
}

impl File {
    /// Whether it is a symbolic link, by the Unix mode in the upper half.
    pub(super) fn is_link(&self) -> bool {
        self.attributes & 0x8000 != 0 && self.attributes >> 16 & 0o170_000 == 0o120_000
    }
}

/// A directory, or where it is packed.
pub(super) enum Header {
    Plain(Directory),
    Packed(Directory),
}

/// Coders of one folder; 7-Zip itself allows 32, its archives have at most four.
const CODERS: usize = 32;

/// Reads a header with at most `most` files.
pub(super) fn read(bytes: &[u8], most: usize) -> Option<Header> {
    let mut numbers = Numbers(bytes);
    let mut directory = Directory::default();
    match numbers.byte()? {
        0x17 => {
            streams(&mut numbers, &mut directory, most)?;
            Some(Header::Packed(directory))
        }
        1 => loop {
            match numbers.byte()? {
                0 => return Some(Header::Plain(directory)),
                2 => properties(&mut numbers)?,
                3 => streams(&mut numbers, &mut Directory::default(), most)?,
                4 => streams(&mut numbers, &mut directory, most)?,
                5 => files(&mut numbers, &mut directory, most)?,
                _ => return None,
            }
        },
        _ => None,
    }
}

fn properties(numbers: &mut Numbers<'_>) -> Option<()> {
    while numbers.byte()? != 0 {
        let length = numbers.count(usize::MAX)?;
        numbers.bytes(length)?;
    }
    Some(())
}

fn streams(numbers: &mut Numbers<'_>, directory: &mut Directory, most: usize) -> Option<()> {
    let mut divided = false;
    loop {
        match numbers.byte()? {
            0 => break,
            6 => packed(numbers, directory, most)?,
            7 => folders(numbers, directory, most)?,
            8 => {
                divide(numbers, directory, most)?;
                divided = true;
            }
            _ => return None,
        }
    }
    if !divided {
        directory.folders.iter_mut().for_each(|folder| folder.contents = vec![folder.size]);
    }
    Some(())
}

fn packed(numbers: &mut Numbers<'_>, directory: &mut Directory, most: usize) -> Option<()> {
    let mut offset = numbers.number()?;
    let count = numbers.count(most)?;
    loop {
        match numbers.byte()? {
            0 => return Some(()),
            9 => {
                for _ in 0..count {
                    let length = numbers.number()?;
                    directory.packed.push((offset, length));
                    offset = offset.checked_add(length)?;
                }
            }
            0x0a => drop(numbers.skip_digests(count)?),
            _ => return None,
        }
    }
}

fn folders(numbers: &mut Numbers<'_>, directory: &mut Directory, most: usize) -> Option<()> {
    (numbers.byte()? == 0x0b).then_some(())?;
    let count = numbers.count(most)?;
    // Directories in another stream were never written by anyone.
    (numbers.byte()? == 0).then_some(())?;
    let mut first_packed = 0;
    for _ in 0..count {
        let folder = Folder { first_packed, ..folder(numbers)? };
        first_packed += folder.streams;
        directory.folders.push(folder);
    }
    (numbers.byte()? == 0x0c).then_some(())?;
    for folder in &mut directory.folders {
        for _ in 0..folder.coders.iter().map(|coder| coder.ways.1).sum() {
            folder.sizes.push(numbers.number()?);
        }
        let bound = |output: &usize| folder.bonds.iter().any(|(_, from)| from == output);
        let last = (0..folder.sizes.len()).find(|output| !bound(output))?;
        folder.size = *folder.sizes.get(last)?;
    }
    loop {
        match numbers.byte()? {
            0 => return Some(()),
            0x0a => {
                let defined = numbers.skip_digests(count)?;
                for (folder, defined) in directory.folders.iter_mut().zip(defined) {
                    folder.has_digest = defined;
                }
            }
            _ => return None,
        }
    }
}

fn folder(numbers: &mut Numbers<'_>) -> Option<Folder> {
    let mut folder = Folder::default();
    let (mut inputs, mut outputs) = (0_usize, 0_usize);
    for _ in 0..numbers.count(CODERS)? {
        let flags = numbers.byte()?;
        let method = numbers.bytes(usize::from(flags & 0x0f))?;
        let method = method.iter().take(8).fold(0_u64, |id, byte| id << 8 | u64::from(*byte));
        let ways = if flags & 0x10 != 0 { (numbers.count(CODERS)?, numbers.count(CODERS)?) } else { (1, 1) };
        let mut properties = Vec::new();
        if flags & 0x20 != 0 {
            let length = numbers.count(1 << 16)?;
            properties = numbers.bytes(length)?.to_vec();
        }
        inputs += ways.0;
        outputs += ways.1;
        folder.coders.push(Coder { method, properties, ways });
    }
    let bonds = outputs.checked_sub(1)?;
    for _ in 0..bonds {
        folder.bonds.push((numbers.count(1024)?, numbers.count(1024)?));
    }
    folder.streams = inputs.checked_sub(bonds)?;
    if folder.streams > 1 {
        for _ in 0..folder.streams {
            numbers.number()?;
        }
    }
    Some(folder)
}

fn divide(numbers: &mut Numbers<'_>, directory: &mut Directory, most: usize) -> Option<()> {
    let mut counts = vec![1_usize; directory.folders.len()];
    let mut kind = numbers.byte()?;
    if kind == 0x0d {
        for count in &mut counts {
            *count = numbers.count(most)?;
        }
        kind = numbers.byte()?;
    }
    (counts.iter().sum::<usize>() <= most).then_some(())?;
    let mut digests = 0;
    for (folder, count) in directory.folders.iter_mut().zip(&counts) {
        let mut left = folder.size;
        for index in 0..*count {
            let size = if index + 1 == *count {
                left
            } else if kind == 9 {
                numbers.number()?
            } else {
                return None;
            };
            left = left.checked_sub(size)?;
            folder.contents.push(size);
        }
        digests += if *count == 1 && folder.has_digest { 0 } else { *count };
    }
    if kind == 9 {
        kind = numbers.byte()?;
    }
    if kind == 0x0a {
        numbers.skip_digests(digests)?;
        kind = numbers.byte()?;
    }
    (kind == 0).then_some(())
}

fn files(numbers: &mut Numbers<'_>, directory: &mut Directory, most: usize) -> Option<()> {
    let count = numbers.count(most)?;
    directory.files = vec![File::default(); count];
    loop {
        let kind = numbers.byte()?;
        if kind == 0 {
            return Some(());
        }
        let length = numbers.count(usize::MAX)?;
        let mut content = Numbers(numbers.bytes(length)?);
        match kind {
            0x0e => {
                for (file, empty) in directory.files.iter_mut().zip(content.bits(count)?) {
                    file.empty = empty;
                }
            }
            0x11 => {
                (content.byte()? == 0).then_some(())?;
                for file in &mut directory.files {
                    let end = content.0.chunks_exact(2).position(|unit| unit == [0, 0])?;
                    let units = content.bytes(end * 2)?;
                    let units: Vec<u16> = units
                        .chunks_exact(2)
                        .map(|unit| unit.iter().rev().fold(0, |value, byte| value << 8 | u16::from(*byte)))
                        .collect();
                    content.bytes(2)?;
                    file.name = String::from_utf16_lossy(&units);
                }
            }
            0x15 => {
                let defined = content.defined(count)?;
                (content.byte()? == 0).then_some(())?;
                for (file, _) in directory.files.iter_mut().zip(defined).filter(|(_, defined)| *defined) {
                    file.attributes = content.u32()?;
                }
            }
            _ => {}
        }
    }
}
