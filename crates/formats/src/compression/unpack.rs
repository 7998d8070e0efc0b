//! Decoders of whole streams, and unpacking into memory within the budget.

use std::io::Read;

use super::metered::Metered;
use crate::{Budget, Held};

/// Compression of a whole stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// bzip2.
    Bzip2,
    /// gzip, one or several members.
    Gzip,
    /// LZ4 frames.
    Lz4,
    /// LZMA alone.
    Lzma,
    /// XZ.
    Xz,
    /// zlib.
    Zlib,
    /// Zstandard.
    Zstd,
}

impl Codec {
    /// Its usual lower-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bzip2 => "bzip2",
            Self::Gzip => "gzip",
            Self::Lz4 => "lz4",
            Self::Lzma => "lzma",
            Self::Xz => "xz",
            Self::Zlib => "zlib",
            Self::Zstd => "zstd",
        }
    }
}

/// What came out of a stream.
#[derive(Debug, Default)]
pub struct Inflated {
    /// The bytes, up to where it stopped.
    pub bytes: Vec<u8>,
    /// Defect code if it stopped early.
    pub stopped: Option<&'static str>,
    /// Why it stopped, for people.
    pub why: String,
    /// Their share of the memory, until this is dropped.
    pub held: Held,
}

/// Kibibytes an LZMA dictionary may take; the strongest preset needs 65 MiB.
const LZMA_KIB: u32 = 80 << 10;

/// The decoder of a stream.
///
/// # Errors
/// Why the stream's header is refused.
pub(crate) fn decoder<'a>(codec: Codec, data: &'a [u8]) -> Result<Box<dyn Read + 'a>, String> {
    Ok(match codec {
        Codec::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(data)),
        Codec::Gzip => Box::new(flate2::read::MultiGzDecoder::new(data)),
        Codec::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(data)),
        Codec::Lzma => Box::new(
            lzma_rust2::LzmaReader::new_mem_limit(data, LZMA_KIB, None).map_err(|error| error.to_string())?,
        ),
        Codec::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(data, true, LZMA_KIB)),
        Codec::Zlib => Box::new(flate2::read::ZlibDecoder::new(data)),
        Codec::Zstd => {
            // The decoder keeps a window as large as the stream asks for.
            let window = zstd_window(data).unwrap_or(0);
            if window > ZSTD_WINDOW {
                return Err(format!("it asks for a window of {window} bytes"));
            }
            Box::new(Frames::new(data)?)
        }
    })
}

/// Bytes of window a Zstandard stream may ask for; its highest ordinary level needs 8 MiB, `--long` 128 MiB.
const ZSTD_WINDOW: u64 = 128 << 20;

/// The window that the first frame asks for, RFC 8878, section 3.1.1.1.
fn zstd_window(data: &[u8]) -> Option<u64> {
    let descriptor = *data.get(4)?;
    if descriptor & 0x20 != 0 {
        return None;
    }
    let window = *data.get(5)?;
    let base = 1_u64.checked_shl(u32::from(window >> 3) + 10)?;
    Some(base + base / 8 * u64::from(window & 7))
}

/// Zstandard frames one after another, skippable ones among them.
struct Frames<'a> {
    rest: &'a [u8],
    frame: Option<Box<ruzstd::decoding::StreamingDecoder<&'a [u8], ruzstd::decoding::FrameDecoder>>>,
}

impl<'a> Frames<'a> {
    fn new(data: &'a [u8]) -> Result<Self, String> {
        let frame = ruzstd::decoding::StreamingDecoder::new(data).map_err(|error| error.to_string())?;
        Ok(Self { rest: &[], frame: Some(Box::new(frame)) })
    }
}

impl Read for Frames<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        while let Some(frame) = &mut self.frame {
            let read = frame.read(out)?;
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            self.rest = self.frame.take().map_or(self.rest, |frame| frame.into_inner());
            if let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..] = self.rest {
                let length = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
                self.rest = self.rest.get(8_usize.saturating_add(length)..).unwrap_or_default();
            }
            if self.rest.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
                && zstd_window(self.rest).unwrap_or(0) <= ZSTD_WINDOW
            {
                let next =
                    ruzstd::decoding::StreamingDecoder::new(self.rest).map_err(std::io::Error::other)?;
                self.frame = Some(Box::new(next));
            }
        }
        Ok(0)
    }
}

/// Whether the beginning of a stream inflates to anything.
pub(super) fn tries(codec: Codec, head: &[u8]) -> bool {
    let mut first = [0_u8; 64];
    decoder(codec, head).is_ok_and(|mut reader| reader.read(&mut first).is_ok_and(|read| read > 0))
}

/// Reads what comes out of `reader`, which was given `packed` bytes, as much as memory may hold.
pub(crate) fn inflate(reader: impl Read, packed: usize, budget: &Budget) -> Inflated {
    let mut metered = Metered::new(reader, packed, budget);
    let (bytes, held, cut) = metered.fill(Vec::new(), 0);
    let mut stopped = metered.stopped.take();
    if cut && stopped.is_none() {
        stopped = Some(("limit-held", format!("only its first {} bytes were looked at", bytes.len())));
    } else if stopped.is_none() && metered.is_bomb() {
        stopped = Some(("limit-ratio", metered.ratio()));
    }
    let (stopped, why) = stopped.map_or((None, String::new()), |(code, why)| (Some(code), why));
    Inflated { bytes, stopped, why, held }
}

/// Where a zlib stream ends, if it does and is small; decoders of it do not say that something follows.
pub(super) fn end(codec: Codec, data: &[u8]) -> Option<usize> {
    const SMALL: usize = 4 << 20;
    if codec != Codec::Zlib || data.len() > SMALL {
        return None;
    }
    let mut reader = flate2::bufread::ZlibDecoder::new(data);
    std::io::copy(&mut reader.by_ref().take(64 << 20), &mut std::io::sink()).ok()?;
    usize::try_from(reader.total_in()).ok()
}
