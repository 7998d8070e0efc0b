//! The envelope around a statement (DSSE, version 1).

use serde::{Deserialize, Serialize};

use super::{PAYLOAD_TYPE, PublicKey, SigningKey};
use crate::base64;

/// Bytes of one line, at most.
const MAXIMUM: usize = 64 * 1024;

/// A signed statement as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The exact bytes that were signed.
    pub(super) payload: Vec<u8>,
    /// What the envelope calls the key: a hint, which nothing signs.
    pub(super) key: String,
    signature: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    payload_type: String,
    payload: String,
    signatures: Vec<Signature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    keyid: String,
    sig: String,
}

impl Envelope {
    /// Signs `payload`.
    pub(super) fn seal(payload: Vec<u8>, key: &SigningKey) -> Self {
        let signature = key.sign(&encoded(&payload));
        Self { payload, key: key.public().id(), signature }
    }

    /// One line of compact JSON, without its line feed.
    ///
    /// # Errors
    /// Never for these types; the signature is `serde_json`'s.
    pub(super) fn to_line(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Written {
            payload_type: PAYLOAD_TYPE.to_owned(),
            payload: base64::encode(&self.payload),
            signatures: vec![Signature { keyid: self.key.clone(), sig: base64::encode(&self.signature) }],
        })
    }

    /// Reads one line. Standard Base64 with padding only, one signature only, no other keys: one file for one content.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        if line.len() > MAXIMUM {
            return Err(format!("it has {} bytes, and no envelope has more than {MAXIMUM}", line.len()));
        }
        let written: Written =
            serde_json::from_str(line).map_err(|error| format!("no DSSE envelope: {error}"))?;
        if written.payload_type != PAYLOAD_TYPE {
            return Err(format!("its payload type is `{}`, not `{PAYLOAD_TYPE}`", written.payload_type));
        }
        let count = written.signatures.len();
        let Ok([signature]) = <[Signature; 1]>::try_from(written.signatures) else {
            return Err(format!("it has {count} signatures, and a sign-off has one"));
        };
        let decode = |what: &str, text: &str| {
            base64::decode(text).ok_or_else(|| format!("its {what} is not standard Base64"))
        };
        Ok(Self {
            payload: decode("payload", &written.payload)?,
            key: signature.keyid,
            signature: decode("signature", &signature.sig)?,
        })
    }

    /// Whether `key` signed it.
    pub(super) fn verifies(&self, key: &PublicKey) -> bool {
        key.verifies(&encoded(&self.payload), &self.signature)
    }
}

/// What the signature is over: DSSE's pre-authentication encoding, `DSSEv1 LENGTH TYPE LENGTH PAYLOAD`.
fn encoded(payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}
