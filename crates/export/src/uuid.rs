//! UUIDs out of names (RFC 9562, section 5.5), so that the same review gives the same ids.
//!
//! STIX asks for version 5, which is made with SHA-1: as a way to number things it is sound, as a way to vouch for them it is
//! not, and nothing here uses it for that.

/// The namespace of everything that is named here; a number of our own.
const NAMESPACE: [u8; 16] =
    [0x4d, 0x1f, 0x0c, 0x3a, 0x8e, 0x57, 0x5b, 0x62, 0x9a, 0x41, 0x7c, 0x0d, 0x2e, 0x93, 0xb8, 0x16];

/// The UUID of a name within Vauban's own namespace.
pub(crate) fn named(name: &str) -> String {
    crate::tree::uuid_5(NAMESPACE, name)
}
