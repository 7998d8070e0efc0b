//! Unpacks a stream within the budget: size, ratio.

use std::io::Read;

use crate::Budget;

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inflated {
    /// The bytes, up to where it stopped.
    pub bytes: Vec<u8>,
    /// Defect code if it stopped early.
    pub stopped: Option<&'static str>,
    /// Why it stopped, for people.
    pub why: String,
}

/// Bytes from which on the ratio is looked at.
const RATIO_FROM: usize = 1 << 20;

/// Unpacks `data`.
pub(crate) fn unpack(codec: Codec, data: &[u8], budget: &Budget) -> Inflated {
    match codec {
        Codec::Bzip2 => inflate(bzip2::read::MultiBzDecoder::new(data), data.len(), budget),
        Codec::Gzip => inflate(flate2::read::MultiGzDecoder::new(data), data.len(), budget),
        Codec::Lz4 => inflate(lz4_flex::frame::FrameDecoder::new(data), data.len(), budget),
        Codec::Lzma => match lzma_rust2::LzmaReader::new_mem_limit(data, LZMA_KIB, None) {
            Ok(reader) => inflate(reader, data.len(), budget),
            Err(error) => refused(&error),
        },
        Codec::Xz => inflate(lzma_rust2::XzReader::new_mem_limit(data, true, LZMA_KIB), data.len(), budget),
        Codec::Zlib => inflate(flate2::read::ZlibDecoder::new(data), data.len(), budget),
        Codec::Zstd => match ruzstd::decoding::StreamingDecoder::new(data) {
            Ok(reader) => inflate(reader, data.len(), budget),
            Err(error) => refused(&error),
        },
    }
}

/// Kibibytes an LZMA dictionary may take; the strongest preset needs 65 MiB.
const LZMA_KIB: u32 = 128 << 10;

fn refused(error: &dyn std::fmt::Display) -> Inflated {
    Inflated {
        bytes: Vec::new(),
        stopped: Some("compression-broken"),
        why: format!("does not inflate: {error}"),
    }
}

/// Whether the beginning of a stream inflates to anything.
pub(super) fn tries(codec: Codec, head: &[u8]) -> bool {
    let mut first = [0_u8; 64];
    let read = match codec {
        Codec::Zlib => flate2::read::ZlibDecoder::new(head).read(&mut first),
        Codec::Lzma => match lzma_rust2::LzmaReader::new_mem_limit(head, LZMA_KIB, None) {
            Ok(mut reader) => reader.read(&mut first),
            Err(error) => Err(error),
        },
        _ => Ok(1),
    };
    read.is_ok_and(|read| read > 0)
}

/// Reads everything that comes out of `reader`, which was given `packed` bytes.
pub(crate) fn inflate(mut reader: impl Read, packed: usize, budget: &Budget) -> Inflated {
    let mut out = Inflated::default();
    let mut chunk = vec![0_u8; 1 << 16];
    let ratio = usize::try_from(budget.limits.inflate_ratio).unwrap_or(usize::MAX);
    let most = packed.saturating_mul(ratio).max(RATIO_FROM);
    loop {
        match reader.read(&mut chunk) {
            Ok(0) => break,
            Ok(_) if budget.is_stopped() => {
                out.stopped = Some("limit-time");
                out.why = "the time for the file was over before all was inflated".to_owned();
                break;
            }
            Ok(read) => {
                if !budget.inflate(read as u64) {
                    out.stopped = Some("limit-inflated");
                    out.why = format!("inflates beyond the bound of {} bytes", budget.most_inflated());
                    break;
                }
                out.bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
                if out.bytes.len() > most {
                    out.stopped = Some("limit-ratio");
                    out.why = format!("inflates to more than {ratio} times its size");
                    break;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => {
                out.stopped = Some("compression-broken");
                out.why = format!("does not inflate to its end: {error}");
                break;
            }
        }
    }
    out
}
