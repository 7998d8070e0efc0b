//! Numbers and texts in the three encodings of R's serialisation.

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Xdr,
    LittleEndian,
    Ascii,
}

/// A place in the bytes.
#[derive(Debug, Clone)]
pub(super) struct Source<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    encoding: Encoding,
}

impl<'a> Source<'a> {
    /// Behind the two bytes that say the encoding.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Option<Self> {
        let encoding = match bytes.get(at..at + 2)? {
            b"X\n" => Encoding::Xdr,
            b"B\n" => Encoding::LittleEndian,
            b"A\n" => Encoding::Ascii,
            _ => return None,
        };
        Some(Self { bytes, at: at + 2, encoding })
    }

    pub(super) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }

    fn word(&mut self) -> Option<&'a [u8]> {
        while self.bytes.get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|byte| !byte.is_ascii_whitespace()) {
            self.at += 1;
        }
        self.bytes.get(start..self.at)
    }

    pub(super) fn int(&mut self) -> Option<i32> {
        if self.encoding == Encoding::Ascii {
            let word = std::str::from_utf8(self.word()?).ok()?;
            return if word == "NA" { Some(i32::MIN) } else { word.parse().ok() };
        }
        let bytes = self.take(4)?.try_into().ok()?;
        Some(if self.encoding == Encoding::Xdr {
            i32::from_be_bytes(bytes)
        } else {
            i32::from_le_bytes(bytes)
        })
    }

    /// A double as text for people.
    pub(super) fn double(&mut self) -> Option<f64> {
        if self.encoding == Encoding::Ascii {
            return Some(std::str::from_utf8(self.word()?).ok()?.parse().unwrap_or(f64::NAN));
        }
        let bytes = self.take(8)?.try_into().ok()?;
        Some(if self.encoding == Encoding::Xdr {
            f64::from_be_bytes(bytes)
        } else {
            f64::from_le_bytes(bytes)
        })
    }

    /// Passes `count` numbers of `size` bytes.
    pub(super) fn skip(&mut self, count: usize, size: usize) -> Option<()> {
        if self.encoding == Encoding::Ascii {
            // A complex number is two words.
            let words = if size == 16 { count.checked_mul(2)? } else { count };
            for _ in 0..words {
                if self.word()?.is_empty() {
                    return None;
                }
            }
            return Some(());
        }
        self.take(count.checked_mul(size)?).map(|_| ())
    }

    /// Raw bytes; nothing where they are spelled out.
    pub(super) fn raw(&mut self, length: usize) -> Option<&'a [u8]> {
        if self.encoding == Encoding::Ascii {
            self.skip(length, 1)?;
            return Some(&[]);
        }
        self.take(length)
    }

    pub(super) fn text(&mut self, length: usize) -> Option<String> {
        if self.encoding != Encoding::Ascii {
            return Some(String::from_utf8_lossy(self.take(length)?).into_owned());
        }
        // An empty text may be the last thing in the file.
        if length == 0 {
            return Some(String::new());
        }
        // An empty text may be the last thing in the file.
        if length == 0 {
            return Some(String::new());
        }
        while self.bytes.get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        let mut text = Vec::new();
        for _ in 0..length {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            if byte != b'\\' {
                text.push(byte);
                continue;
            }
            let escape = *self.bytes.get(self.at)?;
            self.at += 1;
            text.push(match escape {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'0'..=b'7' => {
                    let mut code = u32::from(escape - b'0');
                    for _ in 0..2 {
                        match self.bytes.get(self.at) {
                            Some(digit @ b'0'..=b'7') => {
                                code = code * 8 + u32::from(digit - b'0');
                                self.at += 1;
                            }
                            _ => break,
                        }
                    }
                    code as u8
                }
                other => other,
            });
        }
        Some(String::from_utf8_lossy(&text).into_owned())
    }
}
