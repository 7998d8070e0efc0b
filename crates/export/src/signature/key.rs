//! Key pairs: Ed25519 in the files that OpenSSL, OpenSSH converters and Python read.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::sha256;
use crate::base64;

/// What stands before the 32 bytes of a private key in PKCS#8, version 1 (RFC 8410, section 7).
const PRIVATE_PREFIX: [u8; 16] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
/// What stands before the 32 bytes of a public key in a SubjectPublicKeyInfo (RFC 8410, section 4).
const PUBLIC_PREFIX: [u8; 12] = *b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
/// Bytes of a key file, at most: an Ed25519 key takes about a hundred.
const MAXIMUM: usize = 16 * 1024;

/// Why a file is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No PEM of the kind that was asked for.
    #[error("it is no PEM file with a `{0}`; make a pair with `vauban sign keygen`")]
    NoPem(&'static str),
    /// PEM, but of something else.
    #[error("its `{0}` is no unencrypted Ed25519 key; make a pair with `vauban sign keygen`")]
    NotEd25519(&'static str),
}

/// A private key.
#[derive(Debug)]
pub struct SigningKey(Ed25519KeyPair);

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

impl SigningKey {
    /// The key pair of 32 bytes that nobody else knows.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        // Refused for another length only.
        match Ed25519KeyPair::from_seed_unchecked(seed) {
            Ok(pair) => Self(pair),
            Err(error) => unreachable!("32 bytes are a seed: {error}"),
        }
    }

    /// The private key of `seed` as a PEM file (PKCS#8, version 1).
    pub fn seed_to_pem(seed: &[u8; 32]) -> String {
        pem("PRIVATE KEY", &[&PRIVATE_PREFIX[..], seed].concat())
    }

    /// Reads a PEM file with a private key (PKCS#8, version 1 or 2, not encrypted).
    ///
    /// # Errors
    /// [`KeyError`] when it is something else.
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        const LABEL: &str = "PRIVATE KEY";
        let der = from_pem(text, LABEL)?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map(Self).map_err(|_| KeyError::NotEd25519(LABEL))
    }

    /// The half that may be known.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(self.0.public_key().as_ref()) {
            *to = *from;
        }
        PublicKey(bytes)
    }

    /// Signs bytes; the same key and bytes give the same signature.
    pub(super) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.sign(bytes).as_ref().to_vec()
    }
}

impl PublicKey {
    /// Reads a PEM file with a public key (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// [`KeyError`] when it is something else.
    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        const LABEL: &str = "PUBLIC KEY";
        let der = from_pem(text, LABEL)?;
        let bytes = der.strip_prefix(&PUBLIC_PREFIX).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(Self).ok_or(KeyError::NotEd25519(LABEL))
    }

    /// The key as a PEM file (SubjectPublicKeyInfo).
    pub fn to_pem(&self) -> String {
        pem("PUBLIC KEY", &self.der())
    }

    /// What signatures call the key: SHA-256 of its SubjectPublicKeyInfo in DER, `sha256:` and 64 digits.
    pub fn id(&self) -> String {
        format!("sha256:{}", sha256(&self.der()))
    }

    fn der(&self) -> Vec<u8> {
        [&PUBLIC_PREFIX[..], &self.0].concat()
    }

    /// Whether `signature` is this key's over `bytes`.
    pub(super) fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(bytes, signature).is_ok()
    }
}

/// Wraps DER as RFC 7468 does. Both kinds of key fit one line of 64 letters.
fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64::encode(der))
}

/// The DER of the first block with this label.
fn from_pem(text: &[u8], label: &'static str) -> Result<Vec<u8>, KeyError> {
    let missing = || KeyError::NoPem(label);
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= MAXIMUM).ok_or_else(missing)?;
    let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----")).ok_or_else(missing)?;
    let (body, _) = rest.split_once(&format!("-----END {label}-----")).ok_or_else(missing)?;
    let letters: String = body.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    base64::decode(&letters).ok_or_else(missing)
}
