//! The content of one member, inflated within the budget.

use super::Entry;
use crate::{Budget, Defect};

/// The content of a member.
#[derive(Debug, Clone)]
pub struct Content<'a> {
    bytes: std::borrow::Cow<'a, [u8]>,
    /// What was wrong with it: shorter than stated, cut by a bound.
    pub defect: Option<Defect>,
}

impl Content<'_> {
    /// The bytes, inflated.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The content of `entry` in the archive `bytes`; stored members are borrowed.
///
/// # Errors
/// A defect that says why there is no content: encrypted, unknown method, past the end, inflates beyond bounds.
pub fn content<'a>(bytes: &'a [u8], entry: &Entry, budget: &Budget) -> Result<Content<'a>, Defect> {
    let wrong =
        |code, detail: &str| Defect::at(code, entry.data_offset, format!("`{}`: {detail}", entry.name));
    if entry.is_encrypted() {
        // Loaders that ignore the flag read the bytes as they are.
        return Err(wrong("limit-encrypted", "is encrypted, so nobody looked into it"));
    }
    let (start, end) = entry.span(bytes.len());
    let data = bytes.get(start..end).unwrap_or_default();
    let short = entry.compressed > data.len() as u64;
    let defect = short.then(|| wrong("zip-data-past-end", "its data ends after the file"));
    let inflated = match entry.method {
        0 => return Ok(Content { bytes: data.into(), defect }),
        8 => crate::compression::inflate(flate2::read::DeflateDecoder::new(data), data.len(), budget),
        9 => return Err(wrong("limit-method", "deflate64 is not read")),
        12 => crate::compression::inflate(bzip2::read::BzDecoder::new(data), data.len(), budget),
        93 => crate::compression::unpack(crate::compression::Codec::Zstd, data, budget),
        95 => crate::compression::unpack(crate::compression::Codec::Xz, data, budget),
        method => return Err(wrong("limit-method", &format!("compression method {method} is not read"))),
    };
    let mut defect = defect;
    if let Some(code) = inflated.stopped {
        defect = Some(wrong(code, &inflated.why));
    } else if entry.listed && inflated.bytes.len() as u64 != entry.size {
        let detail = format!("inflates to {} bytes, {} are stated", inflated.bytes.len(), entry.size);
        defect = Some(wrong("zip-sizes-differ", &detail));
    }
    let mut crc = flate2::Crc::new();
    crc.update(&inflated.bytes);
    if defect.is_none() && entry.listed && crc.sum() != entry.crc {
        defect = Some(wrong("zip-crc", "its checksum is wrong: some loaders refuse it, some do not look"));
    }
    Ok(Content { bytes: inflated.bytes.into(), defect })
}
