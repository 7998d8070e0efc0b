//! A ZIP archive (APPNOTE.TXT 6.3.10) whose bytes depend on nothing but names and contents.
//!
//! Entries are stored, not deflated: compressed bytes differ between compressors and processors, and whoever checks a digest can
//! then read the archive with anything. The time is 1980-01-01, the earliest there is.

/// Why something does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ZipError {
    /// Sizes, offsets and counts of the plain format have 32 and 16 bits.
    #[error("the archive would be 4 GiB or larger, or hold more than 65,534 entries")]
    TooLarge,
}

/// Version 2.0, names in UTF-8, stored, at midnight of 1980-01-01.
const VERSION: u16 = 20;
const UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
const TIME: u16 = 0;
const DATE: u16 = 0x21;
/// A regular file, readable by all, made on Unix.
const MADE_BY: u16 = 3 << 8 | VERSION;
const MODE: u32 = 0o100_644 << 16;

/// The archive with these entries in this order.
pub(crate) fn archive(entries: &[(&str, &[u8])]) -> Result<Vec<u8>, ZipError> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let count =
        u16::try_from(entries.len()).ok().filter(|count| *count < u16::MAX).ok_or(ZipError::TooLarge)?;
    for (name, content) in entries {
        let offset = small(bytes.len())?;
        let mut sum = flate2::Crc::new();
        sum.update(content);
        let size = small(content.len())?;
        let length = u16::try_from(name.len()).map_err(|_| ZipError::TooLarge)?;
        let mut shared = Vec::new();
        for field in [VERSION, UTF8, STORED, TIME, DATE] {
            shared.extend(field.to_le_bytes());
        }
        for field in [sum.sum(), size, size] {
            shared.extend(field.to_le_bytes());
        }
        // Length of the name, of the extra field.
        shared.extend(length.to_le_bytes());
        shared.extend(0_u16.to_le_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&shared);
        bytes.extend(name.as_bytes());
        bytes.extend(*content);
        directory.extend(b"PK\x01\x02");
        directory.extend(MADE_BY.to_le_bytes());
        directory.extend(&shared);
        // Length of the comment, number of the disk, internal attributes.
        directory.extend([0; 6]);
        directory.extend(MODE.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (offset, size) = (small(bytes.len())?, small(directory.len())?);
    small(bytes.len() + directory.len())?;
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(offset.to_le_bytes());
    bytes.extend([0; 2]);
    Ok(bytes)
}

/// All bits set mean "see the extension", which is not written.
fn small(length: usize) -> Result<u32, ZipError> {
    u32::try_from(length).ok().filter(|length| *length < u32::MAX).ok_or(ZipError::TooLarge)
}
