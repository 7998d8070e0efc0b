//! Signatures of reviews: who looked at which document, in which role, and what they decided.
//!
//! A sign-off is an in-toto statement (v1) about one document in a DSSE envelope (v1), signed with Ed25519 (RFC 8032).
//! Envelopes stand one to a line beside the document, oldest first, and each names the SHA-256 of the statement before
//! it. Nothing is written anew when it is verified: the document's digest is of its exact bytes, the signature is over
//! the exact bytes of the statement, and the link is the digest of those.

mod chain;
mod envelope;
mod key;
mod sign_off;
mod statement;
#[cfg(test)]
mod tests;
mod verify;

pub use chain::{Chain, ChainError, MAXIMUM_BYTES};
pub use key::{KeyError, PublicKey, SigningKey};
pub use sign_off::{RoleSignOff, Standing, SystemSignOff};
pub use statement::{Decision, ROLES, Statement};
pub use verify::{Entry, Problem, TrustedReviewer, Verification, verify};

/// The media type of the statement, which the signature covers (DSSE, `payloadType`).
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The type of an in-toto statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The type of what our statements say of a document.
pub const PREDICATE_TYPE: &str = "https://github.com/vauban-security/vauban/sign-off/v1";

/// SHA-256 of `bytes` in lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    vauban_domain::Digest::of(bytes).hex()
}
