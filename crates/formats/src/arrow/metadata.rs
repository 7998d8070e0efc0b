//! Values of metadata that are files of their own: pickles, objects of R, schemas.

use crate::{Input, Member};

/// Shortest value that is looked into.
const SHORTEST: usize = 8;
/// Formats that have no business in metadata and are worth a look there.
const TOLD: &[&str] =
    &["arrow", "compressed", "executable", "java", "marshal", "pickle", "rdata", "tar", "zip"];

/// The value as a member, if it is such a file, plain or in Base64.
pub(crate) fn value(input: &Input<'_>, key: &str, value: &[u8]) -> Option<Member> {
    if value.len() < SHORTEST {
        return None;
    }
    look(input, key, value).or_else(|| {
        let text = std::str::from_utf8(value).ok()?;
        look(input, key, &crate::encoded::base64(text.as_bytes())?)
    })
}

fn look(input: &Input<'_>, key: &str, bytes: &[u8]) -> Option<Member> {
    let name = if key.is_empty() { "metadata" } else { key };
    let parsed = crate::parse(&input.member(name, bytes));
    let told = TOLD.contains(&parsed.format) && !bytes.is_empty();
    told.then(|| Member { name: name.to_owned(), size: bytes.len() as u64, parsed })
}
