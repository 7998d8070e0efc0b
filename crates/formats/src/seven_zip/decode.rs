//! Chains of coders.

use std::io::Read;

use lzma_rust2::filter::bcj::BcjReader;
use lzma_rust2::filter::delta::DeltaReader;

use super::header::{Coder, Folder};
use crate::compression::{Codec, decoder};

/// Bytes a dictionary may take.
const DICTIONARY: u32 = 80 << 20;

type Refused = (&'static str, String);

/// What comes out at the end of a folder's chain when `data` goes in.
///
/// # Errors
/// Code and words of a defect: encrypted, a method that is not read, a chain that branches.
pub(super) fn chain<'a>(folder: &Folder, data: &'a [u8]) -> Result<Box<dyn Read + 'a>, Refused> {
    if folder.coders.iter().any(|coder| coder.method == 0x06f1_0701) {
        return Err(("limit-encrypted", "is encrypted, so nobody looked into it".to_owned()));
    }
    if folder.coders.iter().any(|coder| coder.ways != (1, 1)) || folder.coders.is_empty() {
        return Err(("limit-method", "a chain of coders that branches is not read".to_owned()));
    }
    let bound = |input: usize| folder.bonds.iter().any(|(to, _)| *to == input);
    let first = (0..folder.coders.len()).find(|input| !bound(*input));
    let mut reader: Box<dyn Read + 'a> = Box::new(data);
    let (mut at, mut plain) = (first, Some(data));
    for _ in 0..folder.coders.len() {
        let Some((index, coder)) = at.and_then(|index| Some((index, folder.coders.get(index)?))) else {
            break;
        };
        let size = folder.sizes.get(index).copied().unwrap_or(0);
        reader = step(coder, reader, plain.take(), size)?;
        at = folder.bonds.iter().find(|(_, from)| *from == index).map(|(to, _)| *to);
    }
    Ok(reader)
}

fn step<'a>(
    coder: &Coder,
    reader: Box<dyn Read + 'a>,
    data: Option<&'a [u8]>,
    size: u64,
) -> Result<Box<dyn Read + 'a>, Refused> {
    let broken = |why: String| ("7z-data-broken", format!("does not inflate: {why}"));
    Ok(match (coder.method, coder.properties.as_slice()) {
        (0, _) => reader,
        (0x21, [bits, ..]) => {
            let dictionary = match bits {
                40 => u32::MAX,
                0..=39 => (2 | u32::from(bits & 1)) << (bits / 2 + 11),
                _ => return Err(broken(format!("{bits} is no size of a dictionary"))),
            };
            large(dictionary)?;
            Box::new(lzma_rust2::Lzma2Reader::new(reader, dictionary, None))
        }
        (0x03_0101, [properties, a, b, c, d, ..]) => {
            let dictionary = u32::from_le_bytes([*a, *b, *c, *d]);
            large(dictionary)?;
            let lzma = lzma_rust2::LzmaReader::new_with_props(reader, size, *properties, dictionary, None);
            Box::new(lzma.map_err(|error| broken(error.to_string()))?)
        }
        (0x04_0108, _) => Box::new(flate2::read::DeflateDecoder::new(reader)),
        (0x04_0202, _) => Box::new(bzip2::read::BzDecoder::new(reader)),
        (0x04f7_1101, _) if data.is_some() => {
            decoder(Codec::Zstd, data.unwrap_or_default()).map_err(broken)?
        }
        (3, [distance, ..]) => Box::new(DeltaReader::new(reader, usize::from(*distance) + 1)),
        (4 | 0x0303_0103, _) => Box::new(BcjReader::new_x86(reader, 0)),
        (5 | 0x0303_0205, _) => Box::new(BcjReader::new_ppc(reader, 0)),
        (7 | 0x0303_0501, _) => Box::new(BcjReader::new_arm(reader, 0)),
        (8 | 0x0303_0701, _) => Box::new(BcjReader::new_arm_thumb(reader, 0)),
        (9 | 0x0303_0805, _) => Box::new(BcjReader::new_sparc(reader, 0)),
        (10, _) => Box::new(BcjReader::new_arm64(reader, 0)),
        (method, _) => return Err(("limit-method", format!("compression method {method:x} is not read"))),
    })
}

fn large(dictionary: u32) -> Result<(), Refused> {
    let why = || ("limit-dictionary", format!("a dictionary of {dictionary} bytes is not given"));
    if dictionary > DICTIONARY { Err(why()) } else { Ok(()) }
}
