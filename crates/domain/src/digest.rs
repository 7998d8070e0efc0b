//! Content digests.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// Digest of an asset's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Digest {
    /// SHA-256 (FIPS 180-4): what registries, lock files and manifests record.
    Sha256([u8; 32]),
    /// BLAKE3 with 256 bits: faster on large files, recorded by nobody else.
    Blake3([u8; 32]),
}

impl Digest {
    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self::Sha256(Sha256::digest(bytes).into())
    }

    /// Sixty-four lower-case hexadecimal digits.
    pub fn hex(&self) -> String {
        hex(self.bytes())
    }

    /// Reads what [`Digest::hex`] or `Display` wrote; digits alone are SHA-256.
    pub fn parse(text: &str) -> Option<Self> {
        let (make, hex): (fn([u8; 32]) -> Self, &str) = match text.strip_prefix("blake3:") {
            Some(hex) => (Self::Blake3, hex),
            None => (Self::Sha256, text.strip_prefix("sha256:").unwrap_or(text)),
        };
        if hex.len() != 64 || !hex.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(make(bytes))
    }

    /// The algorithm, as written before the colon.
    pub const fn algorithm(&self) -> &'static str {
        match self {
            Self::Sha256(_) => "sha256",
            Self::Blake3(_) => "blake3",
        }
    }

    /// The 256 bits.
    pub const fn bytes(&self) -> &[u8; 32] {
        match self {
            Self::Sha256(bytes) | Self::Blake3(bytes) => bytes,
        }
    }
}

/// Two lower-case hexadecimal digits for every byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| DIGITS.get(usize::from(digit))).map(|digit| char::from(*digit)).collect()
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm(), self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
