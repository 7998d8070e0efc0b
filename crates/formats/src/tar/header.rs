//! One block of 512 bytes: a header.
//!
//! Source: POSIX.1-2017 `pax`, section "ustar Interchange Format"; GNU tar manual, "Basic Tar Format".

/// Bytes of a block.
pub(super) const BLOCK: usize = 512;

/// A header as written.
#[derive(Debug, Clone, Default)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) link: String,
    pub(super) size: u64,
    pub(super) kind: u8,
    /// Unix mode.
    pub(super) mode: u64,
    /// Whether the checksum is right.
    pub(super) sound: bool,
    /// Whether it carries the magic of ustar or GNU tar.
    pub(super) ustar: bool,
    /// Whether a map of holes continues in blocks of its own.
    pub(super) extended: bool,
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// A number in octal digits, or in base 256 where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        let mut value = u64::from(field.first()? & 0x7f);
        for byte in field.get(1..)? {
            value = value.checked_mul(256)?.checked_add(u64::from(*byte))?;
        }
        return Some(value);
    }
    let text = text(field);
    let digits = text.trim_matches(' ');
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

impl Header {
    /// Reads a block; `None` if it is shorter than one.
    pub(super) fn read(block: &[u8]) -> Option<Self> {
        let field = |from: usize, to: usize| block.get(from..to);
        let stated = number(field(148, 156)?);
        let (mut unsigned, mut signed) = (0_u64, 0_i64);
        for (at, byte) in block.get(..BLOCK)?.iter().enumerate() {
            let byte = if (148..156).contains(&at) { b' ' } else { *byte };
            unsigned += u64::from(byte);
            signed += i64::from(byte as i8);
        }
        let ustar = field(257, 262)? == b"ustar";
        let mut name = text(field(0, 100)?);
        // GNU tar uses the field of the prefix for times.
        if ustar && field(262, 263)? != b" " {
            let prefix = text(field(345, 500)?);
            if !prefix.is_empty() {
                name = format!("{prefix}/{name}");
            }
        }
        Some(Self {
            name,
            link: text(field(157, 257)?),
            size: number(field(124, 136)?).unwrap_or(u64::MAX),
            kind: *block.get(156)?,
            mode: number(field(100, 108)?).unwrap_or(0),
            sound: stated == Some(unsigned)
                || stated.is_some_and(|stated| i64::try_from(stated) == Ok(signed)),
            ustar,
            extended: *block.get(482)? != 0,
        })
    }

    /// Whether a content follows.
    pub(super) fn has_content(&self) -> bool {
        !matches!(self.kind, b'1'..=b'6')
    }
}

/// Pairs of an extended header: `length key=value\n`.
pub(super) fn pax(content: &[u8]) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut rest = content;
    while let Some(space) = rest.iter().take(20).position(|byte| *byte == b' ') {
        let length: Option<usize> = rest
            .get(..space)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| digits.parse().ok());
        let Some(record) =
            length.filter(|length| *length > space).and_then(|length| rest.get(space + 1..length))
        else {
            break;
        };
        let text = String::from_utf8_lossy(record);
        if let Some((key, value)) = text.trim_end_matches('\n').split_once('=') {
            pairs.push((key.to_owned(), value.trim_end_matches('\0').to_owned()));
        }
        rest = rest.get(space + 1 + record.len()..).unwrap_or_default();
        if pairs.len() >= 10_000 {
            break;
        }
    }
    pairs
}
