//! Texts of metadata: notes, licences, tokens - and scripts, or programs written in Base64.

use super::scan::{Kind, begins, scan};
use crate::encoded::base64;
use crate::{Defect, Input, Member};

/// Characters of Base64 that are worth decoding.
const LONG: usize = 48;
/// Characters of one text that are looked at.
const MOST: usize = 1 << 20;

/// What is hidden in the text `key`.
pub(super) fn hidden(input: &Input<'_>, key: &str, text: &str, members: &mut Vec<Member>) -> Vec<Defect> {
    let mut defects = Vec::new();
    let head = text.as_bytes().get(..MOST).unwrap_or(text.as_bytes());
    // Pickles of protocol 0 are texts.
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let plain = begins(head, start).filter(|found| matches!(found.kind, Kind::Script | Kind::Pickle));
    let plain = plain.or_else(|| scan(head).into_iter().find(|found| found.kind == Kind::Pickle));
    if let Some(found) = plain {
        defects.push(Defect::whole(found.kind.code(), format!("{} in the text `{key}`", found.what)));
        member(input, key, head.get(found.at..).unwrap_or_default(), members);
    }
    for run in runs(head) {
        let Some(content) = decode(run) else { continue };
        let Some(found) = begins(&content, 0) else { continue };
        let detail = format!("{} in the text `{key}`, written in Base64", found.what);
        defects.push(Defect::whole(found.kind.code(), detail));
        if found.kind != Kind::Executable {
            member(input, key, &content, members);
        }
        break;
    }
    defects
}

fn member(input: &Input<'_>, key: &str, content: &[u8], members: &mut Vec<Member>) {
    let parsed = crate::parse(&input.member(key, content));
    members.push(Member { name: key.to_owned(), size: content.len() as u64, parsed });
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
}

/// Stretches of Base64.
fn runs(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !is_base64(*byte) && *byte != b'\n' && *byte != b'=')
        .filter(|run| run.len() >= LONG)
        .take(64)
}

/// The bytes that a run of Base64 stands for.
fn decode(run: &[u8]) -> Option<Vec<u8>> {
    // What stands behind the padding is another text.
    let run = run.split(|byte| *byte == b'=').next()?;
    base64(run).filter(|bytes| bytes.len() >= LONG / 2)
}
