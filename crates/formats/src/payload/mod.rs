//! What travels along in a model file without belonging to it: programs, scripts, archives and pickles in padding,
//! behind the end, between and inside tensors, in texts of the metadata.
//!
//! Found means verified: a header that holds together, a stream that inflates, a pickle that can be walked to a call.
//! Two letters of magic occur in every heap of weights. What is found is a defect `hidden-...`, and a member when it can
//! be parsed.

mod layout;
mod opcodes;
mod scan;
mod texts;

pub(crate) use scan::{Found, Kind, is_prose, prose, scan, starts};

use crate::weights::{self, Element};
use crate::{Defect, Input, Member, Parsed};

/// Bytes of one stretch that are searched at each of its ends.
const STRETCH: usize = 4 << 20;

/// Everything hidden in `bytes`, which begin at `offset`; `place` says where that is, for people.
pub(crate) fn hidden(bytes: &[u8], offset: u64, place: &str) -> Vec<Defect> {
    let tell = |found: scan::Found| {
        let at = offset + found.at as u64;
        Defect::at(found.kind.code(), at, format!("{} in {place}, {at} bytes in", found.what))
    };
    scan(bytes).into_iter().map(tell).collect()
}

/// Searches a stretch that should hold nothing, and parses what it holds into `members`.
pub(crate) fn region(
    input: &Input<'_>,
    offset: u64,
    bytes: &[u8],
    place: &str,
    members: &mut Vec<Member>,
) -> Vec<Defect> {
    let mut defects = Vec::new();
    let head = bytes.get(..STRETCH).unwrap_or(bytes);
    let tail = bytes.len().saturating_sub(STRETCH).max(head.len());
    for (start, part) in [(0, head), (tail, bytes.get(tail..).unwrap_or_default())] {
        if part.is_empty() || !input.budget.sample(part.len() as u64) {
            continue;
        }
        for found in scan(part) {
            // Any file may hold anything; but a pickle that ends where the file ends is meant to be loaded.
            let ends = found.length.is_some_and(|length| found.at + length == part.len());
            if place == layout::TAIL_OF_ANYTHING && !(found.kind == Kind::Pickle && ends) {
                continue;
            }
            let at = start + found.at;
            let name = format!("{place}@{}", offset + at as u64);
            let detail = format!("{} {place}", article(found.what));
            defects.push(Defect::at(found.kind.code(), offset + at as u64, detail));
            if matches!(found.kind, Kind::Archive | Kind::Pickle | Kind::Script) && members.len() < 100_000 {
                let end = found
                    .length
                    .filter(|_| found.kind == Kind::Pickle)
                    .map_or(bytes.len(), |length| at + length);
                let content = bytes.get(at..end.min(bytes.len())).unwrap_or_default();
                let mut parsed = crate::parse(&input.member(&name, content));
                // Whatever follows is no fault of what was found.
                parsed.defects.retain(|defect| defect.is_limit());
                members.push(Member { name, size: content.len() as u64, parsed });
            }
        }
        if defects.is_empty()
            && ![layout::COMMENT, layout::ELSEWHERE, layout::TAIL_OF_ANYTHING].contains(&place)
            && let Some(at) = prose(part, 256)
        {
            let detail = format!("text {place}");
            defects.push(Defect::at("hidden-text", offset + (start + at) as u64, detail));
            let name = format!("{place}@{}.py", offset + (start + at) as u64);
            let content = part.get(at..).unwrap_or_default();
            let end = content.iter().position(|byte| *byte == 0).unwrap_or(content.len());
            let content = content.get(..end).unwrap_or(content);
            let parsed = crate::parse(&input.member(&name, content));
            if parsed.format != "python" || parsed.defects.is_empty() {
                members.push(Member { name, size: content.len() as u64, parsed });
            }
        }
    }
    defects
}

fn article(what: &str) -> String {
    if what.starts_with("a ") || what.starts_with("an ") {
        what.to_owned()
    } else {
        format!("a program ({what})")
    }
}

/// Looks at what the format's own parser has no reason to look at: free bytes, tensors, texts.
pub(crate) fn look(input: &Input<'_>, parsed: &mut Parsed) {
    let layout = layout::layout(input, parsed);
    let mut defects = Vec::new();
    for free in &layout.free {
        let Some(bytes) = slice(input.bytes, free.from, free.to) else { continue };
        defects.extend(region(input, free.from, bytes, free.place, &mut parsed.members));
    }
    for (key, text) in &layout.texts {
        defects.extend(texts::hidden(input, key, text, &mut parsed.members));
    }
    let mut pickles = Vec::new();
    let statistics = weights::look(input.bytes, &layout.tensors, input.budget, &mut |tensor, at, found| {
        // Some libraries keep their state as a pickle in a tensor of bytes: what it does is told, not that it is there.
        if tensor.element == Element::Byte && found.kind == Kind::Pickle {
            pickles.extend((pickles.len() < 64).then(|| (tensor.name.clone(), at, found.length)));
        } else if defects.len() < 64 {
            let detail = format!("{} in the values of `{}`", article(found.what), tensor.name);
            defects.push(Defect::at(found.kind.code(), at, detail));
        }
    });
    for (name, at, length) in pickles {
        let end = at.saturating_add(length.unwrap_or(0) as u64).min(input.bytes.len() as u64);
        let Some(content) = slice(input.bytes, at, end) else { continue };
        let inner = crate::parse(&input.member(&name, content));
        parsed.members.push(Member { name, size: content.len() as u64, parsed: inner });
    }
    parsed.defects.extend(statistics);
    for defect in defects {
        if !parsed.defects.contains(&defect) {
            parsed.defects.push(defect);
        }
    }
}

fn slice(bytes: &[u8], from: u64, to: u64) -> Option<&[u8]> {
    bytes.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?).filter(|slice| !slice.is_empty())
}
